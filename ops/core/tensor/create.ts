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
import {
  BOOLEAN,
  describe,
  DTYPE,
  type Kind,
  kind,
  NUMBER,
  type OptionKinds,
  SHAPE,
  signature,
} from "../signature.ts";
import { cloneOf, fillInto } from "./in_place.ts";
import { storageOf } from "./internals.ts";
import { Tensor } from "./tensor.ts";
import type { NestedArray } from "./values.ts";

/** Options of functions that make a tensor. */
export interface CreateOptions {
  /** Type of the elements, `float32` unless given. */
  dtype?: DType;
  /** Whether gradients are wanted; float32 only. */
  requiresGrad?: boolean;
}

/** Options of {@linkcode tensor}. */
export interface TensorOptions extends CreateOptions {
  /** Shape, if it is not that of the nested arrays. */
  shape?: readonly number[];
}

/** Typed arrays that tensors can be made from. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | Uint8ClampedArray;

/** The kinds of {@linkcode CreateOptions}. */
export const CREATE_OPTIONS: OptionKinds<CreateOptions> = { dtype: DTYPE, requiresGrad: BOOLEAN };

/** What tensors are made from; the numbers themselves are looked at one by one. */
const VALUES: Kind = kind(
  "a number, nested arrays of numbers, or a typed array of them",
  "[1, 2]",
  (v) => ["number", "boolean"].includes(typeof v) || Array.isArray(v) || isTypedArray(v),
);

/** An array of numbers of one type. */
export const TYPED_ARRAY: Kind = kind("a typed array of numbers", "new Float32Array(1)", isTypedArray);

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && typeof (value as TypedArray)[0] !== "bigint" &&
    !(value instanceof DataView);
}

/** Refuses a shape that no tensor of the open device can have, before anything of its size is made. */
export function expectRoom(shape: readonly number[]): void {
  currentDevice("make a tensor").pool.checkSize(4 * sizeOf(shape));
}

/** A new tensor whose values are undefined: for outputs that are about to be written. */
export function empty(shape: readonly number[], dtype: DType = "float32"): Tensor {
  const device = currentDevice("make a tensor");
  return new Tensor(new Storage(device, 4 * sizeOf(shape)), shape, dtype);
}

const takesTensor = signature<TensorOptions>("make a tensor", { values: VALUES }, {
  ...CREATE_OPTIONS,
  shape: SHAPE,
});

/**
 * Makes a tensor from numbers.
 *
 * @param values A number, nested arrays of numbers or booleans, or a typed array (row-major).
 * @param options Shape, type, and whether gradients are wanted. Nested booleans make a bool tensor, an `Int32Array` an
 *   int32 one, unless `dtype` says otherwise; everything else is float32.
 * @returns The tensor; the values are copied.
 * @throws {RangeError} If nested arrays are ragged, or the shape does not fit the number of values.
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
export function tensor(values: NestedArray | TypedArray, options: TensorOptions = {}): Tensor {
  takesTensor(arguments);
  const { flat, shape, kind } = flatten(values);
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
  t.requiresGrad = options.requiresGrad ?? false;
  return t;
}

function uploaded(shape: readonly number[], flat: ArrayLike<number>, dtype: DType): Tensor {
  const t = empty(shape, dtype);
  storageOf(t).device.queue.upload(storageOf(t), toWords(flat, dtype));
  return t;
}

/** A copy of values that are uploaded once and for all, as a replay finds a new tensor at the same place again. */
function constantOf(shape: readonly number[], flat: ArrayLike<number>, dtype: DType): Tensor {
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
  { dtype, requiresGrad = false }: CreateOptions,
): Tensor {
  const t = empty(shape, dtype);
  fillInto(t, value);
  t.requiresGrad = requiresGrad;
  return t;
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

/** Levels of nested arrays beyond which they are taken to hold themselves. */
const MOST_DIMS = 1000;

function flatten(
  values: NestedArray | TypedArray,
): { flat: ArrayLike<number>; shape: number[]; kind: DType } {
  if (isTypedArray(values)) {
    const flat = values;
    return { flat, shape: [flat.length], kind: flat instanceof Int32Array ? "int32" : "float32" };
  }
  const shape: number[] = [];
  for (let v: NestedArray = values; Array.isArray(v); v = v[0]) {
    shape.push(v.length);
    if (v.length === 0) break;
    if (shape.length > MOST_DIMS) {
      throw new RangeError(
        `Cannot make a tensor as nested arrays must end in numbers: ${MOST_DIMS} levels do not`,
      );
    }
  }
  const flat: number[] = [];
  let booleans = 0;
  const visit = (v: NestedArray, d: number): void => {
    if (Array.isArray(v)) {
      if (v.length !== shape[d]) {
        throw new RangeError(
          `Cannot make a tensor as nested arrays must be of one length: ${
            shape[d] ?? "a number"
          } and ${v.length}`,
        );
      }
      for (const inner of v) visit(inner, d + 1);
      return;
    }
    if (d !== shape.length || (typeof v !== "number" && typeof v !== "boolean")) {
      throw new TypeError(`Cannot make a tensor as its values must be numbers or booleans: ${describe(v)}`);
    }
    if (typeof v === "boolean") booleans++;
    flat.push(Number(v));
  };
  visit(values, 0);
  return { flat, shape, kind: booleans > 0 && booleans === flat.length ? "bool" : "float32" };
}

function toWords(
  flat: ArrayLike<number>,
  dtype: DType,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  if (dtype === "float32") return Float32Array.from(flat);
  if (dtype === "int32") return Int32Array.from(flat);
  return Uint32Array.from(flat, (v) => (v === 0 ? 0 : 1));
}
