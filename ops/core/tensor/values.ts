/**
 * Numbers that come out of tensors, and go in: plain ones, typed arrays, and arrays of them nested.
 *
 * @module
 */
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { describe } from "../describe.ts";
import { type Kind, kind } from "../kinds.ts";

/** What `data()` gives: the typed array for each dtype. */
export interface DataOf {
  /** Numbers. */
  float32: Float32Array;
  /** Indices and labels. */
  int32: Int32Array;
  /** 0 or 1. */
  bool: Uint8Array;
}

/** Numbers nested as deep as the tensor has dimensions; a plain number for a scalar. */
export type NestedArray = number | boolean | NestedArray[];

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
  | Uint8ClampedArray
  | Float16Array
  | BigInt64Array
  | BigUint64Array;

/** What {@linkcode tensor} makes tensors from: a number, a typed array, or arrays of them nested as deep as you like. */
export type TensorValues = number | boolean | bigint | TypedArray | readonly TensorValues[];

/** What tensors are made from; the numbers themselves are looked at one by one. */
export const VALUES: Kind = {
  example: "[1, 2]",
  objection: (v) => {
    if (["number", "boolean", "bigint"].includes(typeof v) || isList(v)) return null;
    const must = "a number, nested arrays of numbers, or a typed array of them";
    if (isTensor(v)) return { must, found: "a Tensor, which clone() copies" };
    return {
      must,
      found: v instanceof ArrayBuffer
        ? "an ArrayBuffer, of which new Float32Array(buffer) makes one"
        : undefined,
    };
  },
};

/** An array of numbers of one type. */
export const TYPED_ARRAY: Kind = kind("a typed array of numbers", "new Float32Array(1)", isTypedArray);

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Whether it is a tensor; known by its name, as its class would close a circle of imports. */
function isTensor(value: unknown): boolean {
  return ["a Tensor", "a Parameter"].includes(describe(value));
}

function isList(value: unknown): value is readonly TensorValues[] | TypedArray {
  return Array.isArray(value) || isTypedArray(value);
}

/** Levels of nested arrays beyond which they are taken to hold themselves. */
const MOST_DIMS = 1000;

/** Values one after the other, and the type that follows from them. */
interface Flat {
  readonly flat: ArrayLike<number | bigint>;
  readonly kind: DType;
}

/**
 * Puts values one after the other.
 *
 * @param values The values.
 * @param shape Their shape, as {@linkcode shapeOf} tells it.
 * @throws {RangeError} If nested arrays are ragged.
 * @throws {TypeError} If a value is no number.
 */
export function flatten(values: TensorValues, shape: readonly number[]): Flat {
  if (isTypedArray(values)) {
    return { flat: values, kind: isWhole(values) ? "int32" : "float32" };
  }
  const flat: number[] = [], place: number[] = [];
  let booleans = 0, wholes = 0; // of which a tensor of another type is made where there are no others
  const visit = (v: TensorValues, d: number): void => {
    if (isList(v) !== (d < shape.length)) throw refuseValue(v, place);
    if (isTypedArray(v)) {
      if (v.length !== shape[d]) throw refuseLength(v, shape, place);
      if (d !== shape.length - 1) throw refuseValue(v[0], [...place, 0]);
      for (let k = 0; k < v.length; k++) flat.push(Number(v[k]));
      if (isWhole(v)) wholes += v.length;
    } else if (isList(v)) {
      if (v.length !== shape[d]) throw refuseLength(v, shape, place);
      for (let k = 0; k < v.length; k++) { // by index, which does not pass over holes
        place[d] = k;
        visit(v[k]!, d + 1);
      }
      place.length = d;
    } else {
      if (typeof v === "boolean") booleans++;
      else if (typeof v === "bigint") wholes++;
      else if (typeof v !== "number") throw refuseValue(v, place);
      flat.push(Number(v));
    }
  };
  visit(values, 0);
  const isAll = (count: number) => count > 0 && count === flat.length;
  return { flat, kind: isAll(booleans) ? "bool" : isAll(wholes) ? "int32" : "float32" };
}

/** Whether an array holds whole numbers that are meant as such: labels and indices. */
function isWhole(array: TypedArray): boolean {
  return array instanceof Int32Array || array instanceof BigInt64Array || array instanceof BigUint64Array;
}

/** The shape of nested arrays, as far as their first elements tell. */
export function shapeOf(values: TensorValues): number[] {
  const shape: number[] = [];
  for (let v = values; isList(v); v = v[0]!) {
    shape.push(v.length);
    if (v.length === 0) break;
    if (shape.length > MOST_DIMS) {
      throw new RangeError(
        `Cannot make a tensor as nested arrays must end in numbers: ${MOST_DIMS} levels do not, do they hold themselves`,
      );
    }
  }
  return shape;
}

function nameOf(place: readonly number[]): string {
  return `values${place.map((k) => `[${k}]`).join("")}`;
}

function refuseLength(v: ArrayLike<unknown>, shape: readonly number[], place: readonly number[]): RangeError {
  const first = nameOf(place.map(() => 0)), other = shape[place.length];
  return new RangeError(
    `Cannot make a tensor as nested arrays must be of one length: ${first} has ${other} and ${
      nameOf(place)
    } has ${v.length}`,
  );
}

function refuseValue(v: unknown, place: readonly number[]): Error {
  const what = isList(v) ? `an array of ${v.length}` : describe(v), found = `${nameOf(place)} is ${what}`;
  if (isList(v) || ["number", "boolean", "bigint"].includes(typeof v)) {
    const first = nameOf(place.map(() => 0));
    return new RangeError(
      `Cannot make a tensor as nested arrays must be equally deep: ${found}, ${first} is ${
        isList(v) ? "not" : "an array"
      }`,
    );
  }
  const hint = typeof v === "string"
    ? ", of which Number() makes one"
    : isTensor(v)
    ? ", and stack() puts tensors together"
    : "";
  return new TypeError(`Cannot make a tensor as its values must be numbers or booleans: ${found}${hint}`);
}

const MOST = 2 ** 31 - 1;

/** The values as they lie on the GPU. */
export function toWords(
  flat: ArrayLike<number | bigint>,
  dtype: DType,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  if (dtype === "float32") {
    // An upload copies what it is given; and going through millions of elements one by one takes seconds.
    if (flat instanceof Float32Array && flat.buffer instanceof ArrayBuffer) {
      return flat as Float32Array<ArrayBuffer>;
    }
    const isPlain = ArrayBuffer.isView(flat) &&
      !(flat instanceof BigInt64Array || flat instanceof BigUint64Array);
    return isPlain ? new Float32Array(flat as ArrayLike<number>) : Float32Array.from(flat, Number);
  }
  if (dtype === "bool") return Uint32Array.from(flat, (v) => (Number(v) === 0 ? 0 : 1));
  if (flat instanceof Int32Array) return new Int32Array(flat);
  return Int32Array.from(flat, (v, i) => {
    const whole = Math.trunc(Number(v));
    if (whole >= -MOST - 1 && whole <= MOST) return whole;
    throw new RangeError(
      `Cannot make a tensor as int32 holds whole numbers from ${
        -MOST - 1
      } to ${MOST}: value ${i} is ${v} (dtype: ` +
        '"float32" holds others)',
    );
  });
}
