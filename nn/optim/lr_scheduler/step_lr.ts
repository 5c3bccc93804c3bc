/**
 * The rate times `gamma` every `stepSize` steps.
 *
 * @module
 */
import { LRScheduler, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { NUMBER, required, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode StepLR}. */
export interface StepLROptions {
  /** Steps between two changes. */
  stepSize: number;
  /** Factor of each change, 0.1 unless given. */
  gamma?: number;
}

const takes = signature<StepLROptions>("make StepLR", { optimizer: SCHEDULABLE }, {
  stepSize: required(whole(1)),
  gamma: NUMBER,
});

/**
 * Multiplies the rate by `gamma` every `stepSize` steps.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 0.5 });
 * const schedule = new optim.lrScheduler.StepLR(opt, { stepSize: 2, gamma: 0.5 });
 * const rates = [];
 * for (let epoch = 0; epoch < 5; epoch++) {
 *   rates.push(opt.paramGroups[0].lr);
 *   schedule.step();
 * }
 * assertEquals(rates, [0.5, 0.5, 0.25, 0.25, 0.125]);
 * ```
 */
export class StepLR extends LRScheduler<StepLROptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options How often, and by how much.
   * @throws {RangeError} If `stepSize` is not a whole number from 1 up.
   */
  constructor(optimizer: Schedulable, options: StepLROptions) {
    takes(arguments);
    super(optimizer, options);
  }

  /** Refuses options that the schedule cannot have. */
  protected override check(options: StepLROptions): void {
    takes([this.optimizer, options]);
  }

  /** The rate of a step. */
  protected override rate(lr: number, _base: number, epoch: number): number {
    const { stepSize, gamma = 0.1 } = this.options;
    return epoch > 0 && epoch % stepSize === 0 ? lr * gamma : lr;
  }
}
