/**
 * Joining tensors. The gradient is cut into the parts again.
 *
 * @module
 */
import type { DType } from "../kernels/wgsl/dtype.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { sliceAlong, takeSlice, writeSlice } from "../core/families/movement.ts";
import { normalDim, sameShape, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast } from "../core/tensor/compute.ts";
import { empty } from "../core/tensor/create.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { DIM, listOf } from "../core/kinds.ts";

const takesCat = signature<{ dim?: number }>("apply cat", { tensors: listOf(TENSOR, "tensors") }, {
  dim: DIM,
}, "dim");

/**
 * Joins tensors along a dimension that they have. Types meet in the widest: float32 over int32 over bool.
 *
 * @param tensors One tensor or more, of the same shape but for the dimension. Tensors of shape `[0]` count as nothing.
 * @param options The dimension, 0 unless given; negative ones count from the end. `dim` may stand alone.
 * @returns A new tensor.
 * @throws {RangeError} If there is no tensor, one is a scalar, or their shapes do not fit.
 *
 * @example Usage
 * ```ts
 * import { cat, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await cat([tensor([[1], [2]]), tensor([[3], [4]])], { dim: 1 }).toArray(), [[1, 3], [2, 4]]);
 * ```
 */
export function cat(tensors: readonly Tensor[], options: { dim?: number } | number = {}): Tensor {
  options = takesCat(arguments);
  const parts = tensors.filter((t) => !sameShape(t.shape, [0]));
  const shape = (parts[0] ?? tensors[0])?.shape ?? [];
  const dim = shape.length === 0 ? 0 : normalDim("cat", options.dim ?? 0, shape.length);
  const fits = parts.every((t) => sameShape(t.shape.toSpliced(dim, 1), shape.toSpliced(dim, 1)));
  if (shape.length === 0 || !fits || parts.some((t) => t.shape.length !== shape.length)) {
    throw new RangeError(
      `Cannot apply cat as the tensors must have one shape but for dim ${dim}, and a dimension: ${
        shapesOf(tensors)
      }`,
    );
  }
  return join("cat", tensors.map((t) => ({ t, size: parts.includes(t) ? t.shape[dim]! : 0 })), dim, shape);
}

const takesStack = signature<{ dim?: number }>("apply stack", { tensors: listOf(TENSOR, "tensors") }, {
  dim: DIM,
}, "dim");

/**
 * Joins tensors along a new dimension. Types meet in the widest: float32 over int32 over bool.
 *
 * @param tensors One tensor or more, all of the same shape.
 * @param options Where the new dimension stands in the result, 0 unless given; -1 adds it at the end. `dim` may
 *   stand alone.
 * @returns A new tensor with one dimension more.
 * @throws {RangeError} If there is no tensor, or their shapes differ.
 *
 * @example Usage
 * ```ts
 * import { openDevice, stack, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await stack([tensor([1, 2]), tensor([3, 4])], { dim: 1 }).toArray(), [[1, 3], [2, 4]]);
 * ```
 */
export function stack(tensors: readonly Tensor[], options: { dim?: number } | number = {}): Tensor {
  options = takesStack(arguments);
  const [first] = tensors;
  if (!first || tensors.some((t) => !sameShape(t.shape, first.shape))) {
    throw new RangeError(`Cannot apply stack as the tensors must have one shape: ${shapesOf(tensors)}`);
  }
  const { shape } = first, dim = normalDim("stack", options.dim ?? 0, shape.length + 1);
  return join("stack", tensors.map((t) => ({ t, size: 1 })), dim, shape.toSpliced(dim, 0, 1));
}

const WIDER: readonly DType[] = ["bool", "int32", "float32"];

/** Writes tensors side by side: each fills `size` of dimension `dim` of a tensor that is else of the shape `like`. */
function join(
  op: string,
  tensors: readonly { readonly t: Tensor; readonly size: number }[],
  dim: number,
  like: readonly number[],
): Tensor {
  const dtype = WIDER[Math.max(...tensors.map(({ t }) => WIDER.indexOf(t.dtype)))]!;
  let end = 0;
  const parts = tensors.map(({ t, size }) => ({
    t,
    slice: sliceAlong(like, dim, (end += size) - size, size),
  }));
  const y = empty(like.with(dim, end), dtype);
  for (const { t, slice } of parts) {
    const part = cast(t, dtype);
    writeSlice(op, part, y, slice);
    if (part !== t) part.dispose();
  }
  return differentiable(op, y, parts.map(({ t }) => t), {
    gradient: (dy, _, needs) =>
      parts.map(({ t, slice }, k) =>
        needs[k] ? aliasOf(takeSlice(`${op} gradient`, dy, slice), t.shape) : null
      ),
  });
}

function shapesOf(tensors: readonly Tensor[]): string {
  return tensors.length === 0
    ? "there are none"
    : `they have ${tensors.map((t) => show(t.shape)).join(", ")}`;
}
