/**
 * What losses share: reductions, and losses that are a function of each pair of elements.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { defineElementwise } from "../core/families/elementwise.ts";
import { sumTo } from "../core/families/reduce.ts";
import type { OptionKinds } from "../core/signature.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { mean } from "../reduction/mean.ts";
import { sum } from "../reduction/sum.ts";
import { type Kind, oneOf } from "../core/kinds.ts";

/** How many losses become one. */
export type Reduction = "mean" | "sum" | "none";

/** Options of losses that only reduce. */
export interface LossOptions {
  /** How the losses are put together, "mean" unless given. */
  reduction?: Reduction;
}

/** How losses are put together. */
export const REDUCTION: Kind = oneOf("mean", "sum", "none");
/** The kinds of {@linkcode LossOptions}. */
export const LOSS_OPTIONS: OptionKinds<LossOptions> = { reduction: REDUCTION };

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
  /** Names of what the losses are made of besides the input `x` and the target `t`. */
  readonly weights?: readonly string[];
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
  { name, weights = [], numbers = [], forward, slopes }: ElementLoss,
): (operands: LossOperands, reduction?: Reduction, numbers?: readonly number[]) => Tensor {
  const inputs = ["x", "t", ...weights];
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
    const losses = op(operands, given), count = reduction === "mean" ? losses.size : 1;
    const [input, target, ...others] = operands;
    return differentiable(name, reduceLosses(losses, reduction), [input, target], {
      saved: operands.filter((v) => typeof v !== "number"),
      gradient(dy, [x, t, ...kept], needs) {
        const all = [dy, x!, t!, ...others.map((v) => (typeof v === "number" ? v : kept.shift()!))];
        return gradients.map((gradient, k) =>
          needs[k] ? sumTo(gradient(all, [...given, count]), (k === 0 ? x! : t!).shape) : null
        );
      },
    });
  };
}
