/**
 * Of whole numbers that may repeat, the last of each: so that what is written to one place twice is what came last, in
 * every run.
 *
 * Each of a few numbers looks through those behind it. Many are sorted (stably, see `radix_sort.ts`), and the last of a
 * run of equal ones knows itself by its neighbour.
 *
 * @module
 */
import { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import { dispatch } from "../wgsl/source.ts";
import { read, u32s, write } from "../wgsl/text.ts";
import { radixSort } from "./radix_sort.ts";

/** Numbers of which each looks through those behind it. */
const FEW = 256;

/** Numbers below `end` in; out come those that none behind them equals, and -1 in the place of others and of negative ones. */
export interface LastOfEachCall {
  readonly name: string;
  readonly keys: Storage;
  readonly n: number;
  readonly end: number;
  readonly y: Storage;
}

/** Makes the dispatches. */
export function lastOfEach(call: LastOfEachCall, adapter: Adapter): Work {
  return call.n <= FEW ? lookBehind(call, adapter) : sortAndCompare(call, adapter);
}

function lookBehind({ name, keys, n, y }: LastOfEachCall, adapter: Adapter): Work {
  const body = /* wgsl */ `
  if (id < u.n) {
    let key = keys[id];
    var last = key;
    for (var k = id + 1u; k < u.n; k++) { if (keys[k] == key) { last = -1; } }
    y[id] = last;
  }`;
  const bindings = [read("keys", "i32"), write("y", "i32")];
  const parts = { name, bindings, numberDecls: u32s("n"), workgroupSize: adapter.workgroupSize, body };
  return { dispatches: [dispatch(parts, [keys, y], [n], n)], temporaries: [] };
}

function sortAndCompare({ name, keys, n, end, y }: LastOfEachCall, adapter: Adapter): Work {
  const make = () => new Storage(y.device, 4 * n), pairs = { keys: make(), carried: make() };
  const { workgroupSize } = adapter, numberDecls = u32s("n", "end");
  const prepared = dispatch(
    {
      name: `${name} keys`,
      bindings: [read("keys", "i32"), write("sorted", "u32"), write("carried", "u32")],
      numberDecls,
      workgroupSize,
      body: /* wgsl */ `
  if (id < u.n) {
    sorted[id] = select(u32(keys[id]), u.end, keys[id] < 0);
    carried[id] = id;
  }`,
    },
    [keys, pairs.keys, pairs.carried], // before the sort, which swaps its memory
    [n, end],
    n,
  );
  const sort = radixSort(pairs, n, end + 1, adapter);
  const compared = dispatch(
    {
      name,
      bindings: [read("sorted", "u32"), read("carried", "u32"), write("y", "i32")],
      numberDecls,
      workgroupSize,
      body: /* wgsl */ `
  if (id < u.n) {
    let key = sorted[id];
    let isLast = id + 1u == u.n || sorted[min(id + 1u, u.n - 1u)] != key;
    y[carried[id]] = select(-1, i32(key), isLast && key < u.end);
  }`,
    },
    [sort.sorted.keys, sort.sorted.carried, y],
    [n, end],
    n,
  );
  return {
    dispatches: [prepared, ...sort.dispatches, compared],
    temporaries: [pairs.keys, pairs.carried, ...sort.temporaries],
  };
}
