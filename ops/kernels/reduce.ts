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
import type { Work } from "../gpu/work.ts";
import type { Adapter } from "./adapter.ts";
import type { Operand } from "./elementwise.ts";
import { lanesOf, layoutOf, type ReductionLayout, type ReductionSide, sidesOf } from "./reduction_layout.ts";
import { blockState, declareState, mergeTeam, type Reducer, stateOf, SUM, teamMemory } from "./reducer.ts";
import { type StateStore, stateStore } from "./state_store.ts";
import { indexExpression, isConstant, sharesFour } from "./wgsl/access.ts";
import { blockedLoop } from "./wgsl/blocked_loop.ts";
import { type DType, fromStored, STORED_AS } from "./wgsl/dtype.ts";
import type { FirstOutput } from "./wgsl/epilogue.ts";
import { MOST_TURNS } from "./wgsl/loop_limit.ts";
import { mathFunctions } from "./wgsl/math.ts";
import { dispatch } from "./wgsl/source.ts";
import { components, eachLane, float32s, inVectors, range, read, u32s, vectorOf } from "./wgsl/text.ts";

export { type Reducer, SUM };

/** A reduction of `x` with `shape` over the dimensions `dims` (ascending). `y` takes the reducer's result. */
export interface ReduceCall extends FirstOutput {
  readonly name: string;
  readonly reducer: Reducer;
  readonly x: Storage;
  readonly dtype: DType;
  /** Further float32 inputs of the same shape. */
  readonly more?: readonly Storage[] | undefined;
  /** Further float32 inputs that walk over `shape` in a way of their own, such as a mean or weight that is broadcast. */
  readonly broadcast?: readonly Operand[] | undefined;
  /** Inputs with one float32 value for each output, such as a mean that was computed before. */
  readonly kept?: readonly Storage[] | undefined;
  readonly shape: readonly number[];
  readonly dims: readonly number[];
  /** What the reducer's numbers are. */
  readonly numbers?: readonly number[] | undefined;
  /** With these every part of the reducer's state is stored: the first goes to `y`. */
  readonly others?: readonly Storage[] | undefined;
}

/** Elements that the states of an invocation take in at most. */
const LONGEST_CHUNK = 4096;
/** Chunks that one invocation merges at most: half of its turns, as it has others between runs of them. */
const MOST_CHUNKS = MOST_TURNS / 2;

/** Makes the dispatches of a reduction. Nothing may be empty but the reduced extent. */
export function reduce(call: ReduceCall, adapter: Adapter): Work {
  const layout = layoutOf(call);
  const { outputs, extent } = layout;
  const team = teamOf(layout, adapter);
  const threads = team * outputs / lanesOf(layout).keptLanes;
  const longest = Math.min(Math.ceil(extent / (LONGEST_CHUNK * team)), MOST_CHUNKS);
  const wanted = Math.max(Math.ceil(adapter.enoughThreads / threads), longest);
  const chunks = extent * outputs < adapter.smallReduction
    ? 1
    : Math.max(1, Math.min(Math.floor(extent / (64 * team)), wanted));
  if (chunks === 1) {
    const whole = { chunks, length: extent, team };
    return { dispatches: [pass(call, layout, resultsOf(call), whole, adapter)], temporaries: [] };
  }
  const partial = call.reducer.state.map(() => new Storage(call.x.device, 4 * outputs * chunks));
  const length = Math.ceil(extent / chunks / 4) * 4; // chunks begin at vec4s
  const first = pass(call, layout, partial, { chunks, length, team }, adapter);
  return { dispatches: [first, mergePass(call, partial, chunks, outputs, adapter)], temporaries: partial };
}

/** How many invocations share a chunk: a workgroup on a GPU where reduced elements lie side by side, else one. */
function teamOf({ extent, reduced }: ReductionLayout, adapter: Adapter): number {
  const team = adapter.workgroupSize;
  return adapter.kernels === "gpu" && reduced.access.strides.at(-1) === 1 && extent >= 4 * team ? team : 1;
}

/** How the first pass cuts the reduced elements, and who takes a chunk. */
interface Cut {
  readonly chunks: number;
  /** Elements of a chunk. */
  readonly length: number;
  /** Invocations that share a chunk. */
  readonly team: number;
}

