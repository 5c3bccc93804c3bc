/**
 * Walks over rows: values that are gathered from whole rows, and work on every element that takes them.
 *
 * A short row is the work of one invocation, which walks it as often as there is something to gather, and once more. A
 * long row is shared out: each value is gathered by a pass in which an invocation takes every n-th element of a row, so
 * that neighbours read neighbours, and a reduction of what they found; a last pass works on the elements. No atomics,
 * so two runs give the same bits.
 *
 * @module
 */
import type { Dispatch } from "../gpu/kernel.ts";
import { Storage } from "../gpu/storage.ts";
import type { Work } from "../gpu/work.ts";
import type { Adapter } from "./adapter.ts";
import { reduce, type Reducer, SUM } from "./reduce.ts";
import { eachRow, type Rows, type RowsJob, rowsKernel } from "./rows.ts";
import { blockedSum } from "./wgsl/blocked_loop.ts";
import { IDENTITY } from "./wgsl/epilogue.ts";
import { read, write } from "./wgsl/text.ts";

/** A value that is gathered from all elements of a row: their sum, or the largest. */
export interface Gathered {
  readonly name: string;
  readonly kind: "sum" | "max";
  /** WGSL of what is taken of element `k`, which lies at `at`. */
  readonly of: string;
  /** A condition on numbers of the call without which a sum stays 0. */
  readonly when?: string;
}

/** What is done with a row. In scope are `row`, its index; `base`, the place of its first element; `u.size`. */
export interface RowWalks {
  /** What is gathered, and between it statements that name further values of the row but store nothing. */
  readonly values: readonly (string | Gathered)[];
  /** Statements for each element; `k` is its place in the row, `at` that in memory. */
  readonly each?: string;
  /** Statements for the row as a whole. */
  readonly end?: string;
}

/** A call of walks over rows. */
export interface WalksCall extends RowsJob {
  readonly walks: RowWalks;
}

/** Softmax and its relatives begin with the largest element, `top`, and the sum of e^(x - top), `total`. */
export const SOFTMAX_TOTAL: readonly Gathered[] = [
  { name: "top", kind: "max", of: "x[at]" },
  { name: "total", kind: "sum", of: "expf(x[at] - top)" },
];

/** Elements of a row up to which one invocation walks all of it; a few walks stay far from `MOST_TURNS`. */
const LONG_ROW = 4096;
/** Elements that an invocation takes at least, and at most, of a longer row. */
const LEAST_PART = 64, MOST_PART = 4096;

/** Makes the dispatches of walks over rows. */
export function walkRows(call: WalksCall, adapter: Adapter): Work {
  const { rows, walks } = call;
  if (rows.size > LONG_ROW) return walkInParts(call, adapter);
  const values = walks.values.map((v) =>
    typeof v === "string" ? v : gather(v, "0u", "1u", rows.size > SHORT_ROW)
  );
  const each = walks.each === undefined ? "" : loop(walks.each, "0u", "1u");
  const body = [...values, each, walks.end ?? ""].join("\n");
  return eachRow({ ...call, body }, adapter);
}

/** Elements of a row above which its sums are made in blocks, and the blocks. */
const SHORT_ROW = 64, BLOCKS = [16, 16];

function loop(each: string, from: string, by: string): string {
  return `for (var k = ${from}; k < u.size; k += ${by}) { let at = base + k * INNER; ${each} }`;
}

/** Statements that gather a value from every `by`-th element from `from` on; there is at least one. */
function gather(
  { name, kind, of, when }: Gathered,
  from: string,
  by: string,
  inBlocks: boolean,
): string {
  if (kind === "max") {
    return `var ${name}: f32; { let k = ${from}; let at = base + k * INNER; ${name} = ${of}; }
    ${loop(`${name} = max(${name}, ${of});`, `${from} + ${by}`, by)}`;
  }
  const turn = (sum: string) => `let at = base + k * INNER; ${sum} += ${of};`;
  const sum = inBlocks
    ? `{ var k = ${from}; ${
      blockedSum({ at: "k", end: "u.size", by }, BLOCKS, { name, type: "f32", turn })
    } }`
    : loop(`${name} += ${of};`, from, by);
  return `var ${name} = 0.0;\n${when ? `if (${when}) { ${sum} }` : sum}`;
}

