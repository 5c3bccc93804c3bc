/**
 * Dimensions in other places, the others in their order.
 *
 * @module
 */
import { DIMS } from "../core/kinds.ts";
import { normalDim, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { reordered } from "./_reordered.ts";

const takes = signature("apply movedim", { x: TENSOR, source: DIMS, destination: DIMS });

/**
 * Moves dimensions to other places; those that are not named keep their order.
 *
 * @param x A tensor of any shape.
 * @param source Dimension or dimensions; negative ones count from the end.
 * @param destination Where each of them goes.
 * @returns A new tensor.
 * @throws {RangeError} If a dimension does not exist or is named twice, or there are not as many
 *   destinations.
 *
 * @example Usage
 * ```ts
 * import { movedim, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(movedim(tensor([[[1, 2, 3]]]), 2, 0).shape, [3, 1, 1]);
 * ```
 */
export function movedim(
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  takes(arguments);
  const rank = x.shape.length;
  const dimsOf = (dims: number | readonly number[]) =>
    (typeof dims === "number" ? [dims] : dims).map((d) => normalDim("movedim", d, rank));
  const from = dimsOf(source), to = dimsOf(destination);
  if (from.length !== to.length || [from, to].some((dims) => new Set(dims).size !== dims.length)) {
    throw new RangeError(
      `Cannot apply movedim as each dimension must have a destination of its own: ${show(from)} to ${
        show(to)
      }`,
    );
  }
  const order: number[] = [], others = x.shape.map((_, d) => d).filter((d) => !from.includes(d));
  for (let d = 0; d < rank; d++) order.push(to.includes(d) ? from[to.indexOf(d)]! : others.shift()!);
  return reordered("movedim", x, order);
}
