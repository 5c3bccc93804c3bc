/**
 * The rate times a factor that goes from `startFactor` to `endFactor` in `totalIters` steps.
 *
 * @module
 */
import { checkFactor, LRScheduler, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { NUMBER, numberFrom, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode LinearLR}. */
export interface LinearLROptions {
  /** The first factor, 1/3 unless given. */
  startFactor?: number;
  /** The last factor, 1 unless given. */
  endFactor?: number;
  /** Steps from the first to the last, 5 unless given. */
  totalIters?: number;
}

const takes = signature<LinearLROptions>("make LinearLR", { optimizer: SCHEDULABLE }, {
  startFactor: NUMBER,
  endFactor: numberFrom(0, 1),
  totalIters: whole(0),
});

/**
 * Warms the rate up, or cools it down, in equal steps.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new optim.lrScheduler.LinearLR(opt, { startFactor: 0.5, totalIters: 2 });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   rates.push(opt.paramGroups[0].lr);
 *   schedule.step();
 * }
 * assertEquals(rates, [0.5, 0.75, 1, 1]);
 * ```
 */
export class LinearLR extends LRScheduler<LinearLROptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options From where to where, and how long.
   * @throws {RangeError} If a factor is not above 0 (the last: from 0) and at most 1, or `totalIters` not a whole number.
   */
  constructor(optimizer: Schedulable, options: LinearLROptions = {}) {
    takes(arguments);
    const { startFactor = 1 / 3 } = options;
    checkFactor("LinearLR", "startFactor", startFactor);
    super(optimizer, options);
  }

  /** Refuses options that the schedule cannot have. */
  protected override check(options: LinearLROptions): void {
    takes([this.optimizer, options]);
    const { startFactor = 1 / 3 } = options;
    checkFactor("LinearLR", "startFactor", startFactor);
  }

  /** The rate of a step. */
  protected override rate(lr: number, _base: number, epoch: number): number {
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = this.options;
    const rise = endFactor - startFactor;
    if (epoch === 0) return lr * startFactor;
    if (epoch > totalIters) return lr;
    return lr * (1 + rise / (totalIters * startFactor + (epoch - 1) * rise));
  }
}
