/**
 * Copies of tensors in another arrangement, which is the identity program with another access.
 *
 * @module
 */
import { type AffineAccess, broadcastAccess, rowMajor } from "../../kernels/wgsl/access.ts";
import { programOf } from "../../kernels/wgsl/program.ts";
import { empty } from "../tensor/create.ts";
import { runElementwise } from "../run.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A tensor of `shape` whose elements are those that `access` finds in `x`. */
export function gatherAffine(
  name: string,
  x: Tensor,
  shape: readonly number[],
  access: AffineAccess,
): Tensor {
  const y = empty(shape, x.dtype);
  move(name, x, access, y, { strides: rowMajor(shape), offset: 0 }, shape);
  return y;
}

/** Writes `x` into the places of `y` that `access` gives for each of its elements; no two may be the same. */
export function scatterAffine(name: string, x: Tensor, y: Tensor, access: AffineAccess): void {
  move(name, x, { strides: rowMajor(x.shape), offset: 0 }, y, access, x.shape);
}

/** `x` repeated along its dimensions of size 1 until it has `shape`. */
export function expandTo(x: Tensor, shape: readonly number[]): Tensor {
  return gatherAffine("expand", x, shape, broadcastAccess(x.shape, shape));
}

/** `x` with its dimensions in another order. */
export function permuted(name: string, x: Tensor, dims: readonly number[]): Tensor {
  const strides = rowMajor(x.shape);
  return gatherAffine(name, x, dims.map((d) => x.shape[d]), {
    strides: dims.map((d) => strides[d]),
    offset: 0,
  });
}

function move(
  name: string,
  x: Tensor,
  from: AffineAccess,
  y: Tensor,
  to: AffineAccess,
  shape: readonly number[],
): void {
  if (shape.includes(0)) return;
  const program = programOf({ name: "same", args: [["x", x.dtype]], result: x.dtype, body: "x" });
  runElementwise({
    name,
    shape,
    program,
    params: [],
    inputs: [{ storage: x.storage, access: from }],
    outputs: [{ storage: y.storage, access: to }],
  });
}
