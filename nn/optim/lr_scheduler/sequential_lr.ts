/**
 * Several schedules, one after another.
 *
 * @module
 */
import {
  loadSchedules,
  LRScheduler,
  type LRSchedulerState,
  printedSchedule,
  refuseInCompile,
  SCHEDULABLE,
  type Schedulable,
} from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { ANYTHING, instanceOf, listOf, NUMBER, recordOf, required, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode SequentialLR}. */
export interface SequentialLROptions {
  /** The schedules in their order, all of the same optimiser. */
  // deno-lint-ignore no-explicit-any
  schedulers: readonly LRScheduler<any>[];
  /** The step at which each schedule but the first begins. */
  milestones: readonly number[];
}

/** What `stateDict` gives; it can be written as JSON. */
export interface SequentialLRState {
  /** How often `step` was called. */
  lastEpoch: number;
  /** The rates that were set last. */
  lastLr: number[];
  /** The steps at which schedules begin. */
  milestones: number[];
  /** The states of the schedules. */
  schedulers: LRSchedulerState<object>[];
}

const takesState = signature<SequentialLRState>("load a schedule's state", {}, {
  lastEpoch: required(whole(0)),
  lastLr: required(listOf(NUMBER, "numbers")),
  milestones: required(listOf(whole(0), "whole numbers from 0 up")),
  schedulers: required(listOf(recordOf(ANYTHING, "options"), "states")),
});
const takes = signature<SequentialLROptions>("make SequentialLR", { optimizer: SCHEDULABLE }, {
  schedulers: required(listOf(instanceOf(LRScheduler, "a schedule", "schedule"), "schedules")),
  milestones: required(listOf(whole(0), "whole numbers from 0 up")),
});

/**
 * Runs one schedule after another, each from its own beginning.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const { ExponentialLR, LinearLR, SequentialLR } = optim.lrScheduler;
 * const schedule = new SequentialLR(opt, {
 *   schedulers: [new LinearLR(opt, { startFactor: 0.5, totalIters: 2 }), new ExponentialLR(opt, { gamma: 0.5 })],
 *   milestones: [2],
 * });
 * const rates = [];
 * for (let epoch = 0; epoch < 5; epoch++) {
 *   rates.push(opt.paramGroups[0].lr);
 *   schedule.step();
 * }
 * assertEquals(rates, [0.5, 0.75, 1, 0.5, 0.25]);
 * ```
 */
export class SequentialLR {
  /** How often `step` was called. */
  lastEpoch = 0;
  readonly #schedulers: SequentialLROptions["schedulers"];
  #milestones: number[];
  #lastLr: number[];

  /**
   * Makes a schedule of schedules.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options The schedules, and when each begins.
   * @throws {RangeError} If a schedule is of another optimiser, or there is not one milestone fewer than schedules.
   */
  constructor(optimizer: Schedulable, options: SequentialLROptions) {
    takes(arguments);
    const { schedulers, milestones } = options;
    const stranger = schedulers.findIndex((s) => s.optimizer !== optimizer);
    if (stranger >= 0) {
      throw new RangeError(
        `Cannot make SequentialLR as its schedules must be of one optimiser: number ${stranger} is of another`,
      );
    }
    const [first] = schedulers;
    if (!first || milestones.length !== schedulers.length - 1) {
      throw new RangeError(
        `Cannot make SequentialLR as ${schedulers.length} schedules need one milestone fewer: ${milestones.length} were given`,
      );
    }
    this.#schedulers = schedulers;
    this.#milestones = [...milestones];
    // Each schedule set its first rates when it was made, one on top of the other.
    for (const scheduler of schedulers) scheduler.lastEpoch = -1;
    for (const group of optimizer.paramGroups) group.lr = group.initialLr!;
    first.step();
    this.#lastLr = first.getLastLr();
  }

  /** Goes on to the rates of the next step, or epoch. */
  step(): void {
    refuseInCompile();
    this.lastEpoch++;
    const begun = this.#milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.#schedulers[begun]!;
    if (begun > 0 && this.#milestones[begun - 1] === this.lastEpoch) scheduler.restart();
    else scheduler.step();
    this.#lastLr = scheduler.getLastLr();
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

  /** Says where the schedule is, and where each schedule in it is. */
  stateDict(): SequentialLRState {
    return {
      lastEpoch: this.lastEpoch,
      lastLr: [...this.#lastLr],
      milestones: [...this.#milestones],
      schedulers: this.#schedulers.map((scheduler) => scheduler.stateDict()),
    };
  }

  /**
   * Goes on from a state that `stateDict` gave.
   *
   * @param state The state.
   * @throws {RangeError} If it is of another number of schedules.
   */
  loadStateDict(state: SequentialLRState): void {
    takesState(arguments);
    loadSchedules(this.#schedulers, state.schedulers);
    this.lastEpoch = state.lastEpoch;
    this.#lastLr = [...state.lastLr];
    this.#milestones = [...state.milestones];
  }
}
