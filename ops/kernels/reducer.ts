/**
 * Reducers: how many values become one, and the text of their states.
 *
 * @module
 */
import { type DType, VALUE_TYPE } from "./wgsl/dtype.ts";

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
  /**
   * Whether states are sums that round, so that values are to be added up in blocks. A light one, of few operations, also
   * takes four values at a time, in pairs.
   */
  readonly sums?: "light" | "heavy" | undefined;
  /** Names of float32 numbers of the dispatch that `add` reads, as `u.` and the name. */
  readonly numberNames?: readonly string[] | undefined;
}

/** Adds float32 values up. */
export const SUM: Reducer = Object.freeze<Reducer>({
  name: "sum",
  state: ["float32"],
  init: ["0.0"],
  add: ([s], x) => `${s} += ${x};`,
  merge: ([a], [b]) => `${a} += ${b};`,
  result: 0,
  sums: "light",
});

/** The names of a lane's state. */
export function stateOf(reducer: Reducer, lane: number): string[] {
  return reducer.state.map((_, p) => `s${p}_${lane}`);
}

/** The names of the state of a block within blocks; depth 0 is outside all of them. */
export function blockState(names: readonly string[], depth: number | string): string[] {
  return depth === 0 ? [...names] : names.map((name) => `${name}_${depth}`);
}

/** Declares a state that no value has entered. */
export function declareState(reducer: Reducer, names: readonly string[]): string {
  return names.map((n, p) => `var ${n}: ${VALUE_TYPE[reducer.state[p]!]} = ${reducer.init[p]};`).join(" ");
}

/** Workgroup memory for the states of a team. */
export function teamMemory(reducer: Reducer, team: number): string {
  if (team === 1) return "";
  const declare = (d: DType, p: number) => `var<workgroup> w${p}: array<${VALUE_TYPE[d]}, ${team}>;`;
  return "\n" + reducer.state.map(declare).join("\n");
}

/** Merges the states of a team into that of its first invocation. */
export function mergeTeam(reducer: Reducer, team: number): string {
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
