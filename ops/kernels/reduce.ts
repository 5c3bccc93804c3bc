/**
 * The reduction family: sums, products, extremes and their places over any set of dimensions.
 *
 * An invocation computes one output, or four neighbouring ones, over a chunk of the reduced elements; where the
 * outputs alone are too few to fill the adapter the reduced elements are cut into chunks and a second pass merges
 * their partial results in order. No atomics, so two runs give the same bits. Loads are vec4 where the
 * reduced elements lie side by side (four partial states, merged at the end) or the outputs do (a state for each).
 *
 * On a GPU neighbouring invocations should read neighbouring elements. Where many reduced elements lie side by side
 * a whole workgroup therefore takes the chunk, each invocation every 64th piece, and their states are merged in
 * workgroup memory, half onto half.
 *
 * @module
 */
import type { Dispatch } from "../gpu/kernel.ts";
import { Storage } from "../gpu/storage.ts";
import {
  type AffineAccess,
  collapse,
  indexExpression,
  isConstant,
  rowMajor,
  sharesFour,
  type Space,
} from "./wgsl/access.ts";
import { type DType, fromStored, STORED_AS, toStored, VALUE_TYPE } from "./wgsl/dtype.ts";
import type { Operand } from "./elementwise.ts";
import { type FirstOutput, IDENTITY } from "./wgsl/epilogue.ts";
import { MOST_TURNS } from "./wgsl/loop_limit.ts";
import { mathFunctions } from "./wgsl/math.ts";
import type { Adapter } from "./adapter.ts";
import { type BindingDecl, dispatch } from "./wgsl/source.ts";
import type { Work } from "../gpu/work.ts";

/** How values are gathered: a state, how a value enters it, and how two states become one. */
export interface Reducer {
  readonly name: string;
  /** Types of the state's parts; the first part is the result unless `result` says otherwise. */
  readonly state: readonly DType[];
  readonly init: readonly string[];
  /**
   * Statements that put the value `x`, at place `k` (i32) of the reduction, into the state.
   *
   * @param more The values of the further inputs at the same place, then those of the broadcast ones.
   * @param kept The values of the per-output inputs.
   */
  add(
    state: readonly string[],
    x: string,
    k: string,
    more: readonly string[],
    kept: readonly string[],
  ): string;
  /** Statements that merge state `b` into `a`; `b`'s places may lie before or after. */
  merge(a: readonly string[], b: readonly string[]): string;
  /** Statements that make the results of the state when all values are in it; without them it is the result as it is. */
  finish?(state: readonly string[]): string;
  /** Which part of the state is the result. */
  readonly result: number;
}

/** Adds float32 values up. */
export const SUM: Reducer = Object.freeze<Reducer>({
  name: "sum",
  state: ["float32"],
  init: ["0.0"],
  add: ([s], x) => `${s} += ${x};`,
  merge: ([a], [b]) => `${a} += ${b};`,
  result: 0,
});

/** A reduction of `x` with `shape` over the dimensions `dims` (ascending). `y` takes the reducer's result. */
export interface ReduceCall extends FirstOutput {
  readonly name: string;
  readonly reducer: Reducer;
  readonly x: Storage;
  readonly dtype: DType;
  /** Further float32 inputs of the same shape. */
  readonly more?: readonly Storage[];
  /** Further float32 inputs that walk over `shape` in a way of their own, such as a mean or weight that is broadcast. */
  readonly broadcast?: readonly Operand[];
  /** Inputs with one float32 value for each output, such as a mean that was computed before. */
  readonly kept?: readonly Storage[];
  readonly shape: readonly number[];
  readonly dims: readonly number[];
  /** With these every part of the reducer's state is stored: the first goes to `y`. */
  readonly others?: readonly Storage[];
}

/** Elements that one state takes in at most: a sum's rounding errors grow with their number. */
const LONGEST_CHUNK = 4096;
/** Chunks that one invocation merges at most: half of its turns, as it has others between runs of them. */
const MOST_CHUNKS = MOST_TURNS / 2;
/** Chunks that are merged before their sum is added to that of others. */
const RUN = 32;

