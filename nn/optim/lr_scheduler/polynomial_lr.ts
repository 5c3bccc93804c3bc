/**
 * A rate that falls to 0 as a power of the steps that are left.
 *
 * @module
 */
import { LRScheduler, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { FINITE, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode PolynomialLR}. */
export interface PolynomialLROptions {
  /** Steps until it is 0, 5 unless given. */
  totalIters?: number;
  /** The power, 1 unless given. */
  power?: number;
}

const takes = signature<PolynomialLROptions>("make PolynomialLR", { optimizer: SCHEDULABLE }, {
  totalIters: whole(1),
  power: FINITE,
});

/**
 * Lowers the rate to 0 over some steps: `lr (1 - t / totalIters)^power`.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new optim.lrScheduler.PolynomialLR(opt, { totalIters: 4, power: 2 });
 * schedule.step();
 * assertEquals(opt.paramGroups[0].lr, 0.5625);
 * ```
 */
export class PolynomialLR extends LRScheduler<PolynomialLROptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options When, and by how much.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(optimizer: Schedulable, options: PolynomialLROptions = {}) {
    takes(arguments);
    super(optimizer, options);
  }

  /** Refuses options that the schedule cannot have. */
  protected override check(options: PolynomialLROptions): void {
    takes([this.optimizer, options]);
  }

  /** The rate of a step. */
  protected override rate(lr: number, _base: number, epoch: number): number {
    const { totalIters = 5, power = 1 } = this.options;
    if (epoch === 0 || epoch > totalIters) return lr;
    return lr * ((1 - epoch / totalIters) / (1 - (epoch - 1) / totalIters)) ** power;
  }
}
