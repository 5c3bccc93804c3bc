/**
 * What losses share: reductions, and losses that are a function of each pair of elements.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { defineElementwise, expectDType } from "../core/families/elementwise.ts";
import { sumTo } from "../core/families/reduce.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
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

/** A loss of each element of what its operands broadcast to. */
export interface ElementLoss {
  /** Shown in errors and profiles. */
  readonly name: string;
  /** What the losses are made of besides the input `x` and the target `t`: the names that errors have for it, by its own. */
  readonly weights?: Readonly<Record<string, string>>;
  /** Names of the numbers that the loss takes. */
  readonly numbers?: readonly string[];
  /** WGSL of the loss. */
  readonly forward: string;
  /** WGSL of its slope in the input and in the target. */
  readonly slopes: readonly [input: string, target: string];
}

/** What the losses of a call are made of: input, target and weights, of which those that are not given are numbers. */
export type LossOperands = readonly [input: Tensor, target: Tensor, ...weights: (Tensor | number)[]];

/** Makes a loss of each element, which is then reduced. Gradients flow to the input and the target. */
export function defineElementLoss(
  { name, weights = {}, numbers = [], forward, slopes }: ElementLoss,
): (operands: LossOperands, reduction?: Reduction, numbers?: readonly number[]) => Tensor {
  const inputs = ["x", "t", ...Object.keys(weights)], labels = ["input", "target", ...Object.values(weights)];
  const op = defineElementwise({ name, inputs, numbers, forward });
  const gradients = slopes.map((slope) =>
    defineElementwise({
      name: `${name} gradient`,
      inputs: ["dy", ...inputs],
      numbers: [...numbers, "count"],
      forward: `dy * (${slope}) / count`,
    })
  );
  return (operands, reduction = "mean", given = []) => {
    checkReduction(name, reduction);
    operands.forEach((v, k) => typeof v === "number" || expectDType(name, v, "float32", labels[k]));
    const losses = op(operands, given), count = reduction === "mean" ? losses.size : 1;
    const [input, target, ...others] = operands;
    return differentiable(name, reduceLosses(losses, reduction), [input, target], {
      saved: operands.filter((v) => typeof v !== "number"),
      gradient(dy, [x, t, ...kept], needs) {
        const all = [dy, x, t, ...others.map((v) => (typeof v === "number" ? v : kept.shift()!))];
        return gradients.map((gradient, k) =>
          needs[k] ? sumTo(gradient(all, [...given, count]), [x, t][k].shape) : null
        );
      },
    });
  };
}