/** Makes the dispatches of a reduction. Nothing may be empty but the reduced extent. */
export function reduce(call: ReduceCall, adapter: Adapter): Work {
  const layout = layoutOf(call);
  const { outputs, extent } = layout;
  const team = teamOf(layout, adapter);
  const threads = team * outputs / (layout.vector === "kept" ? 4 : 1);
  const longest = Math.min(Math.ceil(extent / (LONGEST_CHUNK * team)), MOST_CHUNKS);
  const wanted = Math.max(Math.ceil(adapter.enoughThreads / threads), longest);
  const chunks = extent * outputs < adapter.smallReduction
    ? 1
    : Math.max(1, Math.min(Math.floor(extent / (64 * team)), wanted));
  if (chunks === 1) {
    return { dispatches: [pass(call, layout, resultsOf(call), 1, extent, adapter)], temporaries: [] };
  }
  const partial = call.reducer.state.map(() => new Storage(call.x.device, 4 * outputs * chunks));
  const length = Math.ceil(extent / chunks / 4) * 4; // chunks begin at vec4s
  const first = pass(call, layout, partial, chunks, length, adapter);
  return { dispatches: [first, mergePass(call, partial, chunks, outputs, adapter)], temporaries: partial };
}

interface Layout {
  outputs: number;
  extent: number;
  kept: { dims: number[]; access: AffineAccess };
  reduced: { dims: number[]; access: AffineAccess };
  /** What a vec4 load covers. */
  vector: "reduced" | "kept" | "none";
}

function layoutOf({ shape, dims }: ReduceCall): Layout {
  const strides = rowMajor(shape);
  const side = (mine: (d: number) => boolean) => {
    const ds = shape.map((_, d) => d).filter(mine);
    const space = collapse({
      dims: ds.map((d) => shape[d]),
      accesses: [{ strides: ds.map((d) => strides[d]), offset: 0 }],
    });
    return { dims: [...space.dims], access: space.accesses[0] };
  };
  const reduced = side((d) => dims.includes(d)), kept = side((d) => !dims.includes(d));
  const size = (s: { dims: number[] }) => s.dims.reduce((a, b) => a * b, 1);
  const all = [...reduced.access.strides, ...kept.access.strides];
  const aligned = all.filter((s) => s === 1).length === 1 && all.every((s) => s === 1 || s % 4 === 0);
  const last = (s: typeof kept) => s.access.strides.at(-1) === 1 && s.dims.at(-1)! % 4 === 0;
  const vector = aligned && last(reduced) ? "reduced" : aligned && last(kept) ? "kept" : "none";
  return { outputs: size(kept), extent: size(reduced), kept, reduced, vector };
}

/** How many invocations share a chunk: a workgroup on a GPU where reduced elements lie side by side, else one. */
function teamOf({ extent, reduced }: Layout, adapter: Adapter): number {
  const team = adapter.workgroupSize;
  return adapter.kernels === "gpu" && reduced.access.strides.at(-1) === 1 && extent >= 4 * team ? team : 1;
}

