/**
 * Rates that rise and fall again and again. Smith: Cyclical learning rates (arXiv 1506.01186).
 *
 * @module
 */
import { forGroups, LRScheduler, PER_GROUP, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { BOOLEAN, NUMBER, oneOf, required, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode CyclicLR}. */
export interface CyclicLROptions {
  /** The lowest rate; one for all groups, or one for each. */
  baseLr: number | readonly number[];
  /** The highest rate; one for all groups, or one for each. */
  maxLr: number | readonly number[];
  /** Steps of the rise, 2000 unless given. */
  stepSizeUp?: number;
  /** Steps of the fall, as many as of the rise unless given. */
  stepSizeDown?: number;
  /** Whether all cycles are alike ("triangular", unless given), each is half as high ("triangular2"), or `gamma` to the power of the step lowers them ("exp_range"). */
  mode?: "triangular" | "triangular2" | "exp_range";
  /** The factor of each step in mode "exp_range", 1 unless given. */
  gamma?: number;
  /** Whether the momentum goes the other way round, true unless given. */
  cycleMomentum?: boolean;
  /** The lowest momentum, 0.8 unless given. */
  baseMomentum?: number | readonly number[];
  /** The highest momentum, 0.9 unless given. */
  maxMomentum?: number | readonly number[];
}

const takes = signature<CyclicLROptions>("make CyclicLR", { optimizer: SCHEDULABLE }, {
  baseLr: required(PER_GROUP),
  maxLr: required(PER_GROUP),
  stepSizeUp: whole(1),
  stepSizeDown: whole(1),
  mode: oneOf("triangular", "triangular2", "exp_range"),
  gamma: NUMBER,
  cycleMomentum: BOOLEAN,
  baseMomentum: PER_GROUP,
  maxMomentum: PER_GROUP,
});

/**
 * Raises the rate and lowers it again, in straight lines, and the momentum the other way round where
 * there is one.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1, momentum: 0.9 });
 * const schedule = new optim.lrScheduler.CyclicLR(opt, { baseLr: 0.25, maxLr: 1, stepSizeUp: 3 });
 * assertEquals(opt.paramGroups[0].lr, 0.25);
 * schedule.step();
 * assertAlmostEquals(opt.paramGroups[0].lr, 0.5, 1e-12);
 * ```
 */
export class CyclicLR extends LRScheduler<CyclicLROptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options When, and by how much.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(optimizer: Schedulable, options: CyclicLROptions) {
    takes(arguments);
    const { baseLr, maxLr, baseMomentum = 0.8, maxMomentum = 0.9, cycleMomentum = true } = options;
    for (const [name, given] of Object.entries({ maxLr, baseMomentum, maxMomentum })) {
      forGroups("CyclicLR", name, optimizer, given);
    }
    const still = optimizer.paramGroups.findIndex((g) => g.betas === undefined && g.momentum === undefined);
    if (cycleMomentum && still >= 0) {
      throw new RangeError(
        `Cannot make CyclicLR with cycleMomentum as the optimiser must have momentum: group ${still} has none`,
      );
    }
    forGroups("CyclicLR", "baseLr", optimizer, baseLr).forEach((lr, k) =>
      optimizer.paramGroups[k]!.initialLr = lr
    );
    super(optimizer, options);
  }

  /** Refuses options that the schedule cannot have. */
  protected override check(options: CyclicLROptions): void {
    takes([this.optimizer, options]);
  }

  /** The rate of a step; the momentum is set beside it. */
  protected override rate(_lr: number, base: number, epoch: number, group: number): number {
    const { maxLr, cycleMomentum = true, baseMomentum = 0.8, maxMomentum = 0.9 } = this.options;
    const { height, factor } = placeIn(this.options, epoch);
    if (cycleMomentum) {
      const own = this.optimizer.paramGroups[group]!,
        [low, high] = [baseMomentum, maxMomentum].map((v) => of(v, group)) as [number, number];
      const momentum = high - (high - low) * height * factor;
      if (own.betas) own.betas = [momentum, own.betas[1]!];
      else own.momentum = momentum;
    }
    return base + (of(maxLr, group) - base) * height * factor;
  }
}

/** How high a step lies in its cycle, from 0 to 1, and by what the cycle is lower than the first. */
function placeIn(options: CyclicLROptions, epoch: number): { height: number; factor: number } {
  const { stepSizeUp = 2000, stepSizeDown = stepSizeUp, mode = "triangular", gamma = 1 } = options;
  const total = stepSizeUp + stepSizeDown, rise = stepSizeUp / total;
  const cycle = Math.floor(1 + epoch / total), x = 1 + epoch / total - cycle;
  const height = x <= rise ? x / rise : (x - 1) / (rise - 1);
  if (mode === "triangular2") return { height, factor: 1 / 2 ** (cycle - 1) };
  return { height, factor: mode === "exp_range" ? gamma ** epoch : 1 };
}

function of(values: number | readonly number[], group: number): number {
  return typeof values === "number" ? values : values[group]!;
}
