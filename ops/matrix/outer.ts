/**
 * The product of each element of one vector with each of another, and products of batches of matrices.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { mul } from "../pointwise/mul.ts";
import { viewAs } from "../shape/view_as.ts";
import { matmul } from "./matmul.ts";

const takesOuter = signature("apply outer", { a: FLOAT_TENSOR, b: FLOAT_TENSOR });

/**
 * Multiplies each element of a vector with each of another.
 *
 * @param a `[n]`, float32.
 * @param b `[m]`, float32.
 * @returns `[n, m]`.
 * @throws {RangeError} If one is no vector.
 *
 * @example Usage
 * ```ts
 * import { openDevice, outer, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await outer(tensor([1, 2]), tensor([3, 4])).toArray(), [[3, 4], [6, 8]]);
 * ```
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  takesOuter(arguments);
  expectRank("outer", "vectors", 1, a, b);
  return composed(() => mul(viewAs("outer", a, [a.size, 1]), b));
}

const takesBmm = signature("apply bmm", { a: FLOAT_TENSOR, b: FLOAT_TENSOR });

/**
 * Multiplies the matrices of two batches, pair by pair; `matmul` broadcasts batches too.
 *
 * @param a `[batch, n, k]`, float32.
 * @param b `[batch, k, m]`, float32.
 * @returns `[batch, n, m]`.
 * @throws {RangeError} If the shapes do not fit.
 *
 * @example Usage
 * ```ts
 * import { bmm, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const a = tensor([[[1, 2]], [[3, 4]]]), b = tensor([[[5], [6]], [[7], [8]]]);
 * assertEquals(await bmm(a, b).toArray(), [[[17]], [[53]]]);
 * ```
 */
export function bmm(a: Tensor, b: Tensor): Tensor {
  takesBmm(arguments);
  expectRank("bmm", "batches of matrices", 3, a, b);
  if (a.shape[0] !== b.shape[0] || a.shape[2] !== b.shape[1]) {
    throw new RangeError(
      `Cannot apply bmm as the sizes must fit, [batch, n, k] and [batch, k, m]: a has shape ${
        show(a.shape)
      }, b ${show(b.shape)}`,
    );
  }
  return matmul(a, b);
}

function expectRank(op: string, what: string, rank: number, a: Tensor, b: Tensor): void {
  if (a.shape.length === rank && b.shape.length === rank) return;
  throw new RangeError(
    `Cannot apply ${op} as both operands must be ${what}: a has shape ${show(a.shape)}, b ${show(b.shape)}`,
  );
}