/** Reduces `length` elements an invocation or workgroup, from memory to results or to partial states. */
function pass(
  call: ReduceCall,
  layout: Layout,
  y: readonly Storage[],
  chunks: number,
  length: number,
  adapter: Adapter,
): Dispatch {
  const { reducer, dtype, more = [], kept = [] } = call, { vector } = layout;
  const lanes = vector === "none" ? 1 : 4,
    keptLanes = vector === "kept" ? 4 : 1,
    hop = vector === "reduced" ? 4 : 1;
  const finish = output(call, chunks > 1, y);
  const lines = (n: number, text: (lane: number) => string) => range(n).map(text).join("\n    ");
  const state = (l: number) => reducer.state.map((_, p) => `s${p}_${l}`);
  const names = ["x", ...more.map((_, i) => `x${i}`)];
  const at = indexExpression(layout.reduced.access, layout.reduced.dims, "r");
  const place = lanes === 4 ? `(base + ${at}) / 4u` : `base + ${at}`;
  const element = (name: string, l: number) => (lanes === 4 ? `${name}_v[${l}]` : `${name}_v`);
  const wide = broadcastInputs(call, layout);
  const add = (l: number) =>
    reducer.add(
      state(l),
      fromStored(dtype, element("x", l)),
      `i32(r) + ${vector === "reduced" ? l : 0}`,
      [...names.slice(1).map((name) => element(name, l)), ...wide.map((b) => b.value(l))],
      kept.map((_, i) => `k${i}_${vector === "kept" ? l : 0}`),
    );
  const team = teamOf(layout, adapter), who = team > 1 ? "group" : "id";
  const loadKept = (l: number) => kept.map((_, i) => `let k${i}_${l} = kept${i}[o + ${l}u];`).join(" ");
  const body = `
  let outs = u.outputs / ${keptLanes}u;
  let o = (${who} % outs) * ${keptLanes}u;
  let chunk = ${who} / outs;
  let base = ${indexExpression(layout.kept.access, layout.kept.dims, "o")};
  ${lines(keptLanes, loadKept)}
  ${wide.map((b) => b.before).join(" ")}
  ${lines(lanes, (l) => declareState(reducer, state(l)))}
  let end = min(u.extent, (chunk + 1u) * u.length);
  for (var r = chunk * u.length${team > 1 ? ` + local * ${hop}u` : ""}; r < end; r += ${hop * team}u) {
    ${names.map((name) => `let ${name}_v = ${name}[${place}];`).join(" ")}
    ${wide.map((b) => b.inside).join(" ")}
    ${lines(lanes, add)}
  }
  ${vector === "reduced" ? lines(3, (l) => reducer.merge(state(0), state(l + 1))) : ""}
  ${team > 1 ? mergeTeam(reducer, team) : ""}
  if (${team > 1 ? "local == 0u && " : ""}${who} < outs * u.chunks) {
    ${lines(keptLanes, (l) => finish.store(state(l), `(o + ${l}u)`, "chunk * u.outputs", `${l}`))}
  }`;
  const read = (name: string, word: string, wide: boolean): BindingDecl => ({
    name,
    type: wide && lanes === 4 ? `vec4<${word}>` : word,
    access: "read",
  });
  return dispatch(
    {
      name: call.name,
      bindings: [
        ...names.map((name, i) => read(name, i === 0 ? STORED_AS[dtype] : "f32", true)),
        ...wide.map((_, i) => read(`b${i}`, "f32", false)),
        ...kept.map((_, i) => read(`kept${i}`, "f32", false)),
        ...finish.bindings,
      ],
      numbers: [...UNIFORMS, ...finish.text.numbers],
      declarations: mathFunctions(body, finish.text.functions) + finish.text.functions +
        teamMemory(reducer, team),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [call.x, ...more, ...(call.broadcast ?? []).map((b) => b.storage), ...kept, ...finish.storages],
    [layout.outputs, layout.extent, length, chunks, ...finish.numbers],
    Math.ceil(layout.outputs / keptLanes) * chunks * team,
    layout.outputs * layout.extent,
  );
}

/** How the values of the broadcast inputs are read: before the loop where the reduced place does not matter. */
function broadcastInputs(
  { broadcast = [], dims, shape }: ReduceCall,
  { vector }: Layout,
): { before: string; inside: string; value: (lane: number) => string }[] {
  return broadcast.map(({ access }, i) => {
    const side = (mine: (d: number) => boolean) => {
      const ds = shape.map((_, d) => d).filter(mine);
      return collapse({
        dims: ds.map((d) => shape[d]),
        accesses: [{ strides: ds.map((d) => access.strides[d]), offset: 0 }],
      });
    };
    const reduced = side((d) => dims.includes(d)), kept = side((d) => !dims.includes(d));
    const at = ({ dims, accesses }: Space, place: string) => indexExpression(accesses[0], dims, place);
    const still = isConstant(reduced.accesses[0]);
    const moving = vector === "kept" ? kept : reduced;
    const alike = vector === "none" || sharesFour(moving.accesses[0], moving.dims);
    const load = (l: number) => {
      const o = vector === "kept" ? `(o + ${l}u)` : "o", r = vector === "reduced" ? `(r + ${l}u)` : "r";
      const place = [at(kept, o), ...(still ? [] : [at(reduced, r)]), `${access.offset}u`].join(" + ");
      return `let b${i}_${l} = b${i}[${place}];`;
    };
    const loads = range(alike ? 1 : 4).map(load).join(" ");
    return {
      before: still ? loads : "",
      inside: still ? "" : loads,
      value: (l) => `b${i}_${alike ? 0 : l}`,
    };
  });
}

/** Workgroup memory for the states of a team. */
function teamMemory(reducer: Reducer, team: number): string {
  if (team === 1) return "";
  const declare = (d: DType, p: number) => `var<workgroup> w${p}: array<${VALUE_TYPE[d]}, ${team}>;`;
  return "\n" + reducer.state.map(declare).join("\n");
}

/** Merges the states of a team into that of its first invocation. */
function mergeTeam(reducer: Reducer, team: number): string {
  const mine = reducer.state.map((_, p) => `s${p}_0`), other = reducer.state.map((_, p) => `t${p}`);
  const store = mine.map((s, p) => `w${p}[local] = ${s};`).join(" ");
  return `${store}
  workgroupBarrier();
  for (var half = ${team / 2}u; half > 0u; half >>= 1u) {
    if (local < half) {
      ${other.map((t, p) => `let ${t} = w${p}[local + half];`).join(" ")}
      ${reducer.merge(mine, other)}
      ${store}
    }
    workgroupBarrier();
  }`;
}

/** Merges the partial states of the chunks in their order: runs of them first, so that no sum takes in very many. */
function mergePass(
  call: ReduceCall,
  partial: Storage[],
  chunks: number,
  outputs: number,
  adapter: Adapter,
): Dispatch {
  const { reducer } = call;
  const finish = output(call, false, resultsOf(call));
  const team = adapter.kernels === "gpu" && chunks >= adapter.workgroupSize ? adapter.workgroupSize : 1;
  const o = team > 1 ? "group" : "id";
  const [a, run, b] = ["s", "r", "t"].map((name) => reducer.state.map((_, p) => `${name}${p}_0`));
  const loads = reducer.state.map((d, p) => `let t${p}_0 = ${fromStored(d, `p${p}[c * u.outputs + ${o}]`)};`);
  const body = `
  ${declareState(reducer, a)}
  for (var c = ${team > 1 ? "local" : "0u"}; c < u.chunks;) {
    ${declareState(reducer, run)}
    for (let end = min(c + ${RUN * team}u, u.chunks); c < end; c += ${team}u) {
      ${loads.join("\n      ")}
      ${reducer.merge(run, b)}
    }
    ${reducer.merge(a, run)}
  }
  ${team > 1 ? mergeTeam(reducer, team) : ""}
  if (${team > 1 ? "local == 0u && " : ""}${o} < u.outputs) {
    ${finish.store(a, o, "0u", "0")}
  }`;
  const bindings: BindingDecl[] = reducer.state.map((d, p) => ({
    name: `p${p}`,
    type: STORED_AS[d],
    access: "read",
  }));
  return dispatch(
    {
      name: `${call.name} merge`,
      bindings: [...bindings, ...finish.bindings],
      numbers: [...UNIFORMS, ...finish.text.numbers],
      declarations: mathFunctions(body, finish.text.functions) + finish.text.functions +
        teamMemory(reducer, team),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [...partial, ...finish.storages],
    [outputs, 0, 0, chunks, ...finish.numbers],
    outputs * team,
    outputs * chunks,
  );
}

const UNIFORMS = [
  { name: "outputs", type: "u32" },
  { name: "extent", type: "u32" },
  { name: "length", type: "u32" },
  { name: "chunks", type: "u32" },
] as const;

function range(n: number): number[] {
  return Array.from({ length: n }, (_, l) => l);
}

function declareState(reducer: Reducer, names: readonly string[]): string {
  return names.map((n, p) => `var ${n}: ${VALUE_TYPE[reducer.state[p]]} = ${reducer.init[p]};`).join(" ");
}

function resultsOf({ y, others = [] }: ReduceCall): readonly Storage[] {
  return [y, ...others];
}

/** How a finished state leaves the kernel: as partial states, as all parts, or as the one result with the epilogue. */
function output(call: ReduceCall, isPartial: boolean, y: readonly Storage[]) {
  const { reducer } = call;
  const epilogue = isPartial ? IDENTITY : call.epilogue;
  const text = epilogue.text(1);
  const parts = isPartial || call.others ? reducer.state.map((_, p) => p) : [reducer.result];
  const bindings: BindingDecl[] = parts.map((p, k) => ({
    name: `y${k}`,
    type: STORED_AS[reducer.state[p]],
    access: "read_write",
  }));
  return {
    text,
    numbers: epilogue.numbers,
    bindings: [...bindings, ...text.bindings],
    storages: [...y, ...epilogue.reads, ...epilogue.writes],
    store: (state: readonly string[], o: string, offset: string, tag: string): string => {
      const stores = parts.map((p, k) => {
        const done = k === 0 ? text.apply([state[p]], o, tag) : { code: "", values: [state[p]] };
        return `${done.code}\ny${k}[${offset} + ${o}] = ${toStored(reducer.state[p], done.values[0])};`;
      });
      return [isPartial ? "" : reducer.finish?.(state) ?? "", ...stores].join("\n");
    },
  };
}
