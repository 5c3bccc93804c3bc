/**
 * Making tensors.
 *
 * @module
 */
import { currentDevice } from "../../gpu/device.ts";
import { Storage } from "../../gpu/storage.ts";
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { currentRecorder, persistent } from "../recorder.ts";
import { show, sizeOf } from "../shape.ts";
import { type OptionKinds, signature } from "../signature.ts";
import { cloneOf, fillInto } from "./in_place.ts";
import { storageOf } from "./internals.ts";
import { Tensor } from "./tensor.ts";
import { flatten, shapeOf, type TensorValues, toWords, VALUES } from "./values.ts";
import { BOOLEAN, DTYPE, NUMBER, SHAPE } from "../kinds.ts";

/** Options of functions that make a tensor. */
export interface CreateOptions {
  /** Type of the elements, `float32` unless given. */
  dtype?: DType | undefined;
  /** Whether gradients are wanted; float32 only. */
  requiresGrad?: boolean | undefined;
}

/** Options of {@linkcode tensor}. */
export interface TensorOptions extends CreateOptions {
  /** Shape, if it is not that of the nested arrays. */
  shape?: readonly number[] | undefined;
}

/** The kinds of {@linkcode CreateOptions}. */
export const CREATE_OPTIONS: OptionKinds<CreateOptions> = { dtype: DTYPE, requiresGrad: BOOLEAN };

/** Refuses a shape that no tensor of the open device can have, before anything of its size is made. */
export function expectRoom(shape: readonly number[]): void {
  currentDevice("make a tensor").pool.checkSize(4 * sizeOf(shape));
}

/** A new tensor whose values are undefined: for outputs that are about to be written. */
export function empty(shape: readonly number[], dtype: DType = "float32"): Tensor {
  const device = currentDevice("make a tensor");
  return new Tensor(new Storage(device, 4 * sizeOf(shape)), shape, dtype);
}

/** A new tensor once `finish` has put into it what it lacks. Where that fails, the tensor is freed. */
export function finished(t: Tensor, finish: (t: Tensor) => void): Tensor {
  try {
    finish(t);
    return t;
  } catch (error) {
    t.dispose();
    throw error;
  }
}

/** A new tensor, with gradients wanted or not. Where it can have none, it is freed. */
export function requiring(t: Tensor, requiresGrad = false): Tensor {
  return finished(t, () => t.requiresGrad = requiresGrad);
}

const takesTensor = signature<TensorOptions>("make a tensor", { values: VALUES }, {
  ...CREATE_OPTIONS,
  shape: SHAPE,
});

/**
 * Makes a tensor from numbers.
 *
 * @param values A number, a typed array (row-major), or nested arrays of numbers, booleans, bigints or typed arrays.
 * @param options Shape, type, and whether gradients are wanted. Nested booleans make a bool tensor; bigints, an
 *   `Int32Array`, a `BigInt64Array` and a `BigUint64Array` an int32 one, unless `dtype` says otherwise; everything else
 *   is float32. As int32, fractions are cut off.
 * @returns The tensor; the values are copied.
 * @throws {RangeError} If nested arrays are ragged, the shape does not fit the number of values, or a value does not fit
 *   in int32.
 * @throws {TypeError} If a value is none of those.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * assertEquals(x.shape, [2, 3]);
 * const labels = tensor([3, 1], { dtype: "int32" });
 * assertEquals(await labels.data(), new Int32Array([3, 1]));
 * ```
 */
export function tensor(values: TensorValues, options: TensorOptions = {}): Tensor {
  takesTensor(arguments);
  const shape = shapeOf(values);
  expectRoom(shape); // arrays that hold one array many times are short, but what they make is not
  const { flat, kind } = flatten(values, shape);
  const dtype = options.dtype ?? kind;
  const wanted = options.shape ?? shape;
  if (sizeOf(wanted) !== flat.length) {
    throw new RangeError(
      `Cannot make a tensor as the shape ${show(wanted)} needs ${
        sizeOf(wanted)
      } values: ${flat.length} were given`,
    );
  }
  const t = currentRecorder() ? constantOf(wanted, flat, dtype) : uploaded(wanted, flat, dtype);
  return requiring(t, options.requiresGrad);
}

function uploaded(shape: readonly number[], flat: ArrayLike<number | bigint>, dtype: DType): Tensor {
  const words = toWords(flat, dtype);
  return finished(empty(shape, dtype), (t) => storageOf(t).device.queue.upload(storageOf(t), words));
}

/** A copy of values that are uploaded once and for all, as a replay finds a new tensor at the same place again. */
function constantOf(shape: readonly number[], flat: ArrayLike<number | bigint>, dtype: DType): Tensor {
  const constant = persistent(() => uploaded(shape, flat, dtype));
  currentRecorder()!.addConstant(storageOf(constant));
  const t = cloneOf(constant);
  constant.dispose();
  return t;
}

const takesFull = signature<CreateOptions>(
  "apply full",
  { shape: SHAPE, value: NUMBER },
  CREATE_OPTIONS,
);

/**
 * Makes a tensor that is `value` everywhere.
 *
 * @param shape Size of each dimension.
 * @param value What every element is.
 * @param options Type, and whether gradients are wanted.
 *
 * @example Usage
 * ```ts
 * import { full, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await full([2, 2], 7).toArray(), [[7, 7], [7, 7]]);
 * ```
 */
export function full(shape: readonly number[], value: number, options: CreateOptions = {}): Tensor {
  takesFull(arguments);
  return filled(shape, value, options);
}

function filled(
  shape: readonly number[],
  value: number,
  { dtype, requiresGrad }: CreateOptions,
): Tensor {
  return requiring(finished(empty(shape, dtype), (t) => fillInto(t, value)), requiresGrad);
}

const takesZeros = signature<CreateOptions>("apply zeros", { shape: SHAPE }, CREATE_OPTIONS);

/**
 * Makes a tensor of zeros.
 *
 * @param shape Size of each dimension.
 * @param options Type, and whether gradients are wanted.
 *
 * @example Usage
 * ```ts
 * import { openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await zeros([3]).toArray(), [0, 0, 0]);
 * ```
 */
export function zeros(shape: readonly number[], options: CreateOptions = {}): Tensor {
  takesZeros(arguments);
  return filled(shape, 0, options);
}

const takesOnes = signature<CreateOptions>("apply ones", { shape: SHAPE }, CREATE_OPTIONS);

/**
 * Makes a tensor of ones.
 *
 * @param shape Size of each dimension.
 * @param options Type, and whether gradients are wanted.
 *
 * @example Usage
 * ```ts
 * import { ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await ones([2], { dtype: "int32" }).toArray(), [1, 1]);
 * ```
 */
export function ones(shape: readonly number[], options: CreateOptions = {}): Tensor {
  takesOnes(arguments);
  return filled(shape, 1, options);
}
