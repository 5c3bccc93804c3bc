/**
 * NAdam, Adam with Nesterov's momentum. Dozat (2016).
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { floatFunction } from "../../ops/kernels/wgsl/program.ts";
import { withDefaults } from "../options.ts";
import { kindsLike } from "./_option_kinds.ts";
import { AVERAGED, AVERAGED_SQUARE, PENALIZED, updateProgram, type UpdateRule } from "./_update_rule.ts";
import { checkOptions, type FullGroup, Optimizer, type ParameterGroup } from "./optimizer.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { ITERABLE } from "../../ops/core/kinds.ts";

/** Options of {@linkcode NAdam}. */
export interface NAdamOptions {
  /** Learning rate, 0.002 unless given. */
  lr?: number;
  /** What the averages of the gradient and of its square keep of themselves, 0.9 and 0.999 unless given. */
  betas?: readonly [number, number];
  /** What is added to the denominator, 1e-8 unless given. */
  eps?: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty), 0 unless given. */
  weightDecay?: number;
  /** How quickly the momentum reaches `beta1`, 0.004 unless given. */
  momentumDecay?: number;
  /** Whether to step along the gradient rather than against it, false unless given. */
  maximize?: boolean;
}

const DEFAULTS: Required<NAdamOptions> = {
  lr: 0.002,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  momentumDecay: 0.004,
  maximize: false,
};

// Numbers: sign, decay, β1, 1 - β1, β2, 1 - β2, shares of gradient and average, root and eps.
const PROGRAM = updateProgram(2, 10, [
  [PENALIZED, "i0 i1 p0 p1"],
  [AVERAGED, "i2 s0 p2 p3"],
  [AVERAGED_SQUARE, "i3 s0 p4 p5"],
  [
    floatFunction(
      "nadam",
      ["p", "g", "m", "v", "of_gradient", "of_average", "root", "eps"],
      "let d = sqrt(v) / root + eps; return p - of_gradient * (g / d) - of_average * (m / d);",
    ),
    "i0 s0 s1 s2 p6 p7 p8 p9",
  ],
], "s3 s1 s2");

/** Products of the momenta of the first steps, by their options. */
const products = new Map<string, number[]>();

function momentumAt(step: number, beta1: number, decay: number): number {
  return beta1 * (1 - 0.5 * 0.96 ** (step * decay));
}

/** The product of the momenta of all steps up to one. */
function productUpTo(step: number, beta1: number, decay: number): number {
  const key = `${beta1} ${decay}`, known = products.get(key) ?? [1];
  products.set(key, known);
  for (let t = known.length; t <= step; t++) known.push(known[t - 1]! * momentumAt(t, beta1, decay));
  return known[step]!;
}

const takes = signature<NAdamOptions>("make NAdam", { params: ITERABLE }, kindsLike(DEFAULTS));

/**
 * Steps as Adam does, with the momentum that the next step will have. The momentum grows over the steps,
 * as `beta1 (1 - 0.96^(t momentumDecay) / 2)`.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([1, -2], { requiresGrad: true });
 * const opt = new optim.NAdam([w], { lr: 0.5 });
 * w.mul(w).sum().backward();
 * opt.step();
 * assertAlmostEquals((await w.data())[0], 0.4718, 1e-4);
 * ```
 */
export class NAdam extends Optimizer<Required<NAdamOptions>> {
  /**
   * Makes an optimiser.
   *
   * @param params Parameters, or groups of them with options of their own.
   * @param options Learning rate and so on.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Required<NAdamOptions>>>,
    options: NAdamOptions = {},
  ) {
    takes(arguments);
    super(params, withDefaults(DEFAULTS, options));
  }

  /** Refuses options that are out of range. */
  protected override check(group: FullGroup<Required<NAdamOptions>>): void {
    const { lr, betas, eps, weightDecay, momentumDecay } = group;
    checkOptions("NAdam", { lr, eps, weightDecay, momentumDecay });
    checkOptions("NAdam", { "betas[0]": betas[0], "betas[1]": betas[1] }, 1);
  }

  /**
   * Says how a group is updated.
   *
   * @internal
   */
  protected override rule(group: FullGroup<Required<NAdamOptions>>): UpdateRule {
    const { lr, betas: [beta1, beta2], eps, weightDecay, momentumDecay, maximize } = group;
    return {
      name: "nadam",
      program: PROGRAM,
      states: ["exp_avg", "exp_avg_sq"],
      initial: 0,
      numbers: (step) => {
        const product = productUpTo(step, beta1, momentumDecay);
        const now = momentumAt(step, beta1, momentumDecay), next = momentumAt(step + 1, beta1, momentumDecay);
        return [
          maximize ? -1 : 1,
          weightDecay,
          beta1,
          1 - beta1,
          beta2,
          1 - beta2,
          lr * (1 - now) / (1 - product),
          lr * next / (1 - product * next),
          Math.sqrt(1 - beta2 ** step),
          eps,
        ];
      },
    };
  }
}
