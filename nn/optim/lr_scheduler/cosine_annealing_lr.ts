/**
 * The rate along a half cosine: `etaMin + (base - etaMin) (1 + cos(π t / TMax)) / 2` at step t, and up again after `TMax`.
 * Loshchilov and Hutter, "SGDR" (2016), without its restarts.
 *
 * @module
 */
import { LRScheduler, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { NUMBER, required, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode CosineAnnealingLR}. */
export interface CosineAnnealingLROptions {
  /** Steps until the rate is lowest: PyTorch's `T_max`. */
  TMax: number;
  /** The lowest rate, 0 unless given. */
  etaMin?: number;
}

const takes = signature<CosineAnnealingLROptions>("make CosineAnnealingLR", { optimizer: SCHEDULABLE }, {
  TMax: required(whole(1)),
  etaMin: NUMBER,
});

/**
 * Lowers the rate along a half cosine.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new optim.lrScheduler.CosineAnnealingLR(opt, { TMax: 4 });
 * schedule.step();
 * schedule.step();
 * assertAlmostEquals(opt.paramGroups[0].lr, 0.5);
 * ```
 */
export class CosineAnnealingLR extends LRScheduler<CosineAnnealingLROptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options How long, and how far.
   * @throws {RangeError} If `TMax` is not a whole number from 1 up.
   */
  constructor(optimizer: Schedulable, options: CosineAnnealingLROptions) {
    takes(arguments);
    super(optimizer, options);
  }

  /** Refuses options that the schedule cannot have. */
  protected override check(options: CosineAnnealingLROptions): void {
    takes([this.optimizer, options]);
  }

  /** The rate of a step. */
  protected override rate(lr: number, base: number, epoch: number): number {
    const { TMax, etaMin = 0 } = this.options;
    const height = (t: number) => 1 + Math.cos(Math.PI * t / TMax);
    if (epoch === 0) return lr;
    if ((epoch - 1 - TMax) % (2 * TMax) === 0) { // from the lowest point, whose height is 0
      return lr + (base - etaMin) * (1 - Math.cos(Math.PI / TMax)) / 2;
    }
    return height(epoch) / height(epoch - 1) * (lr - etaMin) + etaMin;
  }
}
