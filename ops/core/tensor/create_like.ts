/**
 * Making tensors of the shape and type of another.
 *
 * @module
 */
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { BOOLEAN, DTYPE, NUMBER } from "../kinds.ts";
import { type OptionKinds, signature } from "../signature.ts";
import { type CreateOptions, full } from "./create.ts";
import { FLOAT_TENSOR, TENSOR } from "./kinds.ts";
import { rand, randn } from "./random.ts";
import type { Tensor } from "./tensor.ts";

const LIKE: OptionKinds<CreateOptions> = { dtype: DTYPE, requiresGrad: BOOLEAN };
const RANDOM = { requiresGrad: BOOLEAN };

function fullOf(x: Tensor, value: number, { dtype = x.dtype, requiresGrad }: CreateOptions): Tensor {
  return full(x.shape, value, { dtype: dtype as DType, requiresGrad });
}

const takesZeros = signature<CreateOptions>("apply zerosLike", { x: TENSOR }, LIKE);

/**
 * Makes a tensor of zeros of the shape of `x`.
 *
 * @param x A tensor of any shape.
 * @param options Type, that of `x` unless given, and whether gradients are wanted.
 * @returns A new tensor.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, zerosLike } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await zerosLike(tensor([[1, 2]])).toArray(), [[0, 0]]);
 * ```
 */
export function zerosLike(x: Tensor, options: CreateOptions = {}): Tensor {
  takesZeros(arguments);
  return fullOf(x, 0, options);
}

const takesOnes = signature<CreateOptions>("apply onesLike", { x: TENSOR }, LIKE);

/**
 * Makes a tensor of ones of the shape of `x`.
 *
 * @param x A tensor of any shape.
 * @param options Type, that of `x` unless given, and whether gradients are wanted.
 * @returns A new tensor.
 *
 * @example Usage
 * ```ts
 * import { onesLike, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await onesLike(tensor([[1, 2]])).toArray(), [[1, 1]]);
 * ```
 */
export function onesLike(x: Tensor, options: CreateOptions = {}): Tensor {
  takesOnes(arguments);
  return fullOf(x, 1, options);
}

const takesFull = signature<CreateOptions>("apply fullLike", { x: TENSOR, value: NUMBER }, LIKE);

/**
 * Makes a tensor of one value of the shape of `x`.
 *
 * @param x A tensor of any shape.
 * @param value What every element is.
 * @param options Type, that of `x` unless given, and whether gradients are wanted.
 * @returns A new tensor.
 *
 * @example Usage
 * ```ts
 * import { fullLike, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await fullLike(tensor([[1, 2]]), 7).toArray(), [[7, 7]]);
 * ```
 */
export function fullLike(x: Tensor, value: number, options: CreateOptions = {}): Tensor {
  takesFull(arguments);
  return fullOf(x, value, options);
}

const takesRand = signature<{ requiresGrad?: boolean }>("apply randLike", { x: FLOAT_TENSOR }, RANDOM);

/**
 * Makes a tensor of random numbers, uniform in [0, 1), of the shape of `x`.
 *
 * @param x A tensor of any shape, float32.
 * @param options Whether gradients are wanted.
 * @returns A new tensor.
 *
 * @example Usage
 * ```ts
 * import { openDevice, randLike, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(randLike(tensor([[1, 2]])).shape, [1, 2]);
 * ```
 */
export function randLike(x: Tensor, options: Pick<CreateOptions, "requiresGrad"> = {}): Tensor {
  takesRand(arguments);
  return rand(x.shape, options);
}

const takesRandn = signature<{ requiresGrad?: boolean }>("apply randnLike", { x: FLOAT_TENSOR }, RANDOM);

/**
 * Makes a tensor of random numbers, normal with mean 0 and standard deviation 1, of the shape of `x`.
 *
 * @param x A tensor of any shape, float32.
 * @param options Whether gradients are wanted.
 * @returns A new tensor.
 *
 * @example Usage
 * ```ts
 * import { openDevice, randnLike, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(randnLike(tensor([[1, 2]])).shape, [1, 2]);
 * ```
 */
export function randnLike(x: Tensor, options: Pick<CreateOptions, "requiresGrad"> = {}): Tensor {
  takesRandn(arguments);
  return randn(x.shape, options);
}
