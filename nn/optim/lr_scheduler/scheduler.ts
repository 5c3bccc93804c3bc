/**
 * What learning-rate schedules share: the rates to start from, and the way from step to step.
 *
 * As in PyTorch a schedule computes the next rate from the present one where it can, so that schedules can be combined
 * and the rate can be changed by hand in between.
 *
 * @module
 */
import { refuseInCapture } from "../../../ops/core/recorder.ts";
import { signature } from "../../../ops/core/signature.ts";
import { copied } from "../../options.ts";
import { describe, isPlainObject } from "../../../ops/core/describe.ts";
import {
  ANYTHING,
  either,
  type Kind,
  kind,
  listOf,
  NUMBER,
  recordOf,
  required,
  whole,
} from "../../../ops/core/kinds.ts";

/** What a schedule changes: an optimiser's parameter groups. */
export interface Schedulable {
  /** The groups with their rates. */
  readonly paramGroups: {
    lr: number;
    initialLr?: number;
    momentum?: number;
    betas?: readonly [number, number];
  }[];
}

/** What `stateDict` of a schedule gives; it can be written as JSON. */
export interface LRSchedulerState<Options> {
  /** How often `step` was called. */
  lastEpoch: number;
  /** The rate of each group that the schedule starts from. */
  baseLrs: number[];
  /** The rates that were set last. */
  lastLr: number[];
  /** The schedule's options, without functions. */
  options: Partial<Options>;
}

/** What a schedule sets the rates of. */
export const SCHEDULABLE: Kind = kind(
  "an optimiser",
  "optimizer",
  (v) => typeof v === "object" && v !== null && "paramGroups" in v && Array.isArray(v.paramGroups),
);
/** A number, or one for each parameter group. */
export const PER_GROUP: Kind = either(NUMBER, listOf(NUMBER, "numbers"));

const takes = signature("make a schedule", {
  optimizer: SCHEDULABLE,
  options: recordOf(ANYTHING, "options"),
});
const takesState = signature<LRSchedulerState<object>>("load a schedule's state", {}, {
  lastEpoch: required(whole(-1)),
  baseLrs: required(listOf(NUMBER, "numbers")),
  lastLr: required(listOf(NUMBER, "numbers")),
  options: required(recordOf(ANYTHING, "options")),
});

/**
 * The base of schedules that depend on the number of steps alone.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * class InverseRoot extends optim.lrScheduler.LRScheduler {
 *   constructor(optimizer: optim.lrScheduler.Schedulable) {
 *     super(optimizer, {});
 *   }
 *   protected override rate(_lr: number, base: number, epoch: number): number {
 *     return base / Math.sqrt(epoch + 1);
 *   }
 * }
 *
 * await openDevice();
 * const opt = new optim.SGD([zeros([1], { requiresGrad: true })], { lr: 0.5 });
 * const schedule = new InverseRoot(opt);
 * for (let step = 0; step < 3; step++) schedule.step();
 * assertEquals(schedule.getLastLr(), [0.25]);
 * ```
 */
export abstract class LRScheduler<Options extends object = object> {
  /** How often `step` was called. */
  lastEpoch = 0;
  /**
   * The optimiser.
   *
   * @internal
   */
  readonly optimizer: Schedulable;
  /** The schedule's options. */
  protected options: Options;
  #baseLrs: number[];
  #lastLr: number[] = [];

  /**
   * Starts from the groups' rates, or from the rates that an earlier schedule started from, and sets the first rates.
   */
  constructor(optimizer: Schedulable, options: Options) {
    takes(arguments);
    this.optimizer = optimizer;
    this.options = options;
    this.#baseLrs = optimizer.paramGroups.map((group) => group.initialLr ??= group.lr);
    this.apply((lr, base, group) => this.rate(lr, base, 0, group));
  }

  /**
   * Goes on to the rates of the next step, or epoch: call it after the optimiser's steps.
   *
   * @throws {Error} Inside `compile`, as a replay would not repeat it.
   */
  step(): void {
    refuseInCompile();
    this.lastEpoch++;
    this.apply((lr, base, group) => this.rate(lr, base, this.lastEpoch, group));
  }

  /**
   * Begins anew from the rates to start from, whatever the present ones are.
   *
   * @internal
   */
  restart(): void {
    this.lastEpoch = 0;
    this.apply((_, base, group) => this.rate(base, base, 0, group));
  }

