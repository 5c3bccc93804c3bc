/**
 * RMSprop: the gradient over the root of a running average of its square.
 *
 * With gradient g (which has had `weightDecay p` added), `v = α v + (1 - α) g²`. The step is `d = g / (√v + eps)`, or
 * if centered `g / (√(v - a²) + eps)` with `a = α a + (1 - α) g`; then `p = p - lr d`, or with momentum
 * `b = momentum b + d` and `p = p - lr b`. Hinton, lecture 6 of "Neural networks for machine learning"; Graves (2013).
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { withDefaults } from "../options.ts";
import { kindsLike } from "./_option_kinds.ts";
import { AVERAGED, AVERAGED_SQUARE, PENALIZED, updateProgram, type UpdateRule } from "./_update_rule.ts";
import { checkOptions, type FullGroup, Optimizer, type ParameterGroup } from "./optimizer.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { type ElementFunction, floatFunction } from "../../ops/kernels/wgsl/program.ts";
import { ITERABLE } from "../../ops/core/kinds.ts";

/** Options of {@linkcode RMSprop}. */
export interface RMSpropOptions {
  /** Learning rate, 0.01 unless given. */
  lr?: number;
  /** What the average of squares keeps of itself, 0.99 unless given. */
  alpha?: number;
  /** What is added to the denominator, 1e-8 unless given. */
  eps?: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty), 0 unless given. */
  weightDecay?: number;
  /** Share of the last step that is kept, 0 unless given. */
  momentum?: number;
  /** Whether the variance of the gradient is used in place of its mean square, false unless given. */
  centered?: boolean;
  /** Whether to step along the gradient rather than against it, false unless given. */
  maximize?: boolean;
}

const DEFAULTS: Required<RMSpropOptions> = {
  lr: 0.01,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  maximize: false,
};

const SCALED = floatFunction("scaled", ["g", "v", "eps"], "g / (sqrt(v) + eps)");
const CENTERED = floatFunction("centered", ["g", "v", "a", "eps"], "g / (sqrt(v - a * a) + eps)");
const PUSHED = floatFunction("pushed", ["b", "d", "momentum"], "momentum * b + d");
const STEPPED = floatFunction("stepped", ["p", "d", "lr"], "p - lr * d");

/** The program of each kind, made from its steps. Numbers: lr, sign, decay, α, 1 - α, eps, momentum. */
function program(centered: boolean, momentum: boolean) {
  const steps: [ElementFunction, string][] = [[PENALIZED, "i0 i1 p1 p2"], [AVERAGED_SQUARE, "i2 s0 p3 p4"]];
  const states = ["s1"];
  if (centered) {
    steps.push([AVERAGED, "i3 s0 p3 p4"], [CENTERED, "s0 s1 s2 p5"]);
    states.push("s2");
  } else steps.push([SCALED, "s0 s1 p5"]);
  if (momentum) {
    steps.push([PUSHED, `i${2 + states.length} s${steps.length - 1} p6`]);
    states.push(`s${steps.length - 1}`);
  }
  steps.push([STEPPED, `i0 s${steps.length - 1} p0`]);
  return updateProgram(states.length, 7, steps, [`s${steps.length - 1}`, ...states].join(" "));
}

/** By whether it is centered, and by whether it has momentum. */
const PROGRAMS = [false, true].map((centered) =>
  [false, true].map((momentum) => program(centered, momentum))
);

const takes = signature<RMSpropOptions>("make RMSprop", { params: ITERABLE }, kindsLike(DEFAULTS));

/**
 * Steps along the gradient over its own running size; the numbers are PyTorch's.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([4], { requiresGrad: true });
 * const opt = new optim.RMSprop([w], { lr: 0.1, alpha: 0.75 });
 * w.mul(w).sum().backward();
 * opt.step();
 * assertAlmostEquals(await w.item(), 3.8, 1e-6); // 4 - 0.1 · 8 / √(0.25 · 8²)
 * ```
 */
export class RMSprop extends Optimizer<Required<RMSpropOptions>> {
  /**
   * Makes an optimiser.
   *
   * @param params Parameters, or groups of them with options of their own.
   * @param options Learning rate, alpha and so on.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Required<RMSpropOptions>>>,
    options: RMSpropOptions = {},
  ) {
    takes(arguments);
    super(params, withDefaults(DEFAULTS, options));
  }

  /** Refuses options that are out of range. */
  protected override check(
    { lr, alpha, eps, weightDecay, momentum }: FullGroup<Required<RMSpropOptions>>,
  ): void {
    checkOptions("RMSprop", { lr, alpha, eps, weightDecay, momentum });
  }

  /**
   * Says how a group is updated.
   *
   * @internal
   */
  protected override rule(
    { lr, alpha, eps, weightDecay, momentum, centered, maximize }: FullGroup<Required<RMSpropOptions>>,
  ): UpdateRule {
    const states = ["square_avg"];
    if (centered) states.push("grad_avg");
    if (momentum > 0) states.push("momentum_buffer");
    return {
      name: "rmsprop",
      program: PROGRAMS[Number(centered)]![Number(momentum > 0)]!,
      states,
      initial: 0,
      numbers: () => [lr, maximize ? -1 : 1, weightDecay, alpha, 1 - alpha, eps, momentum],
    };
  }
}
