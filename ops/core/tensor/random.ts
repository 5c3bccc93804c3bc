/**
 * Random numbers: one seed, and a stream for each call that wants some.
 *
 * @module
 */
import { type Block, philox, unit } from "../../kernels/wgsl/philox.ts";
import { floatArguments, type Program } from "../../kernels/wgsl/program.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { beforeReplay, refuseInCapture } from "../recorder.ts";
import { sizeOf } from "../shape.ts";
import { signature } from "../signature.ts";
import { computeInto } from "./compute.ts";
import { type CreateOptions, empty, expectRoom, tensor } from "./create.ts";
import type { Tensor } from "./tensor.ts";
import { BOOLEAN, listOf, required, SEED, SHAPE, whole } from "../kinds.ts";

let key: readonly [number, number] = [...crypto.getRandomValues(new Uint32Array(2))] as [number, number];
let calls = 0;

const takesSeed = signature("set the seed", { seed: SEED });

/**
 * Sets the seed of all random numbers that follow. The same seed gives the same numbers on every adapter.
 *
 * @param seed A whole number from 0 to 2^53 - 1.
 * @throws {RangeError} If it is not such a number.
 *
 * @example Usage
 * ```ts
 * import { manualSeed, openDevice, rand } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * manualSeed(7);
 * const first = await rand([3]).toArray();
 * manualSeed(7);
 * assertEquals(await rand([3]).toArray(), first);
 * ```
 */
export function manualSeed(seed: number): void {
  takesSeed(arguments);
  refuseInCapture("set the seed", "a replay does not repeat it: set it outside");
  key = seedStream(seed, 0).key;
  calls = 0;
}

/** Where a stream of random numbers begins: the seed's two words and the number of the call. */
export interface Stream {
  readonly key: readonly [number, number];
  readonly call: number;
}

/** A place in the order of random numbers, from which they can be drawn again. */
export type RngState = Stream;

/**
 * Returns where the random numbers stand.
 *
 * @returns The state; give it to {@linkcode setRngState} to draw the same numbers again.
 *
 * @example Usage
 * ```ts
 * import { getRngState, openDevice, rand, setRngState } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const state = getRngState(), first = await rand([3]).toArray();
 * setRngState(state);
 * assertEquals(await rand([3]).toArray(), first);
 * ```
 */
export function getRngState(): RngState {
  return { key, call: calls };
}

const takesState = signature<RngState>("set the state of random numbers", {}, {
  key: required(listOf(whole(0), "whole numbers", 2)),
  call: required(whole(0)),
});

/** Refuses what is no state of random numbers. */
export function checkRngState(state: RngState): void {
  takesState([state]);
}

/**
 * Goes back, or on, to where the random numbers stood.
 *
 * @param state What {@linkcode getRngState} returned.
 *
 * @example Usage
 * ```ts
 * import { getRngState, openDevice, rand, setRngState } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const state = getRngState();
 * const [first, second] = [await rand([2]).toArray(), await rand([2]).toArray()];
 * setRngState(state);
 * assertEquals([await rand([2]).toArray(), await rand([2]).toArray()], [first, second]);
 * ```
 */
export function setRngState(state: RngState): void {
  takesState(arguments);
  refuseInCapture("set the state of random numbers", "a replay does not repeat it: set it outside");
  ({ key, call: calls } = state);
}

/** Gives a stream, and where it is asked again another. Recorded work keeps its own and asks it at each replay. */
type Draw = () => Stream;

/** Draws the next stream of the seed. */
function drawNext(): Stream {
  return { key, call: calls++ };
}

/** Gives each piece of work its draw, in the order in which work is recorded. A tape puts its own function here. */
let takeDraw: () => Draw = () => drawNext;

/** Takes the next stream. */
export function nextStream(): Stream {
  const draw = takeDraw();
  return draw();
}

/**
 * Keeps the streams that a function takes, so that the function can take them again.
 *
 * What counts is the order in which work is recorded, not when its kernels draw: so it holds for captured steps too,
 * where each replay draws new streams.
 */
export class StreamTape {
  /** The streams that were drawn last, by the place of the work in the order of recording. */
  readonly #streams: Stream[] = [];
  /** How many pieces of work took a draw. */
  #length = 0;

  /** Runs `fn` and keeps the streams that it takes. */
  record<T>(fn: () => T): T {
    const outer = takeDraw; // the tape of a function around it, if there is one, keeps them too
    const takeKept = (): Draw => {
      const draw = outer(), place = this.#length++;
      return () => this.#streams[place] = draw();
    };
    return withDraws(takeKept, fn);
  }

  /** Runs `fn` with the streams that were kept last, in their order. */
  replay<T>(fn: () => T): T {
    let next = 0;
    const takeAgain = (): Draw => {
      if (next === this.#length) {
        throw new Error(
          `Cannot repeat random numbers as a function must take as many streams as before: it took ${next} then`,
        );
      }
      const place = next++;
      return () => this.#streams[place]!;
    };
    return withDraws(takeAgain, fn);
  }
}

/** Runs `fn` with its work taking draws from `take`. */
function withDraws<T>(take: () => Draw, fn: () => T): T {
  const outer = takeDraw;
  takeDraw = take;
  try {
    return fn();
  } finally {
    takeDraw = outer;
  }
}

