/**
 * Several schedules of one optimiser at once.
 *
 * @module
 */
import {
  loadSchedules,
  LRScheduler,
  type LRSchedulerState,
  printedSchedule,
  refuseInCompile,
} from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { ANYTHING, instanceOf, listOf, NUMBER, recordOf, required } from "../../../ops/core/kinds.ts";

/** What `stateDict` gives; it can be written as JSON. */
export interface ChainedSchedulerState {
  /** The rates that were set last. */
  lastLr: number[];
  /** The states of the schedules. */
  schedulers: LRSchedulerState<object>[];
}

const takes = signature("make ChainedScheduler", {
  schedulers: listOf(instanceOf(LRScheduler, "a schedule", "schedule"), "schedules"),
});
const takesState = signature<ChainedSchedulerState>("load a schedule's state", {}, {
  lastLr: required(listOf(NUMBER, "numbers")),
  schedulers: required(listOf(recordOf(ANYTHING, "options"), "states")),
});

/**
 * Steps several schedules of one optimiser at once: their factors multiply.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const { ChainedScheduler, ConstantLR, ExponentialLR } = optim.lrScheduler;
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new ChainedScheduler([
 *   new ConstantLR(opt, { factor: 0.5, totalIters: 1 }),
 *   new ExponentialLR(opt, { gamma: 0.25 }),
 * ]);
 * assertEquals(opt.paramGroups[0].lr, 0.5);
 * schedule.step();
 * assertEquals(opt.paramGroups[0].lr, 0.25);
 * ```
 */
export class ChainedScheduler {
  // deno-lint-ignore no-explicit-any
  readonly #schedulers: readonly LRScheduler<any>[];
  #lastLr: number[];

  /**
   * Makes a schedule of schedules.
   *
   * @param schedulers The schedules, all of the same optimiser.
   * @throws {RangeError} If there is none, or one is of another optimiser.
   */
  // deno-lint-ignore no-explicit-any
  constructor(schedulers: readonly LRScheduler<any>[]) {
    takes(arguments);
    const stranger = schedulers.findIndex((s) => s.optimizer !== schedulers[0]!.optimizer);
    if (schedulers.length === 0 || stranger >= 0) {
      throw new RangeError(
        `Cannot make ChainedScheduler as its schedules must be of one optimiser: ${
          schedulers.length === 0 ? "there are none" : `number ${stranger} is of another`
        }`,
      );
    }
    this.#schedulers = [...schedulers];
    this.#lastLr = this.#rates();
  }

  #rates(): number[] {
    return this.#schedulers[0]!.optimizer.paramGroups.map(({ lr }) => lr);
  }

  /** How often `step` was called. */
  get lastEpoch(): number {
    return this.#schedulers[0]!.lastEpoch;
  }

  /** Goes on to the rates of the next step, or epoch. */
  step(): void {
    refuseInCompile();
    for (const scheduler of this.#schedulers) scheduler.step();
    this.#lastLr = this.#rates();
  }

  /** The rates of the groups that were set last. */
  getLastLr(): number[] {
    return [...this.#lastLr];
  }

  /** Says in a line where the schedule is. */
  toString(): string {
    return printedSchedule(this);
  }

  /** The same line where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  /** Says where each of the schedules is. */
  stateDict(): ChainedSchedulerState {
    return {
      lastLr: [...this.#lastLr],
      schedulers: this.#schedulers.map((scheduler) => scheduler.stateDict()),
    };
  }

  /**
   * Goes on from a state that `stateDict` gave.
   *
   * @param state The state.
   * @throws {RangeError} If it is of another number of schedules.
   */
  loadStateDict(state: ChainedSchedulerState): void {
    takesState(arguments);
    loadSchedules(this.#schedulers, state.schedulers);
    this.#lastLr = [...state.lastLr];
  }
}
