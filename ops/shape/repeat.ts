/**
 * Copies side by side.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { listOf, whole } from "../core/kinds.ts";
import { show } from "../core/shape.ts";
import { numbersOf, signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { expand } from "./expand.ts";
import { viewAs } from "./view_as.ts";

const TIMES = listOf(whole(0), "whole numbers from 0 up");
const takesRepeat = signature("apply repeat", { x: TENSOR, sizes: TIMES });

/**
 * Repeats a tensor along its dimensions, and along new ones in front.
 *
 * @param x A tensor of any shape.
 * @param sizes How often along each dimension; at least as many numbers as `x` has dimensions.
 * @returns A new tensor.
 * @throws {RangeError} If there are fewer numbers than dimensions.
 *
 * @example Usage
 * ```ts
 * import { openDevice, repeat, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await repeat(tensor([1, 2]), 2, 2).toArray(), [[1, 2, 1, 2], [1, 2, 1, 2]]);
 * ```
 */
export function repeat(x: Tensor, ...sizes: number[] | [sizes: readonly number[]]): Tensor {
  const given = numbersOf(sizes);
  takesRepeat([x, given]);
  if (given.length < x.shape.length) {
    throw new RangeError(
      `Cannot apply repeat as sizes must have a number for each dimension: ${show(given)} for x of shape ${
        show(x.shape)
      }`,
    );
  }
  return repeated("repeat", x, given);
}

const takesTile = signature("apply tile", { x: TENSOR, dims: TIMES });

/**
 * Repeats a tensor along its last dimensions, and along new ones in front where there are more numbers.
 *
 * @param x A tensor of any shape.
 * @param dims How often along each of the last dimensions.
 * @returns A new tensor.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, tile } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await tile(tensor([[1, 2]]), 2).toArray(), [[1, 2, 1, 2]]);
 * ```
 */
export function tile(x: Tensor, ...dims: number[] | [dims: readonly number[]]): Tensor {
  const given = numbersOf(dims);
  takesTile([x, given]);
  const missing = Math.max(0, x.shape.length - given.length);
  return repeated("tile", x, [...new Array<number>(missing).fill(1), ...given]);
}

/** The tensor with a dimension of 1 before each of its own, which grows to the number of copies. */
function repeated(op: string, x: Tensor, times: readonly number[]): Tensor {
  const shape = [...new Array<number>(times.length - x.shape.length).fill(1), ...x.shape];
  return composed(() => {
    const spread = expand(
      viewAs(op, x, shape.flatMap((size) => [1, size])),
      shape.flatMap((size, d) => [times[d]!, size]),
    );
    return viewAs(op, spread, shape.map((size, d) => size * times[d]!));
  });
}