/** Reduces each chunk, from memory to results or to partial states. */
function pass(
  call: ReduceCall,
  layout: ReductionLayout,
  y: readonly Storage[],
  cut: Cut,
  adapter: Adapter,
): Dispatch {
  const { reducer, dtype, more = [], broadcast = [], kept = [] } = call, { chunks, length, team } = cut;
  const end = stateStore(call, chunks > 1, y), wide = broadcastInputs(call, layout);
  const body = passText(call, layout, team, wide, end);
  const { lanes, keptLanes } = lanesOf(layout);
  return dispatch(
    {
      name: call.name,
      bindings: [
        read("x", vectorOf(STORED_AS[dtype], lanes)),
        ...more.map((_, i) => read(`x${i}`, vectorOf("f32", lanes))),
        ...broadcast.map((_, i) => read(`b${i}`, "f32")),
        ...kept.map((_, i) => read(`kept${i}`, "f32")),
        ...end.bindings,
      ],
      numberDecls: [...NUMBER_DECLS, ...float32s(...(reducer.numberNames ?? [])), ...end.text.numberDecls],
      declarations: declarations(body, end, reducer, team),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [call.x, ...more, ...broadcast.map((b) => b.storage), ...kept, ...end.storages],
    [layout.outputs, layout.extent, length, chunks, ...(call.numbers ?? []), ...end.numbers],
    Math.ceil(layout.outputs / keptLanes) * chunks * team,
    layout.outputs * layout.extent,
  );
}

/** The text of the first pass: a state for each lane takes in the elements of a chunk, then the lanes' states meet. */
function passText(
  call: ReduceCall,
  layout: ReductionLayout,
  team: number,
  wide: readonly BroadcastInput[],
  end: StateStore,
): string {
  const { reducer, kept = [] } = call, { lanes, keptLanes, hop } = lanesOf(layout);
  const who = team > 1 ? "group" : "id";
  const loadKept = (l: number) => kept.map((_, i) => `let k${i}_${l} = kept${i}[o + ${l}u];`).join(" ");
  return `
  let outs = u.outputs / ${keptLanes}u;
  let o = (${who} % outs) * ${keptLanes}u;
  let chunk = ${who} / outs;
  let base = ${indexExpression(layout.kept.access, layout.kept.dims, "o")};
  ${eachLane(keptLanes, loadKept)}
  ${wide.map((b) => b.before).join(" ")}
  ${eachLane(lanes, (l) => declareState(reducer, stateOf(reducer, l)))}
  let end = min(u.extent, (chunk + 1u) * u.length);
  var r = chunk * u.length${team > 1 ? ` + local * ${hop}u` : ""};
  ${takeText(call, layout, hop * team, wide)}
  ${hop === 4 ? eachLane(3, (l) => reducer.merge(stateOf(reducer, 0), stateOf(reducer, l + 1))) : ""}
  ${team > 1 ? mergeTeam(reducer, team) : ""}
  if (${team > 1 ? "local == 0u && " : ""}${who} < outs * u.chunks) {
    ${eachLane(keptLanes, (l) => end.store(stateOf(reducer, l), `(o + ${l}u)`, "chunk * u.outputs", `${l}`))}
  }`;
}

/** Elements that are added up one after the other. */
const SHORT = 16;
/** Blocks of a chunk, for turns of four pieces and for turns of one. */
const IN_FOURS = [8, 8], ONE_BY_ONE = [16, 16];
/** Blocks of chunks: all but the last make one. */
const BLOCKS_OF_CHUNKS = [8, 8, 8, 8];

/** Takes the pieces from `r` on into the states, `by` apart; sums in blocks. */
function takeText(
  call: ReduceCall,
  layout: ReductionLayout,
  by: number,
  wide: readonly BroadcastInput[],
): string {
  const { reducer, more = [] } = call, { lanes } = lanesOf(layout);
  const add = (at: string, depth: number | string) => addText(call, layout, wide, at, depth);
  const single = `for (; r < end; r += ${by}u) { ${add("r", 0)} }`;
  // Of a batch there may be few one time and many another, which must not take two texts.
  const isShort = layout.extent <= SHORT && !call.dims.includes(0);
  if (!reducer.sums || isShort) return single;
  const states = (depth: number | string) => range(lanes).map((l) => blockState(stateOf(reducer, l), depth));
  const begin = (depth: number | string) => states(depth).map((s) => declareState(reducer, s)).join(" ");
  const merge = (into: number | string, from: number | string) =>
    range(lanes).map((l) => reducer.merge(states(into)[l]!, states(from)[l]!)).join(" ");
  const text = { begin, end: (depth: number) => merge(depth - 1, depth) };
  const inputs = 1 + more.length + wide.length;
  if (reducer.sums === "heavy" || inputs > 2) {
    return blockedLoop({ at: "r", end: "end", by: `${by}u` }, ONE_BY_ONE, {
      ...text,
      turn: (d) => add("r", d),
    });
  }
  const four = range(4).map((j) => `${begin(`q${j}`)} { ${add(`(r + ${j * by}u)`, `q${j}`)} }`);
  const pairs = [merge("q0", "q1"), merge("q2", "q3"), merge("q0", "q2")];
  const turn = (depth: number) => [...four, ...pairs, merge(depth, "q0")].join("\n    ");
  return `let pieces = (max(end, r) - r + ${by - 1}u) / ${by}u;
  let fours = r + pieces / 4u * ${4 * by}u;
  ${blockedLoop({ at: "r", end: "fours", by: `${4 * by}u` }, IN_FOURS, { ...text, turn })}
  ${single}`;
}

/** Loads the elements at place `r` of the reduction and puts each lane's into its state at a depth of blocks. */
function addText(
  call: ReduceCall,
  layout: ReductionLayout,
  wide: readonly BroadcastInput[],
  r: string,
  depth: number | string,
): string {
  const { reducer, dtype, more = [], kept = [] } = call, { vector } = layout, { lanes } = lanesOf(layout);
  const names = ["x", ...more.map((_, i) => `x${i}`)];
  const at = indexExpression(layout.reduced.access, layout.reduced.dims, r);
  const element = (name: string, l: number) => components(`${name}_v`, lanes)[l]!;
  const add = (l: number) =>
    reducer.add(
      blockState(stateOf(reducer, l), depth),
      fromStored(dtype, element("x", l)),
      `i32(${r}) + ${vector === "reduced" ? l : 0}`,
      [...names.slice(1).map((name) => element(name, l)), ...wide.map((b) => b.value(l))],
      kept.map((_, i) => `k${i}_${vector === "kept" ? l : 0}`),
    );
  return `${names.map((name) => `let ${name}_v = ${name}[${inVectors(`base + ${at}`, lanes)}];`).join(" ")}
    ${wide.map((b) => b.inside(r)).join(" ")}
    ${eachLane(lanes, add)}`;
}

/** The functions and the workgroup memory of a kernel with `body`. */
function declarations(body: string, { text }: StateStore, reducer: Reducer, team: number): string {
  return mathFunctions(body, text.functions) + text.functions + teamMemory(reducer, team);
}

/** How a broadcast input is read: statements before the loop and in it, and the value by lane. */
interface BroadcastInput {
  readonly before: string;
  inside(r: string): string;
  value(lane: number): string;
}

/** Broadcast inputs are read before the loop where they are the same at all reduced places. */
function broadcastInputs(call: ReduceCall, { vector }: ReductionLayout): BroadcastInput[] {
  const { broadcast = [] } = call;
  return broadcast.map(({ access }, i) => {
    const { reduced, kept } = sidesOf(call, access.strides);
    const at = ({ access, dims }: ReductionSide, place: string) => indexExpression(access, dims, place);
    const isFixed = isConstant(reduced.access);
    const across = vector === "kept" ? kept : reduced;
    const isShared = vector === "none" || sharesFour(across.access, across.dims);
    const load = (l: number, r: string) => {
      const o = vector === "kept" ? `(o + ${l}u)` : "o", place = vector === "reduced" ? `(${r} + ${l}u)` : r;
      const terms = [at(kept, o), ...(isFixed ? [] : [at(reduced, place)]), `${access.offset}u`];
      return `let b${i}_${l} = b${i}[${terms.join(" + ")}];`;
    };
    const loads = (r: string) => range(isShared ? 1 : 4).map((l) => load(l, r)).join(" ");
    return {
      before: isFixed ? loads("r") : "",
      inside: (r) => isFixed ? "" : loads(r),
      value: (l) => `b${i}_${isShared ? 0 : l}`,
    };
  });
}

/** Merges the partial states of the chunks in their order, sums in blocks. */
function mergePass(
  call: ReduceCall,
  partial: Storage[],
  chunks: number,
  outputs: number,
  adapter: Adapter,
): Dispatch {
  const { reducer } = call;
  const end = stateStore(call, false, resultsOf(call));
  const team = adapter.kernels === "gpu" && chunks >= adapter.workgroupSize ? adapter.workgroupSize : 1;
  const o = team > 1 ? "group" : "id";
  const state = reducer.state.map((_, p) => `s${p}_0`), other = reducer.state.map((_, p) => `t${p}_0`);
  const loads = reducer.state.map((d, p) => `let t${p}_0 = ${fromStored(d, `p${p}[c * u.outputs + ${o}]`)};`);
  const text = {
    begin: (depth: number) => declareState(reducer, blockState(state, depth)),
    end: (depth: number) => reducer.merge(blockState(state, depth - 1), blockState(state, depth)),
    turn: (depth: number) => `${loads.join(" ")} ${reducer.merge(blockState(state, depth), other)}`,
  };
  const fanIns = reducer.sums ? BLOCKS_OF_CHUNKS : [];
  const body = `
  ${declareState(reducer, state)}
  var c = ${team > 1 ? "local" : "0u"};
  ${blockedLoop({ at: "c", end: "u.chunks", by: `${team}u` }, fanIns, text)}
  ${team > 1 ? mergeTeam(reducer, team) : ""}
  if (${team > 1 ? "local == 0u && " : ""}${o} < u.outputs) {
    ${end.store(state, o, "0u", "0")}
  }`;
  return dispatch(
    {
      name: `${call.name} merge`,
      bindings: [...reducer.state.map((d, p) => read(`p${p}`, STORED_AS[d])), ...end.bindings],
      numberDecls: [...NUMBER_DECLS, ...end.text.numberDecls],
      declarations: declarations(body, end, reducer, team),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [...partial, ...end.storages],
    [outputs, 0, 0, chunks, ...end.numbers],
    outputs * team,
    outputs * chunks,
  );
}

const NUMBER_DECLS = u32s("outputs", "extent", "length", "chunks");

/** Where the results go. */
function resultsOf({ y, others = [] }: ReduceCall): readonly Storage[] {
  return [y, ...others];
}
