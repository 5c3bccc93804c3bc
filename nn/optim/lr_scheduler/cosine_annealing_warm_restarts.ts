/**
 * Half a cosine again and again. Loshchilov, Hutter: SGDR (arXiv 1608.03983).
 *
 * @module
 */
import { LRScheduler, SCHEDULABLE, type Schedulable } from "./scheduler.ts";
import { signature } from "../../../ops/core/signature.ts";
import { NUMBER, required, whole } from "../../../ops/core/kinds.ts";

/** Options of {@linkcode CosineAnnealingWarmRestarts}. */
export interface CosineAnnealingWarmRestartsOptions {
  /** Steps of the first period: PyTorch's `T_0`. */
  T0: number;
  /** How many times as long each period is than the one before, 1 unless given: PyTorch's `T_mult`. */
  TMult?: number;
  /** The lowest rate, 0 unless given. */
  etaMin?: number;
}

const takes = signature<CosineAnnealingWarmRestartsOptions>("make CosineAnnealingWarmRestarts", {
  optimizer: SCHEDULABLE,
}, { T0: required(whole(1)), TMult: whole(1), etaMin: NUMBER });

/**
 * Lowers the rate along half a cosine, jumps back, and does it again, over longer and longer periods
 * where wanted.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const opt = new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 1 });
 * const schedule = new optim.lrScheduler.CosineAnnealingWarmRestarts(opt, { T0: 2 });
 * const rates = [1, 2, 3].map(() => (schedule.step(), opt.paramGroups[0].lr));
 * assertAlmostEquals(rates[0], 0.5, 1e-12);
 * assertAlmostEquals(rates[1], 1, 1e-12);
 * ```
 */
export class CosineAnnealingWarmRestarts extends LRScheduler<CosineAnnealingWarmRestartsOptions> {
  /**
   * Makes a schedule.
   *
   * @param optimizer The optimiser whose rate changes.
   * @param options When, and by how much.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(optimizer: Schedulable, options: CosineAnnealingWarmRestartsOptions) {
    takes(arguments);
    super(optimizer, options);
  }

  /** Refuses options that the schedule cannot have. */
  protected override check(options: CosineAnnealingWarmRestartsOptions): void {
    takes([this.optimizer, options]);
  }

  /** The rate of a step. */
  protected override rate(_lr: number, base: number, epoch: number): number {
    const { T0, TMult = 1, etaMin = 0 } = this.options;
    let at = epoch, period = T0;
    if (TMult === 1) at %= T0;
    else for (; at >= period; period *= TMult) at -= period;
    return etaMin + (base - etaMin) * (1 + Math.cos(Math.PI * at / period)) / 2;
  }
}
