/**
 * Tensors as text.
 *
 * @module
 */
import { signature } from "../signature.ts";
import { TENSOR } from "./kinds.ts";
import { FORMAT_OPTIONS, type FormatOptions } from "./printed.ts";
import type { Tensor } from "./tensor.ts";

const takes = signature<FormatOptions>("format a tensor", { x: TENSOR }, FORMAT_OPTIONS);

/**
 * Writes the values of a tensor as PyTorch prints them: columns aligned, numbers rounded, and of many elements the first and
 * the last of each dimension. `x.print()` prints that.
 *
 * @param x A tensor of any shape and type.
 * @param options Digits, when a part is shown, the width of lines, powers of ten.
 * @returns The text. It waits for the GPU, and reads no more than is shown and what lies close to it.
 *
 * @example Usage
 * ```ts
 * import { arange, format, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await format(tensor([[1, -0.5], [2 / 3, NaN]])), "tensor([[ 1.0000, -0.5000],\n        [ 0.6667,     nan]])");
 * assertEquals(await format(arange(2000).to("int32")), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])");
 * ```
 */
export async function format(x: Tensor, options: FormatOptions = {}): Promise<string> {
  takes(arguments);
  return await x.format(options);
}