/** A stream of a seed of its own. */
export function seedStream(seed: number, call: number): Stream {
  return { key: [seed >>> 0, Math.floor(seed / 2 ** 32)], call };
}

/** A generator of words of a stream, on the CPU. */
export function* words(stream: Stream): Generator<number, never> {
  for (let block = 0;; block++) {
    const counter: Block = [block >>> 0, 0, stream.call >>> 0, Math.floor(stream.call / 2 ** 32)];
    yield* philox(counter, stream.key);
  }
}

/**
 * The next stream as the four numbers of a kernel's `random_unit`. Each run of the kernel draws it anew; each replay of a
 * captured step draws all of its streams first, in the order in which the step asked for them.
 */
export function streamNumbers(): DispatchNumber[] {
  const draw = takeDraw();
  let stream: Stream;
  const isRecorded = beforeReplay(() => stream = draw());
  return [
    () => (isRecorded ? stream : stream = draw()).key[0] | 0, // numbers are packed in their order, so this is asked first
    () => stream.key[1] | 0,
    () => stream.call | 0,
    () => Math.floor(stream.call / 2 ** 32) | 0,
  ];
}

/**
 * A program that makes a random number for each element: its numbers are the stream's, then `numbers`, float32.
 *
 * @param body WGSL of the result, given that of a number uniform in [0, 1).
 */
export function randomProgram(
  name: string,
  numbers: readonly string[],
  body: (unit: string) => string,
): Program {
  const stream = ["key0", "key1", "call0", "call1"].map((arg) => [arg, "int32"] as const);
  const all = [...stream, ...floatArguments(numbers)];
  return {
    inputs: [],
    numbers: all.map(([, dtype]) => dtype),
    steps: [{
      fn: {
        name,
        args: [["n", "int32"], ...all],
        result: "float32",
        body: body("random_unit(n, key0, key1, call0, call1)"),
      },
      args: ["n", ...all.map((_, k) => `p${k}`)],
    }],
    outputs: ["s0"],
  };
}

/**
 * Program of `middle + half (2 r - 1)`, with r uniform in [0, 1): in this form nothing is rounded for [0, 1) and but once
 * for symmetric ranges, so that adapters that fuse multiply and add agree with those that do not.
 */
const UNIFORM = randomProgram(
  "uniform",
  ["middle", "half"],
  (unit) => `middle + half * (2.0 * ${unit} - 1.0)`,
);

/** Overwrites `t` with numbers uniform in [low, high). */
export function fillUniform(t: Tensor, low: number, high: number): void {
  if (t.size === 0) return;
  const numbers = [...streamNumbers(), (low + high) / 2, (high - low) / 2];
  computeInto("uniform", UNIFORM, t.shape, [], [t], numbers);
}

const takesRand = signature<{ requiresGrad?: boolean }>("apply rand", { shape: SHAPE }, {
  requiresGrad: BOOLEAN,
});

/**
 * Makes a tensor of random numbers, uniform in [0, 1).
 *
 * @param shape Size of each dimension.
 * @param options Whether gradients are wanted.
 *
 * @example Usage
 * ```ts
 * import { openDevice, rand } from "@plunge/plunge";
 * import { assert } from "@std/assert";
 *
 * await openDevice();
 * const values = await rand([100]).data();
 * assert(values.every((v) => v >= 0 && v < 1));
 * ```
 */
export function rand(shape: readonly number[], options: Pick<CreateOptions, "requiresGrad"> = {}): Tensor {
  takesRand(arguments);
  const t = empty(shape);
  fillUniform(t, 0, 1);
  t.requiresGrad = options.requiresGrad ?? false;
  return t;
}

const takesRandn = signature<{ requiresGrad?: boolean }>("apply randn", { shape: SHAPE }, {
  requiresGrad: BOOLEAN,
});

/**
 * Makes a tensor of random numbers, normal with mean 0 and standard deviation 1.
 *
 * They are computed on the CPU (Box-Muller), as logarithms and cosines differ between adapters in the last digit.
 *
 * @param shape Size of each dimension.
 * @param options Whether gradients are wanted.
 *
 * @example Usage
 * ```ts
 * import { openDevice, randn } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(randn([2, 3]).shape, [2, 3]);
 * ```
 */
export function randn(shape: readonly number[], options: Pick<CreateOptions, "requiresGrad"> = {}): Tensor {
  takesRandn(arguments);
  refuseInCapture("apply randn", "its numbers are made on the CPU: make them outside, or use rand");
  expectRoom(shape);
  return tensor(normals(sizeOf(shape), nextStream()), { shape, requiresGrad: options.requiresGrad });
}

/** `n` normal numbers of a stream. */
export function normals(n: number, stream: Stream): Float32Array {
  const out = new Float32Array(n), source = words(stream);
  for (let i = 0; i < n; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - unit(source.next().value))); // 1 - r is in (0, 1]
    const angle = 2 * Math.PI * unit(source.next().value);
    out[i] = radius * Math.cos(angle);
    if (i + 1 < n) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/** A random order of 0 to n - 1 (Fisher and Yates). */
export function permutation(n: number, stream: Stream): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i), source = words(stream);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(source.next().value / 2 ** 32 * (i + 1));
    const last = order[i]!;
    order[i] = order[j]!;
    order[j] = last;
  }
  return order;
}
