/**
 * Random whole numbers and orders.
 *
 * @module
 */
import type { Program } from "../../kernels/wgsl/program.ts";
import { SHAPE, whole } from "../kinds.ts";
import { refuseInCapture } from "../recorder.ts";
import { signature } from "../signature.ts";
import { computeInto } from "./compute.ts";
import { empty, expectRoom, tensor } from "./create.ts";
import { nextStream, permutation, streamNumbers } from "./random.ts";
import type { Tensor } from "./tensor.ts";

const INT = whole(-(2 ** 31), 2 ** 31);
const takesHigh = signature("apply randint", { high: INT, shape: SHAPE });
const takesBoth = signature("apply randint", { low: INT, high: INT, shape: SHAPE });

const STREAM = ["key0", "key1", "call0", "call1"];
/** A word of 32 bits of two streams, as numbers of one have but 24; what is left of it by the range goes to `low`. */
const WHOLE: Program = {
  inputs: [],
  numbers: new Array<"int32">(10).fill("int32"),
  steps: [{
    fn: {
      name: "randint",
      args: ["n", ...STREAM, ...STREAM.map((name) => `${name}_2`), "low", "range"].map((name) =>
        [name, "int32"] as const
      ),
      result: "int32",
      body: /* wgsl */ `
        let high = u32(random_unit(n, ${STREAM.join(", ")}) * 65536.0);
        let rest = u32(random_unit(n, ${STREAM.map((name) => `${name}_2`).join(", ")}) * 65536.0);
        let word = (high << 16u) | rest;
        return low + i32(select(word, word % max(u32(range), 1u), range != 0));`,
    },
    args: ["n", ...Array.from({ length: 10 }, (_, k) => `p${k}`)],
  }],
  outputs: ["s0"],
};

/**
 * Makes a tensor of random whole numbers from 0 up to, but without, `high`.
 *
 * @param high Where they stop.
 * @param shape Size of each dimension.
 * @returns A tensor, int32.
 */
export function randint(high: number, shape: readonly number[]): Tensor;
/**
 * Makes a tensor of random whole numbers from `low` up to, but without, `high`, each as likely as the
 * others.
 *
 * @param low The least that there can be; 0 where only the end is given.
 * @param high Where they stop; above `low`.
 * @param shape Size of each dimension.
 * @returns A tensor, int32.
 * @throws {RangeError} If `high` is not above `low`.
 *
 * @example Usage
 * ```ts
 * import { openDevice, randint } from "@plunge/plunge";
 * import { assert } from "@std/assert";
 *
 * await openDevice();
 * const x = await randint(-2, 3, [100]).data();
 * assert(x.every((v) => v >= -2 && v < 3));
 * ```
 */
export function randint(low: number, high: number, shape: readonly number[]): Tensor;
export function randint(...args: (number | readonly number[])[]): Tensor {
  const isBoth = args.length > 2 || typeof args[1] === "number";
  (isBoth ? takesBoth : takesHigh)(args);
  const [low, high, shape] = (isBoth ? args : [0, ...args]) as [number, number, readonly number[]];
  if (high <= low) throw new RangeError(`Cannot apply randint as high must be above low: ${low} and ${high}`);
  const t = empty(shape, "int32");
  if (t.size === 0) return t;
  const range = (high - low) | 0; // all of 2^32 numbers as 0
  computeInto("randint", WHOLE, shape, [], [t], [...streamNumbers(), ...streamNumbers(), low, range]);
  return t;
}

const takesRandperm = signature("apply randperm", { n: whole(0) });

/**
 * Makes a random order of the whole numbers from 0 to n - 1. It is made on the CPU, so not inside
 * `compile`.
 *
 * @param n How many.
 * @returns `[n]`, int32.
 *
 * @example Usage
 * ```ts
 * import { openDevice, randperm } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const order = await randperm(4).data();
 * assertEquals([...order].sort(), [0, 1, 2, 3]);
 * ```
 */
export function randperm(n: number): Tensor {
  takesRandperm(arguments);
  refuseInCapture("apply randperm", "its numbers are made on the CPU: make them outside");
  expectRoom([n]);
  return tensor(permutation(n, nextStream()), { dtype: "int32" });
}
