/**
 * Cutting a tensor into a number of parts, or into all of them.
 *
 * @module
 */
import { DIM, whole } from "../core/kinds.ts";
import { normalDim } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { select } from "./select.ts";
import { split } from "./split.ts";

const takesUnbind = signature<{ dim?: number }>("apply unbind", { x: TENSOR }, { dim: DIM }, "dim");

/**
 * Takes a tensor apart along a dimension, which the parts do not have.
 *
 * @param x A tensor of one dimension or more.
 * @param options The dimension, 0 unless given; negative ones count from the end. `dim` may stand
 *   alone.
 * @returns The parts, new tensors in their order.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, unbind } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const [a, b] = unbind(tensor([[1, 2], [3, 4]]), 1);
 * assertEquals([await a.toArray(), await b.toArray()], [[1, 3], [2, 4]]);
 * ```
 */
export function unbind(x: Tensor, options: { dim?: number } | number = {}): Tensor[] {
  options = takesUnbind(arguments);
  expectDims("unbind", x);
  const dim = normalDim("unbind", options.dim ?? 0, x.shape.length);
  return Array.from({ length: x.shape[dim]! }, (_, k) => select(x, dim, k));
}

const takesChunk = signature<{ dim?: number }>(
  "apply chunk",
  { x: TENSOR, chunks: whole(1) },
  { dim: DIM },
  "dim",
);

/**
 * Cuts a tensor into a number of parts along a dimension, all of one size but the last. There may be
 * fewer, where that size is reached sooner.
 *
 * @param x A tensor of one dimension or more.
 * @param chunks How many parts.
 * @param options The dimension, 0 unless given; negative ones count from the end. `dim` may stand
 *   alone.
 * @returns The parts, new tensors in their order.
 * @throws {RangeError} If the dimension does not exist.
 *
 * @example Usage
 * ```ts
 * import { chunk, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const [a, b] = chunk(tensor([1, 2, 3]), 2);
 * assertEquals([await a.toArray(), await b.toArray()], [[1, 2], [3]]);
 * ```
 */
export function chunk(x: Tensor, chunks: number, options: { dim?: number } | number = {}): Tensor[] {
  options = takesChunk(arguments);
  expectDims("chunk", x);
  const dim = normalDim("chunk", options.dim ?? 0, x.shape.length), size = x.shape[dim]!;
  if (size > 0) return split(x, Math.ceil(size / chunks), { dim });
  return split(x, new Array<number>(Math.min(chunks, MOST_EMPTY)).fill(0), { dim });
}

/** Parts that an empty tensor is cut into at most. */
const MOST_EMPTY = 1 << 16;

function expectDims(op: string, x: Tensor): void {
  if (x.shape.length > 0) return;
  throw new RangeError(`Cannot apply ${op} as x must have a dimension: it is a scalar`);
}
