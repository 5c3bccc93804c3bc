/**
 * Adding rows into a table at indices: the gradient of gathering them. Rows that meet are added in an order that is fixed,
 * without atomics, so that two runs give the same bits.
 *
 * There are two ways. Where there are many lines to walk, or short ones, one invocation
 * walks the `n` items of its line and adds each to where its index says, and nothing else touches those places.
 * Otherwise the items are sorted by their row (stably, see `radix_sort.ts`), a kernel finds by bisection where each row's
 * items begin, and one invocation for each element of the table adds up its row's: some ten small dispatches, and work
 * that grows with the size of the table and with the number of items, but never with their product.
 *
 * @module
 */
import type { Dispatch } from "../../gpu/kernel.ts";
import { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import { elementwise } from "../elementwise.ts";
import { collapse, contiguous, numberedWalks, rowMajor } from "../wgsl/access.ts";
import { blockedSum } from "../wgsl/blocked_loop.ts";
import { MOST_TURNS } from "../wgsl/loop_limit.ts";
import { programOf } from "../wgsl/program.ts";
import { dispatch, type NumberDecl } from "../wgsl/source.ts";
import { inPairs, range, read, write } from "../wgsl/text.ts";
import { type GatherShape, piecesOf } from "./gather.ts";
import { radixSort } from "./radix_sort.ts";

/** Items that one invocation walks without a thought, and those that it walks at most. */
const SHORT_LINE = 256, LONGEST_LINE = MOST_TURNS / 2;
/** Items of a row that one invocation adds up in a turn, and its turns. */
const A_TURN = 8, TURNS = MOST_TURNS / 2;
/** Blocks of a row's turns. */
const BLOCKS = [16, 16, 16];

/** Gradient in the table of a gathering: `dx[row(item)] += dy[item]`; all of `dx` is written. */
export interface ScatterCall {
  readonly name: string;
  readonly shape: GatherShape;
  readonly dy: Storage;
  readonly index: Storage;
  /** dx */
  readonly y: Storage;
}

/** Makes the dispatches of a scatter. Nothing may be empty but the items. */
export function scatter(call: ScatterCall, adapter: Adapter): Work {
  const { items, dim } = call.shape, { pieces } = piecesOf(call.shape, "f32");
  const count = items.reduce((a, b) => a * b, 1), n = items[dim] ?? 1;
  if (count === 0) return clearOutput(call, adapter);
  const lines = count / n * pieces;
  const walks = n <= SHORT_LINE || (lines >= adapter.enoughThreads && n <= LONGEST_LINE);
  return walks
    ? {
      dispatches: [...clearOutput(call, adapter).dispatches, walkLines(call, lines, adapter)],
      temporaries: [],
    }
    : sumSorted(call, count, adapter);
}

function clearOutput({ name, shape, y: dx }: ScatterCall, adapter: Adapter): Work {
  const program = programOf({ name: "zero", args: [], result: "float32", body: "0.0" });
  const whole = [shape.tableRows * shape.width], outputs = [{ storage: dx, access: contiguous(whole) }];
  return elementwise(
    { name: `${name} clear`, shape: whole, program, inputs: [], numbers: [], outputs },
    adapter,
  );
}

const IS_INSIDE = "k >= 0 && u32(k) < u.limit && k != u.skip";

/** One invocation for each line of items and piece of a row. */
function walkLines(
  { name, shape, dy, index, y: dx }: ScatterCall,
  lines: number,
  adapter: Adapter,
): Dispatch {
  const { items, dim, base, limit, skip, step } = shape, strides = rowMajor(items);
  const { type, constants } = piecesOf(shape, "f32");
  const walks = numberedWalks(collapse({
    dims: items.toSpliced(dim, 1),
    accesses: [{ strides: strides.toSpliced(dim, 1), offset: 0 }, {
      ...base,
      strides: base.strides.toSpliced(dim, 1),
    }],
  }));
  return dispatch(
    {
      name,
      bindings: [read("dy", type), read("index", "i32"), write("dx", type)],
      numberDecls: [...declareNumbers("lines", "n", "limit", "skip", "step", "apart"), ...walks.numbers],
      declarations: constants,
      workgroupSize: adapter.workgroupSize,
      body: /* wgsl */ `
  let line = id / WIDTH;
  let c = id % WIDTH;
  if (id < u.lines) {
    ${walks.coordinates("line", "0")}
    let item0 = ${walks.at(0, "0")};
    let row0 = ${walks.at(1, "0")};
    for (var j = 0u; j < u.n; j++) {
      let item = item0 + j * u.apart;
      let k = index[item];
      if (${IS_INSIDE}) { dx[(row0 + u32(k) * u.step) * WIDTH + c] += dy[item * WIDTH + c]; }
    }
  }`,
    },
    [dy, index, dx],
    [lines, items[dim] ?? 1, limit, skip, step, strides[dim] ?? 1, ...walks.values],
    lines,
  );
}

/** Sorts the items by their row, and adds up each row's. */
function sumSorted(call: ScatterCall, count: number, adapter: Adapter): Work {
  const { shape, y: dx } = call, make = (words: number) => new Storage(dx.device, 4 * words);
  const pairs = { keys: make(count), carried: make(count) }, starts = make(shape.tableRows + 1);
  const keys = makeKeys(call, pairs.keys, pairs.carried, count, adapter); // before the sort, which swaps its memory
  const sort = radixSort(pairs, count, shape.tableRows + 1, adapter);
  const begin = findStarts(call, sort.sorted.keys, starts, count, adapter);
  const sums: Dispatch[] = [];
  for (let from = 0; from < count; from += A_TURN * TURNS) {
    sums.push(sumItems(call, sort.sorted.carried, starts, from, adapter));
  }
  return {
    dispatches: [keys, ...sort.dispatches, begin, ...sums],
    temporaries: [pairs.keys, pairs.carried, starts, ...sort.temporaries],
  };
}

/** The row of each item. What has no place in the table goes behind its last row. */
function makeKeys(call: ScatterCall, keys: Storage, carried: Storage, n: number, adapter: Adapter): Dispatch {
  const { name, shape, index } = call, { items, base, limit, skip, step, tableRows } = shape;
  const walks = numberedWalks(collapse({ dims: items, accesses: [base] }));
  const body = /* wgsl */ `
  if (id < u.n) {
    ${walks.coordinates("id", "0")}
    let k = index[id];
    var key = u.rows;
    if (${IS_INSIDE}) { key = ${walks.at(0, "0")} + u32(k) * u.step; }
    keys[id] = key;
    carried[id] = id;
  }`;
  return dispatch(
    {
      name: `${name} keys`,
      bindings: [read("index", "i32"), write("keys", "u32"), write("carried", "u32")],
      numberDecls: [...declareNumbers("n", "limit", "skip", "rows", "step"), ...walks.numbers],
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [index, keys, carried],
    [n, limit, skip, tableRows, step, ...walks.values],
    n,
  );
}

/** For each row, and for what lies behind the last, the first item whose row is not smaller. */
function findStarts(
  { name, shape }: ScatterCall,
  keys: Storage,
  starts: Storage,
  n: number,
  adapter: Adapter,
): Dispatch {
  const body = /* wgsl */ `
  if (id <= u.rows) {
    var at = 0u;
    var end = u.n;
    while (at < end) {
      let middle = (at + end) / 2u;
      if (keys[middle] < id) { at = middle + 1u; } else { end = middle; }
    }
    starts[id] = at;
  }`;
  return dispatch(
    {
      name: `${name} starts`,
      bindings: [read("keys", "u32"), write("starts", "u32")],
      numberDecls: declareNumbers("rows", "n"),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [keys, starts],
    [shape.tableRows, n],
    shape.tableRows + 1,
  );
}

/** Adds up each row's items, from the `from`-th on and as many as the turns reach. */
function sumItems(
  { name, shape, dy, y: dx }: ScatterCall,
  items: Storage,
  starts: Storage,
  from: number,
  adapter: Adapter,
): Dispatch {
  const { pieces, type, constants } = piecesOf(shape, "f32"), total = shape.tableRows * pieces;
  const terms = range(A_TURN).map((l) =>
    `select(${type}(0.0), dy[items[at + ${l}u] * WIDTH + c], at + ${l}u < end)`
  );
  const turn = (sum: string) => `${sum} += ${inPairs(terms)};`;
  const body = /* wgsl */ `
  let row = id / WIDTH;
  let c = id % WIDTH;
  if (id < u.total) {
    let begin = starts[row] + u.first;
    let end = min(starts[row + 1u], begin + ${A_TURN * TURNS}u);
    var sum = ${type}(0.0);
    if (u.first > 0u) { sum = dx[id]; }
    var at = begin;
    ${blockedSum({ at: "at", end: "end", by: `${A_TURN}u` }, BLOCKS, { name: "sum", type, turn })}
    dx[id] = sum;
  }`;
  return dispatch(
    {
      name,
      bindings: [read("dy", type), read("items", "u32"), read("starts", "u32"), write("dx", type)],
      numberDecls: declareNumbers("total", "first"),
      declarations: constants,
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [dy, items, starts, dx],
    [total, from],
    total,
  );
}

/** Declares numbers of a dispatch; the index that is left out may be -1. */
function declareNumbers(...names: string[]): NumberDecl[] {
  return names.map((name) => ({ name, type: name === "skip" ? "i32" : "u32" }));
}
