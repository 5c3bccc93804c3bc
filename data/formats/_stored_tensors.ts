/**
 * Tensors made of what files hold: numbers of any element type, in any order.
 *
 * @module
 */
import { show, sizeOf } from "../../ops/core/shape.ts";
import { tensor } from "../../ops/core/tensor/create.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { type ElementName, TYPES } from "./_element_types.ts";
import { cut } from "./_refusals.ts";

/** Where a tensor of a file is. */
export interface Stored {
  readonly name: string;
  /** Its element type. */
  readonly dtype: ElementName;
  readonly shape: readonly number[];
  /** The bytes that it lies in; whoever makes this has seen that all of its elements are there. */
  readonly data: DataView;
  /** Where its first element begins in them. */
  readonly begin: number;
  /** Elements from one index of each dimension to the next; row-major unless given. */
  readonly strides?: readonly number[];
}

/** Reads tensors, and uploads them when all were read. Whatever is refused, none is left behind. */
export function tensorsOf(action: string, stored: readonly Stored[]): Record<string, Tensor> {
  const read = stored.map((each) => ({ ...each, values: readValues(action, each) }));
  const made: [name: string, t: Tensor][] = [];
  try {
    for (const { name, dtype, shape, values } of read) {
      made.push([name, tensor(values, { shape, dtype: TYPES[dtype].as })]);
    }
  } catch (error) { // the GPU has no room for one of them
    for (const [, t] of made) t.dispose();
    throw error;
  }
  return Object.fromEntries(made);
}

/** The numbers of a tensor, row-major, in an array that its type can be made from. */
function readValues(action: string, stored: Stored): Float32Array | Int32Array {
  const { name, dtype, shape, data, begin, strides } = stored;
  const { width, as, read } = TYPES[dtype], n = sizeOf(shape), places = strides && placesOf(shape, strides);
  const values = as === "float32" ? new Float32Array(n) : new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const value = read(data, begin + (places ? places.next().value! : i) * width);
    values[i] = Number(value);
    if (as === "float32" || values[i] === Number(value)) continue;
    throw new RangeError(
      `Cannot ${action} as ${dtype} values must fit in int32: ${cut(name)} of shape ${
        show(shape)
      } has ${value}`,
    );
  }
  return values;
}

/** Where the elements lie, in row-major order. */
function* placesOf(shape: readonly number[], strides: readonly number[]): Generator<number, undefined> {
  const index = shape.map(() => 0);
  for (let at = 0;;) {
    yield at;
    let d = shape.length - 1;
    for (; d >= 0 && index[d] === shape[d]! - 1; d--) {
      at -= index[d]! * strides[d]!;
      index[d] = 0;
    }
    if (d < 0) return undefined;
    index[d]!++;
    at += strides[d]!;
  }
}
