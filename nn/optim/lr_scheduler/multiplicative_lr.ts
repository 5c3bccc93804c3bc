/**
 * A rate that is multiplied with what a function gives.
 *
 * @module
 */
import { forGroups, LRScheduler, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { either, FINITE, FUNCTION, listOf, required } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode MultiplicativeLR}. */
export interface MultiplicativeLROptions {
  /** The factor of a step, which is counted from 1; one function for all groups, or one for each. */
  lrLambda: ((epoch: number) => number) | readonly ((epoch: number) => number)[];
}

const takes = signature<MultiplicativeLROptions>("make MultiplicativeLR", { optimizer: SCHEDULABLE }, {
  lrLambda: required(either(FUNCTION, listOf(FUNCTION, "functions"))),
});

const takesFactor = signature("step MultiplicativeLR", { "what lrLambda gives": FINITE });

/**
 * Multiplies the rate with what a function gives for the step. The function is not part of the state.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new optim.lrScheduler.MultiplicativeLR(opt, { lrLambda: () => 0.5 });
 * schedule.step();
 * assertEquals(opt.paramGroups[0].lr, 0.5);
 * ```
 */
export class MultiplicativeLR extends LRScheduler<MultiplicativeLROptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options When, and by how much.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(optimizer: Schedulable, options: MultiplicativeLROptions) {
    takes(arguments);
    const { lrLambda } = options;
    if (typeof lrLambda !== "function") forGroups("MultiplicativeLR", "lrLambda", optimizer, lrLambda);
    super(optimizer, options);
  }

  /** The rate of a step. */
  protected override rate(lr: number, _base: number, epoch: number, group: number): number {
    const { lrLambda } = this.options, fn = typeof lrLambda === "function" ? lrLambda : lrLambda[group]!;
    if (epoch === 0) return lr;
    const factor = fn(epoch);
    takesFactor([factor]);
    return lr * factor;
  }
}
