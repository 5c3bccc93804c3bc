/**
 * Muon: momentum whose matrix is made orthogonal. Jordan et al. (2024), as torch.optim.Muon of 2.9 has
 * it, in float32 rather than bfloat16.
 *
 * The singular values of the step are brought near 1 by five turns of Newton's and Schulz's iteration,
 * `X = a X + (b A + c A A) X` with `A = X Xᵀ`, which takes products of matrices alone.
 *
 * @module
 */
import type { Sizes2 } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import { floatFunction, programOf } from "../../ops/kernels/wgsl/program.ts";
import { withDefaults } from "../options.ts";
import { kindsLike } from "./_option_kinds.ts";
import { updateProgram, type UpdateRule } from "./_update_rule.ts";
import { checkOptions, type FullGroup, Optimizer, type ParameterGroup } from "./optimizer.ts";
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { Scope } from "../../ops/core/scope.ts";
import { show } from "../../ops/core/shape.ts";
import { computeInto } from "../../ops/core/tensor/compute.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { ITERABLE } from "../../ops/core/kinds.ts";

/** Options of {@linkcode Muon}. */
export interface MuonOptions {
  /** Learning rate, 0.001 unless given. */
  lr?: number;
  /** How strongly weights are drawn to 0, 0.1 unless given. */
  weightDecay?: number;
  /** What the average gradient keeps of itself, 0.95 unless given. */
  momentum?: number;
  /** Whether the step looks one step ahead, true unless given. */
  nesterov?: boolean;
  /** The coefficients of the iteration. */
  nsCoefficients?: readonly [a: number, b: number, c: number];
  /** The least norm that is divided by, 1e-7 unless given. */
  eps?: number;
  /** Turns of the iteration, 5 unless given. */
  nsSteps?: number;
}

const DEFAULTS: Required<MuonOptions> = {
  lr: 0.001,
  weightDecay: 0.1,
  momentum: 0.95,
  nesterov: true,
  nsCoefficients: [3.4445, -4.775, 2.0315],
  eps: 1e-7,
  nsSteps: 5,
};

// Numbers: what is kept of the parameter, momentum, 1 - momentum.
const PROGRAM = updateProgram(1, 3, [
  [floatFunction("averaged", ["a", "x", "kept", "share"], "kept * a + share * x"), "i2 i1 p1 p2"],
  [floatFunction("shrunk", ["p", "kept"], "kept * p"), "i0 p0"],
], "s1 s0");
const STEP = programOf(floatFunction("muon", ["p", "u", "lr"], "p - lr * u"), 1);

const takes = signature<MuonOptions>("make Muon", { params: ITERABLE }, kindsLike(DEFAULTS));

/**
 * Steps matrices by their average gradient, made orthogonal. What is no matrix (biases, embeddings,
 * kernels of convolutions unless they are reshaped) belongs to another optimiser.
 *
 * @example Usage
 * ```ts
 * import { openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([[1, 0], [0, 4]], { requiresGrad: true });
 * const opt = new optim.Muon([w], { lr: 0.1, weightDecay: 0 });
 * w.mul(w).sum().backward();
 * opt.step();
 * assertAlmostEquals((await w.data())[0], 0.9, 0.05); // both singular values count alike
 * ```
 */
export class Muon extends Optimizer<Required<MuonOptions>> {
  /**
   * Makes an optimiser.
   *
   * @param params Matrices, or groups of them with options of their own.
   * @param options Learning rate and so on.
   * @throws {RangeError} If a parameter is no matrix, or an option is out of range.
   */
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Required<MuonOptions>>>,
    options: MuonOptions = {},
  ) {
    takes(arguments);
    super(params, withDefaults(DEFAULTS, options));
  }

  /** Updates every matrix that has a gradient. */
  override step(): void {
    super.step(); // the averages, and the decay
    noGrad(() => {
      for (const group of this.paramGroups) {
        for (const p of group.params) if (p.grad && p.size > 0) this.#turn(p, p.grad, group);
      }
    });
  }

  /** Goes on by the orthogonal step. */
  #turn(p: Tensor, gradient: Tensor, group: FullGroup<Required<MuonOptions>>): void {
    using _inner = new Scope();
    const { momentum, nesterov } = group, average = this.stateOf(p, "momentum_buffer");
    const direction = nesterov ? gradient.lerp(average, momentum) : average;
    const [rows, columns] = p.shape as Sizes2, size = Math.sqrt(Math.max(1, rows / columns));
    computeInto("muon", STEP, p.shape, [p, orthogonal(direction, group)], [p], [() => group.lr * size]);
  }

  /** Refuses options that are out of range, and what is no matrix. */
  protected override check(group: FullGroup<Required<MuonOptions>>): void {
    const { lr, weightDecay, momentum, eps, nsSteps, params } = group;
    checkOptions("Muon", { lr, weightDecay, momentum, eps });
    if (!Number.isInteger(nsSteps) || nsSteps < 0 || nsSteps >= 100) {
      throw new RangeError(`Cannot make Muon as nsSteps must be a whole number from 0 to 99: ${nsSteps}`);
    }
    const other = params.find((p) => p.shape.length !== 2);
    if (other) {
      throw new RangeError(
        `Cannot make Muon as its parameters must be matrices: one has shape ${show(other.shape)}`,
      );
    }
  }

  /**
   * Says how the averages of a group are updated.
   *
   * @internal
   */
  protected override rule({ lr, weightDecay, momentum }: FullGroup<Required<MuonOptions>>): UpdateRule {
    return {
      name: "muon average",
      program: PROGRAM,
      states: ["momentum_buffer"],
      initial: 0,
      numbers: () => [1 - lr * weightDecay, momentum, 1 - momentum],
    };
  }
}

/** A matrix whose singular values are near 1, with the singular vectors of another. */
function orthogonal(x: Tensor, { nsCoefficients: [a, b, c], eps, nsSteps }: Required<MuonOptions>): Tensor {
  const [rows, columns] = x.shape as Sizes2, isTall = rows > columns;
  let y = isTall ? x.transpose(0, 1) : x;
  y = y.div(y.norm().clamp({ min: eps }));
  for (let turn = 0; turn < nsSteps; turn++) {
    const square = y.matmul(y.transpose(0, 1));
    y = y.mul(a).add(square.mul(b).add(square.matmul(square).mul(c)).matmul(y));
  }
  return isTall ? y.transpose(0, 1) : y;
}
