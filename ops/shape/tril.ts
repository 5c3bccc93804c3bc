/**
 * Triangles of matrices: zeros above or below a diagonal, and in the gradient too.
 *
 * @module
 */
import type { DType } from "../kernels/wgsl/dtype.ts";
import type { Program } from "../kernels/wgsl/program.ts";
import { differentiable } from "../core/autograd/autograd.ts";
import { whole } from "../core/kinds.ts";
import { show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { compute } from "../core/tensor/compute.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** Options of {@linkcode tril} and {@linkcode triu}. */
export interface TriangleOptions {
  /** How far above the main diagonal the last one lies, 0 unless given; negative ones lie below. */
  diagonal?: number;
}

const ZERO: Readonly<Record<DType, string>> = { float32: "0.0", int32: "0", bool: "false" };

function programOf(dtype: DType, relation: "<=" | ">="): Program {
  const fn = {
    name: relation === "<=" ? "tril" : "triu",
    args: [["x", dtype], ["n", "int32"], ["rows", "int32"], ["columns", "int32"], ["diagonal", "int32"]],
    result: dtype,
    body: `select(${ZERO[dtype]}, x, n % columns - n / columns % rows ${relation} diagonal)`,
  } as const;
  return {
    inputs: [dtype],
    numbers: ["int32", "int32", "int32"],
    steps: [{ fn, args: ["i0", "n", "p0", "p1", "p2"] }],
    outputs: ["s0"],
  };
}

function triangle(op: string, x: Tensor, relation: "<=" | ">=", { diagonal = 0 }: TriangleOptions): Tensor {
  const [rows, columns] = x.shape.slice(-2);
  if (rows === undefined || columns === undefined) {
    throw new RangeError(
      `Cannot apply ${op} as x must have two dimensions or more: it has shape ${show(x.shape)}`,
    );
  }
  const within = Math.min(Math.max(diagonal, -rows), columns), numbers = [rows, columns, within];
  const part = (name: string, t: Tensor) =>
    compute(name, programOf(t.dtype, relation), t.shape, [t], numbers, t.dtype);
  return differentiable(op, part(op, x), [x], { gradient: (dy) => [part(`${op} gradient`, dy)] });
}

const takesTril = signature<TriangleOptions>("apply tril", { x: TENSOR }, { diagonal: whole() }, "diagonal");

/**
 * Keeps what lies on and below a diagonal of the last two dimensions, with zeros above.
 *
 * @param x A tensor of two dimensions or more.
 * @param options Which diagonal. `diagonal` may stand alone.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If `x` has fewer than two dimensions.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, tril } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await tril(tensor([[1, 2], [3, 4]])).toArray(), [[1, 0], [3, 4]]);
 * ```
 */
export function tril(x: Tensor, options: TriangleOptions | number = {}): Tensor {
  options = takesTril(arguments);
  return triangle("tril", x, "<=", options);
}

const takesTriu = signature<TriangleOptions>("apply triu", { x: TENSOR }, { diagonal: whole() }, "diagonal");

/**
 * Keeps what lies on and above a diagonal of the last two dimensions, with zeros below.
 *
 * @param x A tensor of two dimensions or more.
 * @param options Which diagonal. `diagonal` may stand alone.
 * @returns A tensor of the same shape.
 * @throws {RangeError} If `x` has fewer than two dimensions.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, triu } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await triu(tensor([[1, 2], [3, 4]])).toArray(), [[1, 2], [0, 4]]);
 * ```
 */
export function triu(x: Tensor, options: TriangleOptions | number = {}): Tensor {
  options = takesTriu(arguments);
  return triangle("triu", x, ">=", options);
}
