/**
 * One cycle: the rate rises to `maxLr` and falls far below where it began, while the momentum does the opposite.
 * Smith and Topin, "Super-convergence" (2017).
 *
 * @module
 */
import { signature } from "../../../ops/core/signature.ts";
import { withDefaults } from "../../options.ts";
import { forGroups, LRScheduler, PER_GROUP, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { BOOLEAN, NUMBER, numberFrom, oneOf, required, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode OneCycleLR}. */
export interface OneCycleLROptions {
  /** The highest rate, or that of each group. */
  maxLr: number | readonly number[];
  /** Steps of the cycle; it may be left out where `epochs` and `stepsPerEpoch` are given. */
  totalSteps?: number;
  /** Epochs of the cycle. */
  epochs?: number;
  /** Steps of an epoch. */
  stepsPerEpoch?: number;
  /** Share of the cycle in which the rate rises, 0.3 unless given. */
  pctStart?: number;
  /** The shape of rise and fall, "cos" unless given. */
  annealStrategy?: "cos" | "linear";
  /** Whether the momentum (Adam's first beta) changes too, true unless given. */
  cycleMomentum?: boolean;
  /** The lowest momentum, or that of each group, 0.85 unless given. */
  baseMomentum?: number | readonly number[];
  /** The highest momentum, or that of each group, 0.95 unless given. */
  maxMomentum?: number | readonly number[];
  /** The first rate is `maxLr / divFactor`; 25 unless given. */
  divFactor?: number;
  /** The last rate is the first over this, 10,000 unless given. */
  finalDivFactor?: number;
  /** Whether the rate falls to the first one in a phase of its own before it falls to the last, false unless given. */
  threePhase?: boolean;
}

/** Options of {@linkcode OneCycleLR} with their defaults filled in. */
export type FullOneCycleLROptions =
  & Required<Omit<OneCycleLROptions, "totalSteps" | "epochs" | "stepsPerEpoch">>
  & OneCycleLROptions;

const DEFAULTS = {
  pctStart: 0.3,
  annealStrategy: "cos" as const,
  cycleMomentum: true,
  baseMomentum: 0.85,
  maxMomentum: 0.95,
  divFactor: 25,
  finalDivFactor: 1e4,
  threePhase: false,
} satisfies Partial<OneCycleLROptions>;

const takes = signature<OneCycleLROptions>("make OneCycleLR", { optimizer: SCHEDULABLE }, {
  maxLr: required(PER_GROUP),
  totalSteps: whole(1),
  epochs: whole(1),
  stepsPerEpoch: whole(1),
  pctStart: numberFrom(0, 1),
  annealStrategy: oneOf("cos", "linear"),
  cycleMomentum: BOOLEAN,
  baseMomentum: PER_GROUP,
  maxMomentum: PER_GROUP,
  divFactor: NUMBER,
  finalDivFactor: NUMBER,
  threePhase: BOOLEAN,
});

/**
 * Raises the rate and lowers it again in one cycle, the momentum the other way round.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 0.1, momentum: 0.9 });
 * const schedule = new optim.lrScheduler.OneCycleLR(opt, {
 *   maxLr: 1,
 *   totalSteps: 10,
 *   pctStart: 0.5,
 *   annealStrategy: "linear",
 *   divFactor: 5,
 * });
 * assertEquals([opt.paramGroups[0].lr, opt.paramGroups[0].momentum], [0.2, 0.95]);
 * for (let step = 0; step < 4; step++) schedule.step();
 * assertEquals([opt.paramGroups[0].lr, opt.paramGroups[0].momentum], [1, 0.85]);
 * ```
 */
export class OneCycleLR extends LRScheduler<FullOneCycleLROptions> {
  /**
   * Makes a schedule. The optimiser's own rate is ignored.
   *
   * @param optimizer The optimiser whose rate and momentum change.
   * @param options The highest rate, how long the cycle is, and its shape.
   * @throws {RangeError} If an option is out of range, or there is no momentum to change.
   */
  constructor(optimizer: Schedulable, options: OneCycleLROptions) {
    takes(arguments);
    const full = withDefaults<FullOneCycleLROptions>({ ...DEFAULTS, maxLr: options.maxLr }, options);
    check(optimizer, full);
    const maxLrs = forGroups("OneCycleLR", "maxLr", optimizer, options.maxLr);
    optimizer.paramGroups.forEach((group, k) => group.initialLr = maxLrs[k]! / full.divFactor);
    super(optimizer, full);
  }

  /** The rate of a step; the momentum is set beside it. */
  protected override rate(_lr: number, base: number, epoch: number, group: number): number {
    const { maxLr, finalDivFactor, cycleMomentum } = this.options, steps = stepsOf(this.options);
    if (epoch > steps) {
      throw new RangeError(`Cannot step OneCycleLR as its cycle must not be over: it has ${steps} steps`);
    }
    const rates = { first: base, high: of(maxLr, group), low: base / finalDivFactor };
    if (cycleMomentum) {
      const own = this.optimizer.paramGroups[group]!, momentum = momentumOf(this.options, epoch, group);
      if (own.betas) own.betas = [momentum, own.betas[1]];
      else own.momentum = momentum;
    }
    return between(this.options, epoch, ["first", "high", "first"], "low", rates);
  }
}

function momentumOf(options: FullOneCycleLROptions, epoch: number, group: number): number {
  const values = { high: of(options.maxMomentum, group), low: of(options.baseMomentum, group) };
  return between(options, epoch, ["high", "low", "high"], "high", values);
}

/**
 * The value at a step: from one value of `turns` to the next, the third with three phases only, and at last to `last`.
 */
function between<K extends string>(
  options: FullOneCycleLROptions,
  epoch: number,
  turns: readonly [K, K, K],
  last: K,
  values: Readonly<Record<K, number>>,
): number {
  const { pctStart, threePhase, annealStrategy } = options, totalSteps = stepsOf(options);
  const rise = pctStart * totalSteps;
  const ends = threePhase ? [rise - 1, 2 * rise - 2, totalSteps - 1] : [rise - 1, totalSteps - 1];
  const stops = [...turns.slice(0, ends.length), last];
  const found = ends.findIndex((end) => epoch <= end), phase = found < 0 ? ends.length - 1 : found;
  const start = phase === 0 ? 0 : ends[phase - 1]!;
  const share = ends[phase]! > start ? (epoch - start) / (ends[phase]! - start) : 1; // a phase may have no steps
  const from = values[stops[phase]!], to = values[stops[phase + 1]!];
  if (annealStrategy === "linear") return (to - from) * share + from;
  return to + (from - to) / 2 * (Math.cos(Math.PI * share) + 1);
}

function check(optimizer: Schedulable, options: FullOneCycleLROptions): void {
  const { totalSteps, epochs, stepsPerEpoch } = options;
  if (totalSteps === undefined && (epochs === undefined || stepsPerEpoch === undefined)) {
    throw new RangeError(
      `Cannot make OneCycleLR as totalSteps, or epochs and stepsPerEpoch, must be given: epochs ${epochs}, stepsPerEpoch ${stepsPerEpoch}`,
    );
  }
  const still = optimizer.paramGroups.findIndex((g) => g.betas === undefined && g.momentum === undefined);
  if (options.cycleMomentum && still >= 0) {
    throw new RangeError(
      `Cannot make OneCycleLR with cycleMomentum as the optimiser must have momentum: group ${still} has none`,
    );
  }
  forGroups("OneCycleLR", "baseMomentum", optimizer, options.baseMomentum);
  forGroups("OneCycleLR", "maxMomentum", optimizer, options.maxMomentum);
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  return totalSteps ?? epochs! * stepsPerEpoch!;
}

function of(values: number | readonly number[], group: number): number {
  return typeof values === "number" ? values : values[group]!;
}
