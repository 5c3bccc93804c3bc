/**
 * The rate times `factor` for the first `totalIters` steps.
 *
 * @module
 */
import { checkFactor, LRScheduler, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { NUMBER, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode ConstantLR}. */
export interface ConstantLROptions {
  /** What the rate is multiplied by at first, 1/3 unless given. */
  factor?: number;
  /** For how many steps, 5 unless given. */
  totalIters?: number;
}

const takes = signature<ConstantLROptions>("make ConstantLR", { optimizer: SCHEDULABLE }, {
  factor: NUMBER,
  totalIters: whole(0),
});

/**
 * Holds the rate down for some steps.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new optim.lrScheduler.ConstantLR(opt, { factor: 0.5, totalIters: 2 });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   rates.push(opt.paramGroups[0].lr);
 *   schedule.step();
 * }
 * assertEquals(rates, [0.5, 0.5, 1, 1]);
 * ```
 */
export class ConstantLR extends LRScheduler<ConstantLROptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options How far down, and for how long.
   * @throws {RangeError} If `factor` is not above 0 and at most 1, or `totalIters` not a whole number.
   */
  constructor(optimizer: Schedulable, options: ConstantLROptions = {}) {
    takes(arguments);
    const { factor = 1 / 3 } = options;
    checkFactor("ConstantLR", "factor", factor);
    super(optimizer, options);
  }

  /** Refuses options that the schedule cannot have. */
  protected override check(options: ConstantLROptions): void {
    takes([this.optimizer, options]);
    const { factor = 1 / 3 } = options;
    checkFactor("ConstantLR", "factor", factor);
  }

  /** The rate of a step. */
  protected override rate(lr: number, _base: number, epoch: number): number {
    const { factor = 1 / 3, totalIters = 5 } = this.options;
    if (epoch === 0) return lr * factor;
    return epoch === totalIters ? lr * (1 / factor) : lr;
  }
}
