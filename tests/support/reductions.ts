/**
 * References and comparisons for what works along dimensions.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type NestedArray, type Tensor, tensor } from "../../mod.ts";
import { noise } from "./oracle.ts";
import { eachIndex, type Reference, sizeOf } from "./reference.ts";
import { assertClose, noiseTensor } from "./values.ts";
import { filledLike } from "../../ops/core/tensor/internals.ts";

/** A number made of the elements along some dimensions. */
export function over(
  shape: readonly number[],
  dims: readonly number[],
  f: (values: number[]) => number,
): Reference {
  const kept = shape.map((size, d) => (dims.includes(d) ? 1 : size));
  return ([x]) => {
    const groups = Array.from({ length: sizeOf(kept) }, (): number[] => []);
    eachIndex(shape, (at, i) => {
      const group = kept.reduce((sum, size, d) => sum * size + (size === 1 ? 0 : at[d]), 0);
      groups[group].push(x[i]);
    });
    return Float64Array.from(groups, f);
  };
}

/** The output of `fn`, and the gradients of its sum in tensors made of `inputs`. */
export async function valueAndGradients(
  fn: (...inputs: Tensor[]) => Tensor,
  ...inputs: NestedArray[]
): Promise<NestedArray[]> {
  const tensors = inputs.map((values) => tensor(values, { requiresGrad: true })), y = fn(...tensors);
  y.backward(filledLike(y, 1));
  return await Promise.all([y, ...tensors.map((t) => t.grad!)].map((t) => t.toArray()));
}

/**
 * Compares an operation of twelve reproducible numbers, `[3, 4]`, with PyTorch's float64 values: output and gradient,
 * where the gradient in the output is `noise(9)`.
 */
export async function assertAsPyTorch(
  fn: (x: Tensor) => Tensor,
  y: readonly number[],
  dx: readonly number[],
): Promise<void> {
  const x = noiseTensor([3, 4]), got = fn(x);
  got.backward(tensor(noise(9, got.size), { shape: got.shape }));
  assertEquals(x.grad!.shape, [3, 4]);
  assertClose(await got.data(), y, { atol: 1e-6, rtol: 1e-6 });
  assertClose(await x.grad!.data(), dx, { atol: 1e-6, rtol: 1e-6 });
}
