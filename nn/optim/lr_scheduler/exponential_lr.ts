/**
 * The rate times `gamma` every step.
 *
 * @module
 */
import { LRScheduler, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { NUMBER, required } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode ExponentialLR}. */
export interface ExponentialLROptions {
  /** Factor of each step. */
  gamma: number;
}

const takes = signature<ExponentialLROptions>("make ExponentialLR", { optimizer: SCHEDULABLE }, {
  gamma: required(NUMBER),
});

/**
 * Multiplies the rate by `gamma` every step.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new optim.lrScheduler.ExponentialLR(opt, { gamma: 0.5 });
 * schedule.step();
 * schedule.step();
 * assertEquals(schedule.getLastLr(), [0.25]);
 * ```
 */
export class ExponentialLR extends LRScheduler<ExponentialLROptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options By how much.
   */
  constructor(optimizer: Schedulable, options: ExponentialLROptions) {
    takes(arguments);
    super(optimizer, options);
  }

  /** Refuses options that the schedule cannot have. */
  protected override check(options: ExponentialLROptions): void {
    takes([this.optimizer, options]);
  }

  /** The rate of a step. */
  protected override rate(lr: number, _base: number, epoch: number): number {
    return epoch > 0 ? lr * this.options.gamma : lr;
  }
}
