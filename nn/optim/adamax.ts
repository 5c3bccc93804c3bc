/**
 * Adamax, Adam by the largest gradient. Kingma, Ba (arXiv 1412.6980).
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { floatFunction } from "../../ops/kernels/wgsl/program.ts";
import { withDefaults } from "../options.ts";
import { kindsLike } from "./_option_kinds.ts";
import { AVERAGED, PENALIZED, updateProgram, type UpdateRule } from "./_update_rule.ts";
import { checkOptions, type FullGroup, Optimizer, type ParameterGroup } from "./optimizer.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { ITERABLE } from "../../ops/core/kinds.ts";

/** Options of {@linkcode Adamax}. */
export interface AdamaxOptions {
  /** Learning rate, 0.002 unless given. */
  lr?: number;
  /** What the averages of the gradient and of its square keep of themselves, 0.9 and 0.999 unless given. */
  betas?: readonly [number, number];
  /** What is added to the denominator, 1e-8 unless given. */
  eps?: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty), 0 unless given. */
  weightDecay?: number;
  /** Whether to step along the gradient rather than against it, false unless given. */
  maximize?: boolean;
}

const DEFAULTS: Required<AdamaxOptions> = {
  lr: 0.002,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maximize: false,
};

// Numbers: sign, decay, β1, 1 - β1, β2, eps, size.
const PROGRAM = updateProgram(2, 7, [
  [PENALIZED, "i0 i1 p0 p1"],
  [AVERAGED, "i2 s0 p2 p3"],
  [
    // NaN wins, as in PyTorch's amax
    floatFunction(
      "largest",
      ["u", "g", "kept", "eps"],
      [
        "let a = kept * u; let b = abs(g) + eps;",
        "return select(select(a, b, b > a), a + b, isnanf(a) || isnanf(b));",
      ].join(" "),
    ),
    "i3 s0 p4 p5",
  ],
  [floatFunction("adamax", ["p", "m", "u", "size"], "p - size * (m / u)"), "i0 s1 s2 p6"],
], "s3 s1 s2");

const takes = signature<AdamaxOptions>("make Adamax", { params: ITERABLE }, kindsLike(DEFAULTS));

/**
 * Steps by the average gradient, in units of the largest size that a gradient had, which slowly is
 * forgotten.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([1, -2], { requiresGrad: true });
 * const opt = new optim.Adamax([w], { lr: 0.5 });
 * w.mul(w).sum().backward();
 * opt.step();
 * assertAlmostEquals((await w.data())[0], 0.5, 1e-4);
 * ```
 */
export class Adamax extends Optimizer<Required<AdamaxOptions>> {
  /**
   * Makes an optimiser.
   *
   * @param params Parameters, or groups of them with options of their own.
   * @param options Learning rate and so on.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Required<AdamaxOptions>>>,
    options: AdamaxOptions = {},
  ) {
    takes(arguments);
    super(params, withDefaults(DEFAULTS, options));
  }

  /** Refuses options that are out of range. */
  protected override check(group: FullGroup<Required<AdamaxOptions>>): void {
    const { lr, betas, eps, weightDecay } = group;
    checkOptions("Adamax", { lr, eps, weightDecay });
    checkOptions("Adamax", { "betas[0]": betas[0], "betas[1]": betas[1] }, 1);
  }

  /**
   * Says how a group is updated.
   *
   * @internal
   */
  protected override rule(group: FullGroup<Required<AdamaxOptions>>): UpdateRule {
    const { lr, betas: [beta1, beta2], eps, weightDecay, maximize } = group;
    return {
      name: "adamax",
      program: PROGRAM,
      states: ["exp_avg", "exp_inf"],
      initial: 0,
      numbers: (step) => [
        maximize ? -1 : 1,
        weightDecay,
        beta1,
        1 - beta1,
        beta2,
        eps,
        lr / (1 - beta1 ** step),
      ],
    };
  }
}
