/**
 * How large the numbers of a tensor are, and whether they are finite.
 *
 * @module
 */
import { reduceTensor } from "../ops/core/families/reduce.ts";
import { fillInto } from "../ops/core/tensor/in_place.ts";
import { empty } from "../ops/core/tensor/create.ts";
import { aliasOf } from "../ops/core/tensor/internals.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { type Reducer, SUM } from "../ops/kernels/reduce.ts";
import "../ops/methods.ts";

/** NaN wins. */
const largest = (s: string, x: string) =>
  `${s} = select(select(${s}, abs(${x}), abs(${x}) > ${s}), ${s} + abs(${x}), isnanf(${s}) || isnanf(${x}));`;

/** The largest magnitude; NaN wins. */
export const LARGEST: Reducer = {
  ...SUM,
  name: "largest",
  add: ([s], x) => largest(s!, x),
  merge: ([a], [b]) => largest(a!, b!),
};

/**
 * A number's bits as its rank: magnitudes in their order, above them -Infinity, Infinity and NaN. Integers, as compilers
 * may assume that floats are finite.
 */
const INFINITE = 0x7f800000;
const rank = (x: string) => {
  const bits = `bitcast<i32>(${x})`, size = `(${bits} & 0x7fffffff)`;
  const special = `select(select(${INFINITE + 1}, ${INFINITE}, ${bits} < 0), ${
    INFINITE + 2
  }, ${size} > ${INFINITE})`;
  return `select(${size}, ${special}, ${size} >= ${INFINITE})`;
};

const RANK: Reducer = {
  ...SUM,
  name: "rank",
  state: ["int32"],
  init: ["0"],
  sums: undefined,
  add: ([s], x) => `${s} = max(${s}, ${rank(x)});`,
  merge: ([a], [b]) => `${a} = max(${a}, ${b});`,
};

/** The rank of the highest of a float32 tensor's elements, an int32 scalar on the GPU; for {@linkcode rankedValue}. */
export function rankOf(x: Tensor): Tensor {
  if (x.size === 0) {
    const none = empty([], "int32");
    fillInto(none, 0);
    return none;
  }
  using flat = aliasOf(x, [x.size]);
  return reduceTensor("rank", RANK, flat, [0]);
}

/** What a rank stands for: a magnitude, -Infinity, Infinity or NaN. */
export function rankedValue(rank: number): number {
  if (rank >= INFINITE) return [-Infinity, Infinity, NaN][rank - INFINITE]!;
  return new Float32Array(new Int32Array([rank]).buffer)[0]!;
}
