/**
 * Rows of tensors, taken and put by index: how batches are gathered from tensors that lie on the GPU.
 *
 * @module
 */
import { sizeOf } from "../ops/core/shape.ts";
import { empty } from "../ops/core/tensor/create.ts";
import { runSingleKernel, type SingleKernel } from "../ops/core/families/single_kernel.ts";
import { storageOf } from "../ops/core/tensor/internals.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { read, u32s, vectorOf, write } from "../ops/kernels/wgsl/text.ts";

/**
 * Gathers rows of `x`, outside autograd.
 *
 * @param x A tensor `[n, …]` of any type.
 * @param indices Which rows, int32 `[m]`; they must exist.
 * @returns A tensor `[m, …]` of the same type.
 */
export function gatherRows(x: Tensor, indices: Tensor): Tensor {
  const y = empty([indices.size, ...x.shape.slice(1)], x.dtype);
  move("gather rows", x, indices, y, { from: "u32(indices[row]) * WIDTH + column", to: "id" });
  return y;
}

/**
 * Overwrites rows of `y` with those of `x`, outside autograd.
 *
 * @param x A tensor `[m, …]`.
 * @param indices Where each row goes, int32 `[m]`; they must exist, and no two may be the same.
 * @param y A tensor `[n, …]` with rows as in `x`.
 */
export function scatterRows(x: Tensor, indices: Tensor, y: Tensor): void {
  move("scatter rows", x, indices, y, { from: "id", to: "u32(indices[row]) * WIDTH + column" });
}

/** One invocation moves one word, or four where a row is a multiple of four. Words keep their bits. */
function move(
  name: string,
  x: Tensor,
  indices: Tensor,
  y: Tensor,
  { from, to }: { from: string; to: string },
): void {
  const size = sizeOf(x.shape.slice(1)), lanes = size % 4 === 0 ? 4 : 1;
  const width = size / lanes, n = indices.size * width;
  if (n === 0) return;
  const type = vectorOf("u32", lanes);
  const kernel: SingleKernel = {
    bindings: [read("x", type), read("indices", "i32"), write("y", type)],
    numberDecls: u32s("n"),
    declarations: `const WIDTH = ${width}u;`,
    body: /* wgsl */ `
  let row = id / WIDTH;
  let column = id % WIDTH;
  if (id < u.n) { y[${to}] = x[${from}]; }`,
    numbers: [n],
    invocations: n,
  };
  runSingleKernel(name, kernel, [storageOf(x), storageOf(indices)], [storageOf(y)]);
}
