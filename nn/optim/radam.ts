/**
 * RAdam, Adam that trusts its variance once there are steps enough. Liu et al. (arXiv 1908.03265).
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

/** Options of {@linkcode RAdam}. */
export interface RAdamOptions {
  /** Learning rate, 0.001 unless given. */
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

const DEFAULTS: Required<RAdamOptions> = {
  lr: 0.001,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maximize: false,
};

// Numbers: sign, decay, β1, 1 - β1, β2, 1 - β2, size, root (0 while the variance is not known), eps.
const PROGRAM = updateProgram(2, 9, [
  [PENALIZED, "i0 i1 p0 p1"],
  [AVERAGED, "i2 s0 p2 p3"],
  [AVERAGED_SQUARE, "i3 s0 p4 p5"],
  [
    floatFunction(
      "radam",
      ["p", "m", "v", "size", "root", "eps"],
      "p - size * m * select(1.0, root / (sqrt(v) + eps), root > 0.0)",
    ),
    "i0 s1 s2 p6 p7 p8",
  ],
], "s3 s1 s2");

const takes = signature<RAdamOptions>("make RAdam", { params: ITERABLE }, kindsLike(DEFAULTS));

/**
 * Steps as Adam does, rectified by how well the variance is known; in the first steps by the average
 * gradient alone.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([1, -2], { requiresGrad: true });
 * const opt = new optim.RAdam([w], { lr: 0.5 });
 * w.mul(w).sum().backward();
 * opt.step();
 * assertAlmostEquals((await w.data())[0], 0, 1e-4);
 * ```
 */
export class RAdam extends Optimizer<Required<RAdamOptions>> {
  /**
   * Makes an optimiser.
   *
   * @param params Parameters, or groups of them with options of their own.
   * @param options Learning rate and so on.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Required<RAdamOptions>>>,
    options: RAdamOptions = {},
  ) {
    takes(arguments);
    super(params, withDefaults(DEFAULTS, options));
  }

  /** Refuses options that are out of range. */
  protected override check(group: FullGroup<Required<RAdamOptions>>): void {
    const { lr, betas, eps, weightDecay } = group;
    checkOptions("RAdam", { lr, eps, weightDecay });
    checkOptions("RAdam", { "betas[0]": betas[0], "betas[1]": betas[1] }, 1);
  }

  /**
   * Says how a group is updated.
   *
   * @internal
   */
  protected override rule(group: FullGroup<Required<RAdamOptions>>): UpdateRule {
    const { lr, betas: [beta1, beta2], eps, weightDecay, maximize } = group;
    return {
      name: "radam",
      program: PROGRAM,
      states: ["exp_avg", "exp_avg_sq"],
      initial: 0,
      numbers: (step) => {
        const most = 2 / (1 - beta2) - 1, kept = beta2 ** step;
        const length = most - 2 * step * kept / (1 - kept); // of the average, in steps
        const isKnown = length > 5;
        const rectified = isKnown
          ? Math.sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length))
          : 1;
        return [
          maximize ? -1 : 1,
          weightDecay,
          beta1,
          1 - beta1,
          beta2,
          1 - beta2,
          lr / (1 - beta1 ** step) * rectified,
          isKnown ? Math.sqrt(1 - kept) : 0,
          eps,
        ];
      },
    };
  }
}
