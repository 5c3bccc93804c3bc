/**
 * Diagonals. The gradient goes back to the diagonal, and is 0 elsewhere.
 *
 * @module
 */
import { type AffineAccess, rowMajor } from "../kernels/wgsl/access.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { gatherAffine, scatterAffine } from "../core/families/movement.ts";
import { DIM, whole } from "../core/kinds.ts";
import { normalDim, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { full } from "../core/tensor/create.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { takenBy } from "../core/tensor/origin.ts";

/** Options of {@linkcode diagonal}. */
export interface DiagonalOptions {
  /** How far above the main diagonal, 0 unless given; negative ones lie below. */
  offset?: number;
  /** The dimension of the rows, 0 unless given. */
  dim1?: number;
  /** The dimension of the columns, 1 unless given. */
  dim2?: number;
}

const takesDiagonal = signature<DiagonalOptions>("apply diagonal", { x: TENSOR }, {
  offset: whole(),
  dim1: DIM,
  dim2: DIM,
});

/**
 * Takes a diagonal of two dimensions; it becomes the last dimension.
 *
 * @param x A tensor of two dimensions or more.
 * @param options Which diagonal, of which dimensions.
 * @returns A new tensor of one dimension less.
 * @throws {RangeError} If there are no such two dimensions.
 *
 * @example Usage
 * ```ts
 * import { diagonal, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, 2], [3, 4]]);
 * assertEquals(await diagonal(x).toArray(), [1, 4]);
 * assertEquals(await diagonal(x, { offset: 1 }).toArray(), [2]);
 * ```
 */
export function diagonal(x: Tensor, options: DiagonalOptions = {}): Tensor {
  takesDiagonal(arguments);
  const { offset = 0, dim1 = 0, dim2 = 1 } = options, rank = x.shape.length;
  const a = normalDim("diagonal", dim1, rank), b = normalDim("diagonal", dim2, rank);
  if (rank < 2 || a === b) {
    throw new RangeError(
      `Cannot apply diagonal as dim1 and dim2 must be two dimensions of x: ${dim1} and ${dim2} of x of shape ${
        show(x.shape)
      }`,
    );
  }
  const { shape, access } = diagonalOf(x.shape, offset, a, b);
  return differentiable("diagonal", takenBy("diagonal", gatherAffine("diagonal", x, shape, access)), [x], {
    gradient: (dy) => [put("diagonal gradient", dy, x.shape, access)],
  });
}

/** The shape of a diagonal, and where its elements lie in a tensor of shape `whole`. */
function diagonalOf(whole: readonly number[], offset: number, a: number, b: number) {
  const strides = rowMajor(whole), others = whole.map((_, d) => d).filter((d) => d !== a && d !== b);
  const down = Math.max(-offset, 0), right = Math.max(offset, 0);
  const size = Math.max(0, Math.min(whole[a]! - down, whole[b]! - right));
  const access: AffineAccess = {
    strides: [...others.map((d) => strides[d]!), strides[a]! + strides[b]!],
    offset: size === 0 ? 0 : down * strides[a]! + right * strides[b]!,
  };
  return { shape: [...others.map((d) => whole[d]!), size], access };
}

function put(name: string, x: Tensor, shape: readonly number[], access: AffineAccess): Tensor {
  const y = full(shape, 0, { dtype: x.dtype });
  scatterAffine(name, x, y, access);
  return y;
}

/** Options of {@linkcode diag}. */
export interface DiagOptions {
  /** How far above the main diagonal, 0 unless given; negative ones lie below. */
  diagonal?: number;
}

const takesDiag = signature<DiagOptions>("apply diag", { x: TENSOR }, { diagonal: whole() }, "diagonal");

/**
 * Makes a matrix with a vector on a diagonal, or takes the diagonal of a matrix.
 *
 * @param x A tensor of one or two dimensions.
 * @param options Which diagonal. `diagonal` may stand alone.
 * @returns A square matrix with zeros beside the diagonal, or a vector.
 * @throws {RangeError} If `x` has no such shape.
 *
 * @example Usage
 * ```ts
 * import { diag, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await diag(tensor([1, 2])).toArray(), [[1, 0], [0, 2]]);
 * assertEquals(await diag(tensor([[1, 2], [3, 4]])).toArray(), [1, 4]);
 * ```
 */
export function diag(x: Tensor, options: DiagOptions | number = {}): Tensor {
  options = takesDiag(arguments);
  const { diagonal: offset = 0 } = options;
  if (x.shape.length === 2) return diagonal(x, { offset });
  if (x.shape.length !== 1) {
    throw new RangeError(
      `Cannot apply diag as x must have one or two dimensions: it has shape ${show(x.shape)}`,
    );
  }
  const side = x.size + Math.abs(offset), { access } = diagonalOf([side, side], offset, 0, 1);
  return differentiable("diag", put("diag", x, [side, side], access), [x], {
    gradient: (dy) => [gatherAffine("diag gradient", dy, x.shape, access)],
  });
}
