/**
 * The rate times `gamma` at given steps.
 *
 * @module
 */
import { LRScheduler, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { listOf, NUMBER, required, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode MultiStepLR}. */
export interface MultiStepLROptions {
  /** The steps at which the rate changes; a step that stands there twice changes the rate twice. */
  milestones: readonly number[];
  /** Factor of each change, 0.1 unless given. */
  gamma?: number;
}

const takes = signature<MultiStepLROptions>("make MultiStepLR", { optimizer: SCHEDULABLE }, {
  milestones: required(listOf(whole(0), "whole numbers from 0 up")),
  gamma: NUMBER,
});

/**
 * Multiplies the rate by `gamma` at each milestone.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 0.5 });
 * const schedule = new optim.lrScheduler.MultiStepLR(opt, { milestones: [1, 3], gamma: 0.5 });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   rates.push(opt.paramGroups[0].lr);
 *   schedule.step();
 * }
 * assertEquals(rates, [0.5, 0.25, 0.25, 0.125]);
 * ```
 */
export class MultiStepLR extends LRScheduler<MultiStepLROptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options When, and by how much.
   * @throws {RangeError} If a milestone is not a whole number from 0 up.
   */
  constructor(optimizer: Schedulable, options: MultiStepLROptions) {
    takes(arguments);
    super(optimizer, options);
  }

  /** Refuses options that the schedule cannot have. */
  protected override check(options: MultiStepLROptions): void {
    takes([this.optimizer, options]);
  }

  /** The rate of a step. */
  protected override rate(lr: number, _base: number, epoch: number): number {
    const { milestones, gamma = 0.1 } = this.options;
    return lr * gamma ** milestones.filter((milestone) => milestone === epoch).length;
  }
}
