/**
 * The rate times `factor` when a measure has not become better for some time.
 *
 * @module
 */
import { signature } from "../../../ops/core/signature.ts";
import { copied, withDefaults } from "../../options.ts";
import {
  forGroups,
  PER_GROUP,
  printedSchedule,
  refuseInCompile,
  SCHEDULABLE,
  type Schedulable,
} from "./scheduler.ts";
import {
  ANYTHING,
  listOf,
  nullable,
  NUMBER,
  oneOf,
  recordOf,
  required,
  whole,
} from "../../../ops/core/kinds.ts";

/** Options of {@linkcode ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions {
  /** Whether better is smaller ("min", a loss) or larger ("max", an accuracy); "min" unless given. */
  mode?: "min" | "max";
  /** What the rate is multiplied by, 0.1 unless given. */
  factor?: number;
  /** Steps without a better value before the rate is lowered, 10 unless given. */
  patience?: number;
  /** By how much a value must be better to count, 0.0001 unless given. */
  threshold?: number;
  /** Whether `threshold` is a share of the best value ("rel") or a difference from it ("abs"); "rel" unless given. */
  thresholdMode?: "rel" | "abs";
  /** Steps after a change in which nothing is counted, 0 unless given. */
  cooldown?: number;
  /** The lowest rate, or that of each group, 0 unless given. */
  minLr?: number | readonly number[];
  /** Smaller changes of the rate are not made, 1e-8 unless given. */
  eps?: number;
}

/** What `stateDict` gives; it can be written as JSON. */
export interface ReduceLROnPlateauState {
  /** How often `step` was called. */
  lastEpoch: number;
  /** The best value so far, null before the first. */
  best: number | null;
  /** Steps since the best value. */
  numBadEpochs: number;
  /** Steps until values count again. */
  cooldownCounter: number;
  /** The rates after the last step. */
  lastLr: number[];
  /** The options. */
  options: Required<ReduceLROnPlateauOptions>;
}

const DEFAULTS: Required<ReduceLROnPlateauOptions> = {
  mode: "min",
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: "rel",
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
};

const takesMetric = signature("step ReduceLROnPlateau", { metric: NUMBER });
const takesState = signature<ReduceLROnPlateauState>("load a schedule's state", {}, {
  lastEpoch: required(whole(0)),
  best: required(nullable(NUMBER)),
  numBadEpochs: required(whole(0)),
  cooldownCounter: required(whole(0)),
  lastLr: required(listOf(NUMBER, "numbers")),
  options: required(recordOf(ANYTHING, "options")),
});
const takes = signature<ReduceLROnPlateauOptions>("make ReduceLROnPlateau", { optimizer: SCHEDULABLE }, {
  mode: oneOf("min", "max"),
  factor: NUMBER,
  patience: NUMBER,
  threshold: NUMBER,
  thresholdMode: oneOf("rel", "abs"),
  cooldown: NUMBER,
  minLr: PER_GROUP,
  eps: NUMBER,
});

/**
 * Lowers the rate when a measure, such as the loss on validation data, stays on a plateau.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new optim.lrScheduler.ReduceLROnPlateau(opt, { factor: 0.5, patience: 1 });
 * for (const loss of [3, 2, 2, 2]) schedule.step(loss);
 * assertEquals(opt.paramGroups[0].lr, 0.5);
 * ```
 */
export class ReduceLROnPlateau {
  /** How often `step` was called. */
  lastEpoch = 0;
  readonly #optimizer: Schedulable;
  #options: Required<ReduceLROnPlateauOptions>;
  #best: number | null = null;
  #numBadEpochs = 0;
  #cooldownCounter = 0;
  #lastLr: number[];

  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options What counts as better, how long to wait, and by how much to lower the rate.
   * @throws {RangeError} If `factor` is 1 or more, or an option is none of its words.
   */
  constructor(optimizer: Schedulable, options: ReduceLROnPlateauOptions = {}) {
    takes(arguments);
    this.#optimizer = optimizer;
    this.#options = withDefaults(DEFAULTS, options);
    const { factor, minLr } = this.#options;
    if (!(factor < 1)) {
      throw new RangeError(`Cannot make ReduceLROnPlateau as factor must be below 1: ${factor}`);
    }
    forGroups("ReduceLROnPlateau", "minLr", optimizer, minLr);
    this.#lastLr = this.#rates();
  }

  /**
   * Takes a new value of the measure, and lowers the rate if it has not become better for longer than `patience` steps.
   *
   * @param metric The value, such as a loss that was read.
   */
  step(metric: number): void {
    takesMetric(arguments);
    refuseInCompile();
    const { patience, cooldown } = this.#options;
    this.lastEpoch++;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#numBadEpochs = 0;
    } else this.#numBadEpochs++;
    if (this.#cooldownCounter > 0) {
      this.#cooldownCounter--;
      this.#numBadEpochs = 0;
    }
    if (this.#numBadEpochs > patience) {
      this.#reduce();
      this.#cooldownCounter = cooldown;
      this.#numBadEpochs = 0;
    }
    this.#lastLr = this.#rates();
  }

  /** The rates of the groups after the last step. */
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

  /** Says where the schedule is, and its options. The rates themselves are the optimiser's state. */
  stateDict(): ReduceLROnPlateauState {
    return structuredClone({
      lastEpoch: this.lastEpoch,
      best: this.#best,
      numBadEpochs: this.#numBadEpochs,
      cooldownCounter: this.#cooldownCounter,
      lastLr: this.#lastLr,
      options: this.#options,
    });
  }

  /** Goes on from a state that `stateDict` gave, options included. */
  loadStateDict(state: ReduceLROnPlateauState): void {
    takesState(arguments);
    const { lastEpoch, best, numBadEpochs, cooldownCounter, lastLr, options } = copied(state);
    forGroups("ReduceLROnPlateau", "minLr", this.#optimizer, options.minLr);
    this.lastEpoch = lastEpoch;
    this.#best = best;
    this.#numBadEpochs = numBadEpochs;
    this.#cooldownCounter = cooldownCounter;
    this.#lastLr = lastLr;
    this.#options = copied(options);
  }

  #rates(): number[] {
    return this.#optimizer.paramGroups.map(({ lr }) => lr);
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options, sign = mode === "min" ? -1 : 1;
    const best = this.#best ?? sign * -Infinity;
    const bound = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === "min" ? metric < bound : metric > bound;
  }

  #reduce(): void {
    const { factor, minLr, eps } = this.#options;
    const lowest = forGroups("ReduceLROnPlateau", "minLr", this.#optimizer, minLr);
    this.#optimizer.paramGroups.forEach((group, k) => {
      const lr = Math.max(group.lr * factor, lowest[k]!);
      if (group.lr - lr > eps) group.lr = lr;
    });
  }
}
