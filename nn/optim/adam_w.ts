/**
 * AdamW: Adam whose weights shrink on their own, `p = (1 - lr weightDecay) p` before each step, rather than through the
 * gradient. Loshchilov and Hutter (2017).
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { withDefaults } from "../options.ts";
import { Adam, ADAM_KINDS, type AdamOptions } from "./adam.ts";
import type { ParameterGroup } from "./optimizer.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { ITERABLE } from "../../ops/core/kinds.ts";

const takes = signature<AdamOptions>("make AdamW", { params: ITERABLE }, ADAM_KINDS);

/**
 * Steps as {@linkcode Adam} does, with decoupled weight decay; the numbers are PyTorch's.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([4], { requiresGrad: true });
 * const opt = new optim.AdamW([w], { lr: 0.5, weightDecay: 0.1 });
 * w.mul(w).sum().backward();
 * opt.step();
 * assertAlmostEquals(await w.item(), 3.3, 1e-6); // 4 (1 - 0.05) - 0.5
 * ```
 */
export class AdamW extends Adam {
  /**
   * Makes an optimiser.
   *
   * @param params Parameters, or groups of them with options of their own.
   * @param options Those of Adam; `weightDecay` is 0.01 unless given.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Required<AdamOptions>>>,
    options: AdamOptions = {},
  ) {
    takes(arguments);
    super(params, withDefaults({ weightDecay: 0.01 }, options));
  }

  /** Weights shrink on their own. */
  protected override get decoupled(): boolean {
    return true;
  }
}
