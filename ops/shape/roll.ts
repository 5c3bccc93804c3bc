/**
 * Moving elements along dimensions, or around a corner.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { DIM, DIMS, either, listOf, whole } from "../core/kinds.ts";
import { normalDim, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { cat } from "./cat.ts";
import { flip } from "./flip.ts";
import { slice } from "./slice.ts";
import { transpose } from "./transpose.ts";
import { viewAs } from "./view_as.ts";

/** Options of {@linkcode roll}. */
export interface RollOptions {
  /** Dimension or dimensions, one for each shift; the elements in one row unless given. */
  dims?: number | readonly number[];
}

const takesRoll = signature<RollOptions>(
  "apply roll",
  {
    x: TENSOR,
    shifts: either(whole(), listOf(whole(), "whole numbers")),
  },
  { dims: DIMS },
  "dims",
);

/**
 * Moves elements along dimensions; what leaves at an end comes in at the other.
 *
 * @param x A tensor of any shape.
 * @param shifts By how many places, for each dimension.
 * @param options The dimensions. `dims` may stand alone.
 * @returns A new tensor of the same shape.
 * @throws {RangeError} If a dimension does not exist, or there are not as many as shifts.
 *
 * @example Usage
 * ```ts
 * import { openDevice, roll, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await roll(tensor([1, 2, 3]), 1).toArray(), [3, 1, 2]);
 * ```
 */
export function roll(
  x: Tensor,
  shifts: number | readonly number[],
  options: RollOptions | number | readonly number[] = {},
): Tensor {
  options = takesRoll(arguments);
  const { dims } = options as RollOptions, by = typeof shifts === "number" ? [shifts] : shifts;
  if (dims === undefined) {
    if (by.length !== 1) throw unlike(by, "none");
    return composed(() => viewAs("roll", rolled(viewAs("roll", x, [x.size]), by[0]!, 0), x.shape));
  }
  const along = typeof dims === "number" ? [dims] : dims;
  if (along.length !== by.length) throw unlike(by, show(along));
  const places = along.map((dim) => normalDim("roll", dim, x.shape.length));
  if (x.shape.length === 0 || places.length === 0) return flip(x, []);
  return composed(() => places.reduce((y, d, k) => rolled(y, by[k]!, d), x));
}

function unlike(shifts: readonly number[], dims: string): RangeError {
  return new RangeError(
    `Cannot apply roll as there must be a dimension for each shift: ${show(shifts)} and ${dims}`,
  );
}

function rolled(x: Tensor, shift: number, dim: number): Tensor {
  const size = x.shape[dim]!, start = size === 0 ? 0 : (((-shift) % size) + size) % size;
  if (start === 0) return slice(x, { dim });
  return composed(() => cat([slice(x, { dim, start }), slice(x, { dim, end: start })], { dim }));
}

/** Options of {@linkcode rot90}. */
export interface Rot90Options {
  /** How many quarter turns from the first dimension towards the second, 1 unless given. */
  k?: number;
  /** The two dimensions of the plane, the first two unless given. */
  dims?: readonly [number, number];
}

const takesRot90 = signature<Rot90Options>("apply rot90", { x: TENSOR }, {
  k: whole(),
  dims: listOf(DIM, "dimensions", 2),
});

/**
 * Turns a tensor by quarter turns in the plane of two dimensions, from the first towards the second.
 *
 * @param x A tensor of two dimensions or more.
 * @param options How many turns, and the plane.
 * @returns A new tensor.
 * @throws {RangeError} If there are no such two dimensions.
 *
 * @example Usage
 * ```ts
 * import { openDevice, rot90, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await rot90(tensor([[1, 2], [3, 4]])).toArray(), [[2, 4], [1, 3]]);
 * ```
 */
export function rot90(x: Tensor, options: Rot90Options = {}): Tensor {
  takesRot90(arguments);
  const { k = 1, dims = [0, 1] } = options, rank = x.shape.length;
  const [a, b] = dims.map((d) => normalDim("rot90", d, rank)) as [number, number];
  if (rank < 2 || a === b) {
    throw new RangeError(
      `Cannot apply rot90 as dims must be two dimensions of x: ${show(dims)} of x of shape ${show(x.shape)}`,
    );
  }
  const turns = ((k % 4) + 4) % 4;
  if (turns === 0) return slice(x);
  if (turns === 2) return flip(x, [a, b]);
  return composed(() => turns === 1 ? transpose(flip(x, [b]), a, b) : flip(transpose(x, a, b), [b]));
}
