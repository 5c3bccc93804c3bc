/**
 * Coordinates of a grid.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { listOf, oneOf } from "../core/kinds.ts";
import { show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { expand } from "./expand.ts";
import { viewAs } from "./view_as.ts";

/** Options of {@linkcode meshgrid}. */
export interface MeshgridOptions {
  /** Whether the first tensor counts rows ("ij", unless given) or columns ("xy"). */
  indexing?: "ij" | "xy";
}

const takes = signature<MeshgridOptions>("apply meshgrid", { tensors: listOf(TENSOR, "tensors") }, {
  indexing: oneOf("ij", "xy"),
});

/**
 * Makes the coordinates of a grid from those along each of its dimensions.
 *
 * @param tensors Vectors, or scalars, one for each dimension.
 * @param options Whether the first counts rows or columns.
 * @returns A tensor of the grid's shape for each of them.
 * @throws {RangeError} If there is none, or one has more than one dimension.
 *
 * @example Usage
 * ```ts
 * import { meshgrid, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const [rows, columns] = meshgrid([tensor([1, 2]), tensor([3, 4])]);
 * assertEquals(await rows.toArray(), [[1, 1], [2, 2]]);
 * assertEquals(await columns.toArray(), [[3, 4], [3, 4]]);
 * ```
 */
export function meshgrid(tensors: readonly Tensor[], options: MeshgridOptions = {}): Tensor[] {
  takes(arguments);
  if (tensors.length === 0 || tensors.some((t) => t.shape.length > 1)) {
    throw new RangeError(
      `Cannot apply meshgrid as there must be vectors or scalars: ${
        tensors.map((t) => show(t.shape)).join(", ") || "there are none"
      }`,
    );
  }
  const places = tensors.map((_, d) => d);
  if (options.indexing === "xy" && tensors.length > 1) [places[0], places[1]] = [1, 0];
  const shape = places.map((d) => tensors[d]!.size); // the first two change places, and back
  return composed(() =>
    tensors.map((t, k) =>
      expand(viewAs("meshgrid", t, shape.map((n, d) => (d === places[k] ? n : 1))), shape)
    )
  );
}
