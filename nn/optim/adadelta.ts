/**
 * Adadelta. Zeiler (arXiv 1212.5701).
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { floatFunction } from "../../ops/kernels/wgsl/program.ts";
import { withDefaults } from "../options.ts";
import { kindsLike } from "./_option_kinds.ts";
import { AVERAGED_SQUARE, PENALIZED, updateProgram, type UpdateRule } from "./_update_rule.ts";
import { checkOptions, type FullGroup, Optimizer, type ParameterGroup } from "./optimizer.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { ITERABLE } from "../../ops/core/kinds.ts";

/** Options of {@linkcode Adadelta}. */
export interface AdadeltaOptions {
  /** Learning rate, 1 unless given. */
  lr?: number;
  /** What the averages of squares keep of themselves, 0.9 unless given. */
  rho?: number;
  /** What is added to the denominator, 1e-6 unless given. */
  eps?: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty), 0 unless given. */
  weightDecay?: number;
  /** Whether to step along the gradient rather than against it, false unless given. */
  maximize?: boolean;
}

const DEFAULTS: Required<AdadeltaOptions> = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false };

// Numbers: sign, decay, rho, 1 - rho, eps, lr.
const PROGRAM = updateProgram(2, 6, [
  [PENALIZED, "i0 i1 p0 p1"],
  [AVERAGED_SQUARE, "i2 s0 p2 p3"],
  [floatFunction("delta", ["g", "v", "d", "eps"], "sqrt(d + eps) / sqrt(v + eps) * g"), "s0 s1 i3 p4"],
  [AVERAGED_SQUARE, "i3 s2 p2 p3"],
  [floatFunction("adadelta", ["p", "delta", "lr"], "p - lr * delta"), "i0 s2 p5"],
], "s4 s1 s3");

const takes = signature<AdadeltaOptions>("make Adadelta", { params: ITERABLE }, kindsLike(DEFAULTS));

/**
 * Steps by the gradient, in units of the size of the latest steps and gradients: `p = p - lr g sqrt(d +
 * eps) / sqrt(v + eps)`.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([1, -2], { requiresGrad: true });
 * const opt = new optim.Adadelta([w], {  });
 * w.mul(w).sum().backward();
 * opt.step();
 * assertAlmostEquals((await w.data())[0], 0.9968378, 1e-4);
 * ```
 */
export class Adadelta extends Optimizer<Required<AdadeltaOptions>> {
  /**
   * Makes an optimiser.
   *
   * @param params Parameters, or groups of them with options of their own.
   * @param options Learning rate and so on.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Required<AdadeltaOptions>>>,
    options: AdadeltaOptions = {},
  ) {
    takes(arguments);
    super(params, withDefaults(DEFAULTS, options));
  }

  /** Refuses options that are out of range. */
  protected override check(group: FullGroup<Required<AdadeltaOptions>>): void {
    const { lr, rho, eps, weightDecay } = group;
    checkOptions("Adadelta", { lr, eps, weightDecay });
    checkOptions("Adadelta", { rho }, 1 + 2 ** -52);
  }

  /**
   * Says how a group is updated.
   *
   * @internal
   */
  protected override rule(group: FullGroup<Required<AdadeltaOptions>>): UpdateRule {
    const { lr, rho, eps, weightDecay, maximize } = group;
    return {
      name: "adadelta",
      program: PROGRAM,
      states: ["square_avg", "acc_delta"],
      initial: 0,
      numbers: () => [maximize ? -1 : 1, weightDecay, rho, 1 - rho, eps, lr],
    };
  }
}
