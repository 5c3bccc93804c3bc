/**
 * What losses share: reductions, and losses that are a function of each pair of elements.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { expectDType } from "../core/families/elementwise.ts";
import { compute } from "../core/tensor/compute.ts";
import { sumTo } from "../core/families/reduce.ts";
import { broadcastShapes } from "../core/shape.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { programOf } from "../kernels/wgsl/program.ts";
import { mean } from "../reduction/mean.ts";
import { sum } from "../reduction/sum.ts";

/** How many losses become one. */
export type Reduction = "mean" | "sum" | "none";

/** Options of losses that only reduce. */
export interface LossOptions {
  /** How the losses are put together, "mean" unless given. */
  reduction?: Reduction;
}

/** Refuses a reduction that there is not. */
export function checkReduction(op: string, reduction: Reduction): void {
  if (["mean", "sum", "none"].includes(reduction)) return;
  throw new RangeError(
    `Cannot apply ${op} as reduction must be "mean", "sum" or "none": "${reduction}"`,
  );
}

/** Puts losses together; they are disposed of unless they are the result. */
export function reduceLosses(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return losses;
  const y = reduction === "mean" ? mean(losses) : sum(losses);
  losses.dispose();
  return y;
}

/** A loss of each element of what its tensors broadcast to. */
export interface ElementLoss {
  readonly op: string;
  /** Input and target, and what else takes part, by the names that the expressions use. */
  readonly tensors: Readonly<Partial<Record<keyof typeof LABELS, Tensor>>>;
  /** Numbers by name. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** WGSL of the loss. */
  readonly forward: string;
  /** WGSL of its slope in the input and in the target. */
  readonly slopes: readonly [input: string, target: string];
}

/** The tensors' names in expressions, and in errors. */
const LABELS = { x: "input", t: "target", w: "weight", p: "posWeight" } as const;

/** Computes and reduces a loss of each element; gradients flow to the first two tensors. */
export function elementLoss(loss: ElementLoss, reduction: Reduction = "mean"): Tensor {
  const { op, tensors, numbers = {}, forward, slopes } = loss;
  checkReduction(op, reduction);
  const names = Object.keys(tensors) as (keyof typeof LABELS)[], inputs = names.map((n) => tensors[n]!);
  inputs.forEach((t, k) => expectDType(op, t, "float32", LABELS[names[k]]));
  const shape = broadcastShapes(op, ...inputs.map((t) => t.shape)), values = Object.values(numbers);
  const program = (name: string, tensors: string[], numbers: string[], body: string) => {
    const args = [...tensors, ...numbers].map((v) => [v, "float32"] as const);
    return programOf({ name, args, result: "float32", body }, numbers.length);
  };
  const pointwise = program(op, names, Object.keys(numbers), forward);
  const losses = compute(op, pointwise, shape, inputs, values, "float32");
  const divisor = reduction === "mean" ? losses.size : 1;
  return differentiable(op, reduceLosses(losses, reduction), inputs.slice(0, 2), {
    saved: inputs,
    gradient: (dy, saved, needs) =>
      slopes.map((slope, k) => {
        if (!needs[k]) return null;
        const constants = [...Object.keys(numbers), "count"];
        const body = program(`${op}_gradient`, ["dy", ...names], constants, `dy * (${slope}) / count`);
        const all = [dy, ...saved], given = [...values, divisor];
        return sumTo(compute(`${op} gradient`, body, shape, all, given, "float32"), saved[k].shape);
      }),
  });
}
