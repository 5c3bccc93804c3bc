/**
 * Gradients as values: `grad` returns those of any tensors, and leaves the `grad` of every leaf alone.
 *
 * @module
 */
import { Scope } from "../scope.ts";
import { show } from "../shape.ts";
import { signature } from "../signature.ts";
import { cloneOf } from "../tensor/in_place.ts";
import { FLOAT_TENSOR, TENSOR } from "../tensor/kinds.ts";
import { aliasOf, filledLike, storageOf } from "../tensor/internals.ts";
import { Tensor } from "../tensor/tensor.ts";
import { noGrad } from "./autograd.ts";
import { type BackwardOptions, checkStart, gradientsAt } from "./backward.ts";
import { BOOLEAN, either, listOf } from "../kinds.ts";

/** Options of {@linkcode grad}. */
export interface GradOptions extends BackwardOptions {
  /** Gradient of the loss in the output; it may be left out for an output of one element, where it is 1. */
  gradOutput?: Tensor;
  /** Whether inputs that the output does not depend on get null; otherwise they are an error. */
  allowUnused?: boolean;
}

const takes = signature<GradOptions>("compute gradients", {
  output: TENSOR,
  inputs: either(TENSOR, listOf(TENSOR, "tensors")),
}, { gradOutput: FLOAT_TENSOR, allowUnused: BOOLEAN, retainGraph: BOOLEAN });

/**
 * Computes the gradients of `output` in `inputs`, leaves or not, and leaves the `grad` of every leaf alone.
 *
 * @param output The tensor to differentiate.
 * @param inputs A tensor or several; each must require a gradient.
 * @param options The gradient to start with, whether the graph can be used again, and whether inputs may be unused.
 * @returns A new tensor for each input; hooks of the inputs have been applied.
 * @throws {Error} If the output does not depend on an input, unless `allowUnused`: then there is null for it.
 *
 * @example Usage
 * ```ts
 * import { grad, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 2], { requiresGrad: true });
 * const h = x.mul(x), y = h.mul(3).sum();
 * const [dx, dh] = grad(y, [x, h]);
 * assertEquals([await dx.toArray(), await dh.toArray()], [[6, 12], [3, 3]]);
 * assertEquals(x.grad, null);
 * ```
 */
export function grad(
  output: Tensor,
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions & { allowUnused?: false },
): Tensor[];
/** The same with null for inputs that the output does not depend on. */
export function grad(
  output: Tensor,
  inputs: Tensor | readonly Tensor[],
  options: GradOptions,
): (Tensor | null)[];
export function grad(
  output: Tensor,
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  takes(arguments);
  const wanted = inputs instanceof Tensor ? [inputs] : inputs;
  const idle = wanted.findIndex((t) => !t.requiresGrad);
  if (idle >= 0) {
    throw new Error(`Cannot compute gradients as every input must require one: input ${idle} does not`);
  }
  checkStart("compute gradients", output, options.gradOutput ?? null);
  return noGrad(() => {
    using inner = new Scope();
    const start = options.gradOutput ? aliasOf(options.gradOutput) : filledLike(output, 1);
    const found = gradientsAt(output, start, wanted, inner, options);
    const unused = options.allowUnused ? -1 : found.indexOf(null);
    if (unused >= 0) {
      throw new Error(
        `Cannot compute gradients as the output must depend on every input: it does not on input ${unused} ` +
          `of shape ${show(wanted[unused]!.shape)}; pass { allowUnused: true } to get null for it`,
      );
    }
    return found.map((g) => g && inner.keep(storageOf(g).shared ? cloneOf(g) : g));
  });
}
