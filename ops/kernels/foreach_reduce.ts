/**
 * A reduction of many tensors of different sizes to one number, such as the norm of all gradients.
 *
 * As in `foreach.ts` a fixed number of invocations stride over the vec4s of one tensor after another; each
 * keeps one state over all of them and writes it down, and a reduction of those is the result. No atomics, so two runs
 * give the same bits.
 *
 * @module
 */
import type { Dispatch } from "../gpu/kernel.ts";
import { Storage } from "../gpu/storage.ts";
import type { Work } from "../gpu/work.ts";
import type { Adapter } from "./adapter.ts";
import { reduce, type Reducer } from "./reduce.ts";
import { blockState, declareState } from "./reducer.ts";
import { blockedLoop, turnsPerTurn } from "./wgsl/blocked_loop.ts";
import { IDENTITY } from "./wgsl/epilogue.ts";
import { leastThreads } from "./wgsl/loop_limit.ts";
import { mathFunctions } from "./wgsl/math.ts";
import { dispatch } from "./wgsl/source.ts";
import { float32s, range, read, u32s, vectorOf, write } from "./wgsl/text.ts";

/** A reduction of float32 tensors to one value. */
export interface ForeachReduceCall {
  readonly name: string;
  /** How an element enters the state, which has one part of type float32. */
  readonly reducer: Reducer;
  /** What the numbers of `reducer` are. */
  readonly numbers?: readonly number[];
  /** How the states become one value: they are its elements. */
  readonly merge: Reducer;
  /** The tensors, none of them empty. */
  readonly parts: readonly { readonly storage: Storage; readonly size: number }[];
  readonly y: Storage;
  /** Storage buffers that a kernel may bind. */
  readonly most: number;
}

/** Tensors of a dispatch: as many sizes fit among its numbers. */
const MOST_PARTS = 32;
/** Blocks of what an invocation adds up of a tensor, in vec4s. */
const BLOCKS = [16, 4];

/** Makes the dispatches of a reduction over many tensors; a kernel may have `most` bindings. */
export function foreachReduce(call: ForeachReduceCall, adapter: Adapter): Work {
  const { parts, y, most } = call, each = Math.min(most - 1, MOST_PARTS);
  const chunks = range(parts.length, each).map((k) => parts.slice(k, k + each));
  const vectors = chunks.map((chunk) => chunk.map(({ size }) => Math.ceil(size / 4)));
  const threads = Math.max(
    Math.min(Math.max(...vectors.flat()), adapter.enoughThreads),
    ...vectors.map((sizes) => leastThreads(sizes, turnsPerTurn(BLOCKS))),
  );
  const states = new Storage(y.device, 4 * threads * chunks.length);
  const dispatches = chunks.map((chunk, k) => pass(call, chunk, states, k * threads, threads, adapter));
  const shape = [threads * chunks.length];
  const end = reduce(
    {
      name: `${call.name} merge`,
      reducer: call.merge,
      x: states,
      dtype: "float32",
      shape,
      dims: [0],
      y,
      epilogue: IDENTITY,
    },
    adapter,
  );
  return { dispatches: [...dispatches, ...end.dispatches], temporaries: [states, ...end.temporaries] };
}

function pass(
  { name, reducer, numbers = [] }: ForeachReduceCall,
  parts: ForeachReduceCall["parts"],
  states: Storage,
  first: number,
  threads: number,
  adapter: Adapter,
): Dispatch {
  const lane = (t: number, l: number, state: string[]) =>
    `if (4u * j + ${l}u < u.n${t}) { ${reducer.add(state, `v[${l}]`, `i32(4u * j + ${l}u)`, [], [])} }`;
  const stateAt = (depth: number) => blockState(["s"], depth);
  const loop = (t: number) => {
    const text = {
      begin: (depth: number) => declareState(reducer, stateAt(depth)),
      end: (depth: number) => reducer.merge(stateAt(depth - 1), stateAt(depth)),
      turn: (depth: number) =>
        `let v = x${t}[j]; ${range(4).map((l) => lane(t, l, stateAt(depth))).join(" ")}`,
    };
    const counter = { at: "j", end: "end", by: "u.threads" };
    return `
  {
    var j = id;
    let end = (u.n${t} + 3u) / 4u;
    ${blockedLoop(counter, reducer.sums ? BLOCKS : [], text)}
  }`;
  };
  const body = `
  var s: f32 = ${reducer.init[0]};${parts.map((_, t) => loop(t)).join("")}
  if (id < u.threads) { y[u.first + id] = s; }`;
  return dispatch(
    {
      name,
      bindings: [...parts.map((_, t) => read(`x${t}`, vectorOf("f32", 4))), write("y", "f32")],
      numberDecls: [
        ...u32s("threads", "first", ...parts.map((_, t) => `n${t}`)),
        ...float32s(...(reducer.numberNames ?? [])),
      ],
      declarations: mathFunctions(body),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [...parts.map((p) => p.storage), states],
    [threads, first, ...parts.map((p) => p.size), ...numbers],
    threads,
  );
}
