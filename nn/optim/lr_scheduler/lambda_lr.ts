/**
 * The rate times a function of the step.
 *
 * @module
 */
import { forGroups, LRScheduler, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { either, FINITE, FUNCTION, listOf, required } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode LambdaLR}. */
export interface LambdaLROptions {
  /** The factor of a step, which is counted from 0; one function for all groups, or one for each. */
  lrLambda: ((epoch: number) => number) | readonly ((epoch: number) => number)[];
}

const takes = signature<LambdaLROptions>("make LambdaLR", { optimizer: SCHEDULABLE }, {
  lrLambda: required(either(FUNCTION, listOf(FUNCTION, "functions"))),
});

const takesFactor = signature("step LambdaLR", { "what lrLambda gives": FINITE });

/**
 * Multiplies the rate to start from by a function of the step.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new optim.lrScheduler.LambdaLR(opt, { lrLambda: (epoch) => 1 / (1 + epoch) });
 * schedule.step();
 * assertEquals(opt.paramGroups[0].lr, 0.5);
 * ```
 */
export class LambdaLR extends LRScheduler<LambdaLROptions> {
  /**
   * Makes a schedule. Functions are not part of its state.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options The function or functions.
   * @throws {RangeError} If there are several functions but not as many as groups.
   */
  constructor(optimizer: Schedulable, options: LambdaLROptions) {
    takes(arguments);
    const { lrLambda } = options;
    if (typeof lrLambda !== "function") forGroups("LambdaLR", "lrLambda", optimizer, lrLambda);
    super(optimizer, options);
  }

  /** The rate of a step. */
  protected override rate(_lr: number, base: number, epoch: number, group: number): number {
    const { lrLambda } = this.options;
    const factor = (typeof lrLambda === "function" ? lrLambda : lrLambda[group]!)(epoch);
    takesFactor([factor]);
    return base * factor;
  }
}
