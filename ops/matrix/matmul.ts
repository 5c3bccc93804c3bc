/**
 * Matrix products. With y = a b: `da = dy bᵀ`, `db = aᵀ dy`, summed over what was broadcast.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { asRows, batchedMatmul } from "../core/families/matmul.ts";
import { sumTo } from "../core/families/reduce.ts";
import { broadcastShapes, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { viewAs } from "../shape/view_as.ts";

const takes = signature("apply matmul", { a: FLOAT_TENSOR, b: FLOAT_TENSOR });

/**
 * Multiplies matrices, as PyTorch's `matmul`: vectors count as a row on the left and a column on the right, and batch
 * dimensions broadcast.
 *
 * @param a `[…, m, k]` or `[k]`, float32.
 * @param b `[…, k, n]` or `[k]`, float32.
 * @returns `[…, m, n]`, without the dimension that a vector did not have.
 * @throws {RangeError} If an operand is a scalar, the inner sizes differ, or the batches do not broadcast.
 *
 * @example Usage
 * ```ts
 * import { matmul, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const a = tensor([[1, 2], [3, 4]]), b = tensor([[5], [6]]);
 * assertEquals(await matmul(a, b).toArray(), [[17], [39]]);
 * ```
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  takes(arguments);
  check(a, b);
  const left = a.shape.length === 1 ? viewAs("matmul", a, [1, a.size]) : a;
  const right = b.shape.length === 1 ? viewAs("matmul", b, [b.size, 1]) : b;
  const y = multiply(left, right);
  const [m, n] = y.shape.slice(-2) as [number, number];
  const shape = [
    ...y.shape.slice(0, -2),
    ...(a.shape.length === 1 ? [] : [m]),
    ...(b.shape.length === 1 ? [] : [n]),
  ];
  return shape.length === y.shape.length ? y : viewAs("matmul", y, shape);
}

function multiply(a: Tensor, b: Tensor): Tensor {
  // One right matrix for all batches: they are rows of one left matrix.
  const flat = b.shape.length === 2 && a.shape.length > 2;
  const forward = flat
    ? aliasOf(batchedMatmul("matmul", asRows(a), b), [...a.shape.slice(0, -1), b.shape[1]!])
    : batchedMatmul("matmul", a, b);
  return differentiable("matmul", forward, [a, b], {
    saved: [a, b],
    gradient: (dy, [a, b], needs) => {
      if (flat) [dy, a] = [asRows(dy), asRows(a)];
      const da = needs[0] ? batchedMatmul("matmul da", dy, b, { transB: true }) : null;
      const db = needs[1] ? batchedMatmul("matmul db", a, dy, { transA: true }) : null;
      return [
        da && (flat ? aliasOf(da, [...forward.shape.slice(0, -1), b.shape[0]!]) : sumTo(da, a.shape)),
        db && sumTo(db, b.shape),
      ];
    },
  });
}

function check(a: Tensor, b: Tensor): void {
  const shapes = `a has shape ${show(a.shape)}, b ${show(b.shape)}`;
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw new RangeError(`Cannot apply matmul as both operands must have dimensions: ${shapes}`);
  }
  const inner = b.shape.length === 1 ? b.shape[0] : b.shape.at(-2)!;
  if (a.shape.at(-1) !== inner) {
    throw new RangeError(
      `Cannot apply matmul as the inner sizes must be equal, ${a.shape.at(-1)} and ${inner}: ${shapes}`,
    );
  }
  broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
}