const MERGE: Readonly<Record<Gathered["kind"], Reducer>> = {
  sum: SUM,
  max: {
    name: "max",
    state: ["float32"],
    init: ["-infinityf()"],
    add: ([s], x) => `${s} = max(${s}, ${x});`,
    merge: ([a], [b]) => `${a} = max(${a}, ${b});`,
    result: 0,
  },
};

/** Walks long rows in parts: a pass and a reduction for each value that is gathered, and a pass for the statements. */
function walkInParts(call: WalksCall, adapter: Adapter): Work {
  const { rows, walks } = call, parts = partsOf(rows, adapter);
  const work: Work = { dispatches: [], temporaries: [] };
  const before: string[] = [], known: PassBinding[] = [];
  for (const value of walks.values) {
    if (typeof value === "string") {
      before.push(value);
      continue;
    }
    const whole = gatherInParts(call, value, { parts, before, known }, work, adapter);
    known.push({ ...read(`row_${value.name}`, "f32"), storage: whole });
    before.push(`let ${value.name} = row_${value.name}[row];`);
  }
  const each = walks.each === undefined ? "" : loop(walks.each, "part", "u.parts");
  const end = walks.end === undefined ? "" : `if (part == 0u) { ${walks.end} }`;
  const body = [...before, each, end].join("\n");
  work.dispatches.push(passOverParts(call, call.name, body, known, parts, adapter));
  return work;
}

/** How many invocations share a row. */
function partsOf({ outer, size, inner }: Rows, adapter: Adapter): number {
  const wanted = Math.max(Math.ceil(adapter.enoughThreads / (outer * inner)), Math.ceil(size / MOST_PART));
  return Math.min(Math.floor(size / LEAST_PART), wanted);
}

type PassBinding = RowsJob["bindings"][number];

/** What the passes so far have left: statements that name the values of the row, and where those values lie. */
interface Gatherings {
  readonly parts: number;
  readonly before: readonly string[];
  readonly known: readonly PassBinding[];
}

/** Adds the pass that gathers a value over each part, and the reduction that merges the parts; returns where it lies by row. */
function gatherInParts(
  call: WalksCall,
  value: Gathered,
  { parts, before, known }: Gatherings,
  work: Work,
  adapter: Adapter,
): Storage {
  const { outer, inner } = call.rows, count = outer * inner, { device } = call.bindings[0]!.storage;
  const partial = new Storage(device, 4 * count * parts), whole = new Storage(device, 4 * count);
  const name = `${call.name} ${value.name}`;
  const body = [...before, gather(value, "part", "u.parts", true), `partial[id] = ${value.name};`].join("\n");
  const bindings = [...known, { ...write("partial", "f32"), storage: partial }];
  const merged = reduce({
    name,
    reducer: MERGE[value.kind],
    x: partial,
    dtype: "float32",
    shape: isAlongRow(call.rows) ? [count, parts] : [parts, count],
    dims: [isAlongRow(call.rows) ? 1 : 0],
    y: whole,
    epilogue: IDENTITY,
  }, adapter);
  work.dispatches.push(passOverParts(call, name, body, bindings, parts, adapter), ...merged.dispatches);
  work.temporaries.push(partial, whole, ...merged.temporaries);
  return whole;
}

/** Whether neighbouring invocations take parts of one row, and not, as where rows are interleaved, of neighbouring rows. */
function isAlongRow({ inner }: Rows): boolean {
  return inner === 1;
}

/** One invocation for each part of each row: it takes every `u.parts`-th element from the `part`-th on. */
function passOverParts(
  call: WalksCall,
  name: string,
  body: string,
  more: readonly PassBinding[],
  parts: number,
  adapter: Adapter,
): Dispatch {
  const { rows, numbers = [] } = call,
    used = call.bindings.filter((b) => new RegExp(`\\b${b.name}\\b`).test(body));
  const job = {
    ...call,
    name,
    bindings: [...used, ...more],
    numbers: [{ name: "parts", type: "u32", value: parts } as const, ...numbers],
  };
  const text = `
  let row = id ${isAlongRow(rows) ? "/ u.parts" : "% u.rows"};
  let part = id ${isAlongRow(rows) ? "% u.parts" : "/ u.rows"};
  if (id < u.rows * u.parts) {
    let base = row / INNER * (u.size * INNER) + row % INNER;
    ${body}
  }`;
  return rowsKernel(job, text, rows.outer * rows.inner * parts, adapter);
}
