/**
 * Matrix products over broadcast batches, without gradients: what `matmul` and `linear` are made of.
 *
 * @module
 */
import { matmul as lowerMatmul } from "../../kernels/matmul/matmul.ts";
import { broadcastAccess } from "../../kernels/wgsl/access.ts";
import { run } from "../run.ts";
import { broadcastShapes, sizeOf } from "../shape.ts";
import { empty } from "../tensor/create.ts";
import { aliasOf, storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Which operands are transposed (their last two dimensions), and a bias of n values for every row. */
export interface MatmulOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly bias?: Tensor | null;
  /** Takes the sums of the rows of `op(a)`, `[m]`; only for single matrices of which `a` alone is transposed. */
  readonly rowSums?: Tensor | null;
}

/** `op(a) · op(b) + bias` for operands of two dimensions or more whose sizes were checked. */
export function batchedMatmul(name: string, a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transA = false, transB = false, bias = null, rowSums = null } = options;
  const [m, k] = lastTwo(a, transA), [, n] = lastTwo(b, transB);
  const aBatch = a.shape.slice(0, -2), bBatch = b.shape.slice(0, -2);
  const batch = broadcastShapes(name, aBatch, bBatch);
  const shape = [...batch, m, n];
  const y = empty(shape);
  if (y.size === 0) return y;
  // Strides count elements, so a matrix of the batch is one "row" of the broadcast access times its size.
  const strides = (own: readonly number[], size: number) =>
    broadcastAccess(own, batch).strides.map((stride) => stride * size);
  const data = {
    a: storageOf(a),
    b: storageOf(b),
    m,
    n,
    k,
    transA,
    transB,
    batch: { dims: batch, aStrides: strides(aBatch, m * k), bStrides: strides(bBatch, k * n) },
    bias: bias ? storageOf(bias) : null,
    rowSums: rowSums ? storageOf(rowSums) : null,
  };
  run({
    name,
    reads: data.bias ? [data.a, data.b, data.bias] : [data.a, data.b],
    writes: data.rowSums ? [storageOf(y), data.rowSums] : [storageOf(y)],
    data,
    lower: lowerMatmul,
    absorbs: { shape },
  });
  return y;
}

/** `x` as a matrix: all dimensions but the last are its rows. */
export function asRows(x: Tensor): Tensor {
  return aliasOf(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);
}

function lastTwo(t: Tensor, transposed: boolean): [rows: number, columns: number] {
  const [rows, columns] = t.shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}