  /** The rates of the groups that were set last. */
  getLastLr(): number[] {
    return [...this.#lastLr];
  }

  /** Says where the schedule is, and its options. The rates themselves are the optimiser's state. */
  stateDict(): LRSchedulerState<Options> {
    const options = Object.entries(this.options).filter(([, value]) => typeof value !== "function");
    return structuredClone({
      lastEpoch: this.lastEpoch,
      baseLrs: this.#baseLrs,
      lastLr: this.#lastLr,
      options: Object.fromEntries(options) as Partial<Options>,
    });
  }

  /**
   * Goes on from a state that `stateDict` gave, options included.
   *
   * @param state The state.
   * @throws {RangeError} If it is of another number of groups.
   * @throws {TypeError} If an option is of another kind than here.
   */
  loadStateDict(state: LRSchedulerState<Options>): void {
    takesState(arguments);
    const groups = this.optimizer.paramGroups.length;
    for (const { length } of [state.baseLrs, state.lastLr]) {
      if (length === groups) continue;
      throw new RangeError(
        `Cannot load a schedule's state as it must have the rates of ${groups} groups: it has ${length}`,
      );
    }
    checkLoaded(this.options, state.options);
    this.check({ ...this.options, ...state.options });
    const { lastEpoch, baseLrs, lastLr, options } = copied(state);
    this.lastEpoch = lastEpoch;
    this.#baseLrs = baseLrs;
    this.#lastLr = lastLr;
    this.options = { ...this.options, ...copied(options) };
  }

  /** Says in a line where the schedule is. */
  toString(): string {
    return printedSchedule(this);
  }

  /** The same line where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  /** Refuses options of a state that the schedule cannot have, as its constructor does. */
  protected check(_options: Options): void {}

  /** Sets every group's rate. */
  protected apply(rate: (lr: number, base: number, group: number) => number): void {
    this.optimizer.paramGroups.forEach((group, k) => {
      this.#baseLrs[k] ??= group.initialLr ??= group.lr; // a group that was added since
      group.lr = checkedRate(this.constructor.name, rate(group.lr, this.#baseLrs[k], k));
    });
    this.#lastLr = this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  /**
   * The rate of a step.
   *
   * @param lr The rate of the step before; at step 0 that of the optimiser.
   * @param base The rate to start from.
   * @param epoch The number of the step, from 0.
   * @param group The number of the group.
   */
  protected abstract rate(lr: number, base: number, epoch: number, group: number): number;
}

/** Refuses options of a state that are of other kinds than those here, or of none that an option can be. */
function checkLoaded(own: object, loaded: object): void {
  const here = new Map<string, unknown>(Object.entries(own));
  for (const [name, value] of Object.entries(loaded)) {
    const wanted = kindOf(here.get(name)), found = kindOf(value);
    const must = wanted ?? "an option";
    if (found !== undefined && (wanted === undefined || wanted === found)) continue;
    throw new TypeError(`Cannot load a schedule's state as ${name} must be ${must}: ${describe(value)}`);
  }
}

/** What kind of option a value is, if it is any: one number stands for one of each group. */
function kindOf(value: unknown): string | undefined {
  const isNumber = (one: unknown) => typeof one === "number" && !Number.isNaN(one);
  if (isNumber(value) || Array.isArray(value) && value.every(isNumber)) return "of numbers";
  if (typeof value === "string") return "a text";
  if (typeof value === "boolean") return "a boolean";
  return isPlainObject(value) ? "an object" : undefined;
}

/** Refuses a step inside a captured one. */
export function refuseInCompile(): void {
  refuseInCapture("step a schedule", "a replay does not repeat it: step it outside");
}

/** Has the schedules in a schedule go on from their states; refuses those of another number of schedules. */
export function loadSchedules<State>(
  schedules: readonly { loadStateDict(state: State): void }[],
  states: readonly State[],
): void {
  if (states.length !== schedules.length) {
    throw new RangeError(
      `Cannot load a schedule's state as it must be of ${schedules.length} schedules: it is of ${states.length}`,
    );
  }
  schedules.forEach((schedule, k) => schedule.loadStateDict(states[k]!));
}

/** A schedule in a line. */
export function printedSchedule(schedule: { lastEpoch: number; getLastLr(): number[] }): string {
  const { constructor: { name }, lastEpoch } = schedule;
  return `${name}(lastEpoch=${lastEpoch}, lastLr=[${schedule.getLastLr().join(", ")}])`;
}

/** A rate that a schedule came to, if it is any. */
function checkedRate(schedule: string, rate: number): number {
  if (Number.isFinite(rate)) return rate;
  const message = `Cannot step ${schedule} as its rate must be a finite number: ${describe(rate)}`;
  throw typeof rate === "number" ? new RangeError(message) : new TypeError(message);
}

/** Refuses what is no share above 0 of a rate. */
export function checkFactor(schedule: string, name: string, value: number): void {
  if (value > 0 && value <= 1) return;
  throw new RangeError(`Cannot make ${schedule} as ${name} must be above 0 and at most 1: ${value}`);
}

/** One value for each group, where one value or one for each was given. */
export function forGroups<T>(
  schedule: string,
  name: string,
  optimizer: Schedulable,
  given: T | readonly T[],
): T[] {
  const groups = optimizer.paramGroups.length;
  const values: T[] = Array.isArray(given) ? [...given] : new Array<T>(groups).fill(given as T);
  if (values.length !== groups) {
    throw new RangeError(
      `Cannot make ${schedule} as ${name} must have a value for each of ${groups} groups: it has ${values.length}`,
    );
  }
  return values;
}
