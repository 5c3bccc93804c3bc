/**
 * A rate that goes over to the one at which weights are averaged, and stays there.
 *
 * @module
 */
import { forGroups, LRScheduler, PER_GROUP, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { oneOf, required, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode SWALR}. */
export interface SWALROptions {
  /** The rate in the end; one for all groups, or one for each. */
  swaLr: number | readonly number[];
  /** Steps until then, 10 unless given. */
  annealEpochs?: number;
  /** Whether the rate goes there along a cosine, unless given, or a straight line. */
  annealStrategy?: "cos" | "linear";
}

const takes = signature<SWALROptions>("make SWALR", { optimizer: SCHEDULABLE }, {
  swaLr: required(PER_GROUP),
  annealEpochs: whole(0),
  annealStrategy: oneOf("cos", "linear"),
});

/**
 * Takes the rate over to that at which weights are averaged, and keeps it there.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new optim.swaUtils.SWALR(opt, { swaLr: 0.5, annealEpochs: 2, annealStrategy: "linear" });
 * const rates = [1, 2, 3].map(() => (schedule.step(), opt.paramGroups[0].lr));
 * assertEquals(rates, [0.75, 0.5, 0.5]);
 * ```
 */
export class SWALR extends LRScheduler<SWALROptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options The rate in the end, and how it gets there.
   * @throws {RangeError} If there are several rates but not as many as groups.
   */
  constructor(optimizer: Schedulable, options: SWALROptions) {
    takes(arguments);
    forGroups("SWALR", "swaLr", optimizer, options.swaLr);
    super(optimizer, options);
  }

  /** Refuses options that the schedule cannot have. */
  protected override check(options: SWALROptions): void {
    takes([this.optimizer, options]);
  }

  /** The rate of a step. */
  protected override rate(lr: number, _base: number, epoch: number, group: number): number {
    const { swaLr, annealEpochs = 10, annealStrategy = "cos" } = this.options;
    const end = typeof swaLr === "number" ? swaLr : swaLr[group]!,
      step = annealEpochs === 0 ? Math.max(1, epoch) : epoch;
    const share = (t: number) => {
      const at = Math.max(0, Math.min(1, t / Math.max(1, annealEpochs)));
      return annealStrategy === "linear" ? at : (1 - Math.cos(Math.PI * at)) / 2;
    };
    const before = share(step - 1), now = share(step);
    const start = before === 1 ? end : (lr - before * end) / (1 - before);
    return end * now + start * (1 - now);
  }
}
