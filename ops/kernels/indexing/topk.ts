/**
 * The k first elements of each row, in the order that an operation says, and their places.
 *
 * One invocation goes through one row of n elements and keeps the k best so far in a heap with the worst on top, in the very
 * places where the results belong; then it takes the worst off again and again and puts it at the end: n log k turns.
 *
 * A longer row is cut into pieces, each for an invocation of its own, and the k best of all pieces are gone through in
 * the same way, with the places that they came with. Where k is so large that pieces would not help, all rows are sorted
 * (`radix_sort.ts`), by the bits of the elements and then by row, and the first k of each are taken.
 *
 * @module
 */
import { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import { eachRow, type Rows, type RowsJob, rowsKernel } from "../rows.ts";
import { STORED_AS } from "../wgsl/dtype.ts";
import { MOST_TURNS } from "../wgsl/loop_limit.ts";
import { read, write } from "../wgsl/text.ts";
import { radixSort } from "./radix_sort.ts";

/** What is looked for, and where it goes. */
export interface TopkCall {
  readonly x: Storage;
  readonly dtype: "float32" | "int32";
  readonly rows: Rows;
  /** From 1 to the size of a row. */
  readonly k: number;
  readonly largest: boolean;
  /** WGSL for whether `a` is larger than `b`, NaN being largest. */
  readonly isLarger: (a: string, b: string) => string;
  /** `[outer, k, inner]` */
  readonly values: Storage;
  /** The places in the row, i32; of equal elements the first come first. */
  readonly indices: Storage;
}

/** Elements of a row that an invocation goes through, where it might go through more. */
const LONG_ROW = 4096;

/** The longest row that an invocation can go through: each element may sink through the whole heap. */
function longestRow(k: number): number {
  return Math.floor(MOST_TURNS / (Math.floor(Math.log2(k)) + 2)) - k;
}

/** Makes the dispatches. */
export function topk(call: TopkCall, adapter: Adapter): Work {
  const { k, rows: { size } } = call, longest = longestRow(k);
  if (size > longest && longest < 2 * k) return takeSorted(call, adapter);
  const work: Work = { dispatches: [], temporaries: [] };
  pieces(call, null, Math.min(longest, Math.max(LONG_ROW, 2 * k)), work, adapter);
  return work;
}

/** Adds the dispatches for rows whose elements have the places `at`, or in their order, in pieces of up to `most`. */
function pieces(call: TopkCall, at: Storage | null, most: number, work: Work, adapter: Adapter): void {
  const { rows: { outer, size, inner }, k, x, dtype } = call, count = Math.ceil(size / most);
  const make = () => new Storage(x.device, 4 * outer * count * k * inner);
  const to = count === 1 ? call : { values: make(), indices: make() };
  const word = STORED_AS[dtype];
  const pass = eachRow({
    name: "topk",
    rows: { outer: outer * count, size, inner },
    bindings: [
      { ...read("x", word), storage: x },
      ...(at ? [{ ...read("places", "i32"), storage: at }] : []),
      { ...write("values", word), storage: to.values },
      { ...write("indices", "i32"), storage: to.indices },
    ],
    numbers: [{ name: "k", type: "u32", value: k }, { name: "pieces", type: "u32", value: count }],
    body: (count === 1 ? WHOLE : PIECE) + heapText(call, at ? "places[first + n * INNER]" : "i32(begin + n)"),
  }, adapter);
  work.dispatches.push(...pass.dispatches);
  if (count === 1) return;
  work.temporaries.push(to.values, to.indices);
  const rows = { outer, size: count * k, inner };
  pieces({ ...call, x: to.values, rows }, to.indices, most, work, adapter);
}

const WHOLE = /* wgsl */ `
    let begin = 0u;
    let first = base;
    let count = u.size;`;

/** Pieces are as long as each other, or the first of them by one longer. */
const PIECE = /* wgsl */ `
    let piece = row / INNER % u.pieces;
    let longer = u.size % u.pieces;
    let begin = piece * (u.size / u.pieces) + min(piece, longer);
    let first = (row / INNER / u.pieces * u.size + begin) * INNER + row % INNER;
    let count = u.size / u.pieces + select(0u, 1u, piece < longer);`;

/** Statements and conditions on a heap of values and places that stands in the results of a row, from `out` on. */
function heapOf({ largest, isLarger }: TopkCall) {
  const over = (a: string, b: string) => largest ? isLarger(a, b) : isLarger(b, a);
  /** Whether element `i` of value `v` comes after element `j` of value `w` in the result. */
  const after = (v: string, i: string, w: string, j: string) =>
    `(${over(w, v)} || (${i} > ${j} && !${over(v, w)}))`;
  const put = (at: string, v: string, i: string) =>
    `values[out + ${at} * INNER] = ${v}; indices[out + ${at} * INNER] = ${i};`;
  const get = (name: string, at: string) =>
    `let ${name} = values[out + ${at} * INNER]; let ${name}_at = indices[out + ${at} * INNER];`;
  /** Puts (v, i) into a heap of `size` elements whose top is free. */
  const sink = (size: string) => /* wgsl */ `
      var hole = 0u;
      loop {
        var child = 2u * hole + 1u;
        if (child >= ${size}) { break; }
        if (child + 1u < ${size}) {
          ${get("one", "child")}
          ${get("other", "(child + 1u)")}
          if (${after("other", "other_at", "one", "one_at")}) { child++; }
        }
        ${get("next", "child")}
        if (!${after("next", "next_at", "v", "i")}) { break; }
        ${put("hole", "next", "next_at")}
        hole = child;
      }
      ${put("hole", "v", "i")}`;
  return { after, put, get, sink };
}

/** Goes through the elements from `first` on; `place` is that of the n-th. */
function heapText(call: TopkCall, place: string): string {
  const { after, put, get, sink } = heapOf(call);
  return /* wgsl */ `
    let out = row / INNER * (u.k * INNER) + row % INNER;
    for (var n = 0u; n < count; n++) {
      let v = x[first + n * INNER];
      let i = ${place};
      if (n < u.k) {
        var hole = n;
        while (hole > 0u) {
          let parent = (hole - 1u) / 2u;
          ${get("up", "parent")}
          if (!${after("v", "i", "up", "up_at")}) { break; }
          ${put("hole", "up", "up_at")}
          hole = parent;
        }
        ${put("hole", "v", "i")}
        continue;
      }
      ${get("top", "0u")}
      if (${after("top", "top_at", "v", "i")}) {
        ${sink("u.k")}
      }
    }
    for (var n = u.k - 1u; n > 0u; n--) {
      ${get("v", "n")}
      let i = v_at;
      ${get("top", "0u")}
      ${put("n", "top", "top_at")}
      ${sink("n")}
    }`;
}

/** Unsigned numbers that ascend as the elements do: NaN is largest, and -0 is 0. */
const ASCENDING = {
  float32: /* wgsl */ `
    let bits = bitcast<u32>(x[id]);
    var key = select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
    if ((bits & 0x7fffffffu) == 0u) { key = 0x80000000u; }
    if (isnanf(x[id])) { key = 0xffffffffu; }`,
  int32: "let key = bitcast<u32>(x[id]) ^ 0x80000000u;",
};

/** Sorts all rows, by the bits of the elements and then by row, and takes the first elements of each. */
function takeSorted(call: TopkCall, adapter: Adapter): Work {
  const { x, dtype, rows, k, largest, values, indices } = call, word = STORED_AS[dtype];
  const count = rows.outer * rows.inner, n = count * rows.size;
  const make = () => new Storage(x.device, 4 * n);
  const work: Work = { dispatches: [], temporaries: [] };
  const add = (threads: number, bindings: RowsJob["bindings"], body: string) => {
    const numbers = [{ name: "k", type: "u32", value: k }] as const;
    work.dispatches.push(rowsKernel({ name: "topk sort", rows, bindings, numbers }, body, threads, adapter));
  };
  const sort = (keys: Storage, carried: Storage, end: number) => {
    const { dispatches, sorted, temporaries } = radixSort({ keys, carried }, n, end, adapter);
    work.dispatches.push(...dispatches);
    work.temporaries.push(...temporaries);
    return sorted.carried;
  };
  const keys = make(), carried = make(), rowOf = make();
  work.temporaries.push(keys, carried, rowOf);
  const given = { ...read("x", word), storage: x };
  const sortable = [{ ...write("keys", "u32"), storage: keys }, {
    ...write("carried", "u32"),
    storage: carried,
  }];
  add(n, [given, ...sortable], keysText(dtype, largest));
  const byValue = { ...read("order", "u32"), storage: sort(keys, carried, 2 ** 32) };
  add(n, [byValue, { ...write("row_of", "u32"), storage: rowOf }], ROWS_IN_ORDER);
  const byRow = { ...read("order", "u32"), storage: sort(rowOf, byValue.storage, count) };
  const results = [{ ...write("values", word), storage: values }, {
    ...write("indices", "i32"),
    storage: indices,
  }];
  add(count * k, [given, byRow, ...results], FIRST_IN_ORDER);
  return work;
}

/** Makes what the elements are sorted by. */
function keysText(dtype: TopkCall["dtype"], largest: boolean): string {
  return /* wgsl */ `
  if (id < u.rows * u.size) {
    ${ASCENDING[dtype]}
    keys[id] = ${largest ? "~key" : "key"};
    carried[id] = id;
  }`;
}

/** The row of each element, in the order of their values. */
const ROWS_IN_ORDER = /* wgsl */ `
  if (id < u.rows * u.size) { row_of[id] = order[id] / (u.size * INNER) * INNER + order[id] % INNER; }`;

/** Takes the k first elements of each row. */
const FIRST_IN_ORDER = /* wgsl */ `
  let row = id / u.k;
  if (row < u.rows) {
    let at = order[row * u.size + id % u.k];
    let out = row / INNER * (u.k * INNER) + row % INNER + id % u.k * INNER;
    values[out] = x[at];
    indices[out] = i32(at / INNER % u.size);
  }`;
