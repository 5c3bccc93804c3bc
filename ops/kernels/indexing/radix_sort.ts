/**
 * Sorting whole numbers that carry a number each, so that equal ones keep their order: radix sort, four bits a round.
 *
 * The numbers are cut into blocks, each the work of one invocation, which goes through its block in order; that, and not
 * atomics, makes the sort stable and every run the same. A round is two kernels: count the digits of each block, then
 * move each number to its place. A block finds its first places by adding up the counts of all blocks, which is less
 * work than the dispatches of a scan, as the blocks are few.
 *
 * @module
 */
import type { Dispatch } from "../../gpu/kernel.ts";
import { Storage } from "../../gpu/storage.ts";
import type { Adapter } from "../adapter.ts";
import { MOST_TURNS } from "../wgsl/loop_limit.ts";
import { dispatch } from "../wgsl/source.ts";
import { read, u32s, write } from "../wgsl/text.ts";

/** Numbers and what they carry: u32 each. */
export interface Pairs {
  readonly keys: Storage;
  readonly carried: Storage;
}

/** A sort: its dispatches, where the result is, and the memory that it takes. */
export interface Sort {
  readonly dispatches: Dispatch[];
  readonly sorted: Pairs;
  readonly temporaries: Storage[];
}

const BITS = 4, DIGITS = 2 ** BITS;
/** Numbers in a block: fewer are not worth an invocation. */
const LEAST_BLOCK = 64;
const MOST_BLOCKS = 512;
/** Half of the turns are for a block's numbers, the others for the counts of all blocks. */
const MOST_IN_BLOCK = MOST_TURNS / 2;

const COUNT = {
  name: "sort count",
  bindings: [read("keys", "u32"), write("table", "u32")],
  body: /* wgsl */ `
  var counts: array<u32, ${DIGITS}>;
  let end = min((id + 1u) * u.length, u.n);
  if (id < u.blocks) {
    for (var i = id * u.length; i < end; i++) { counts[(keys[i] >> u.shift) & ${DIGITS - 1}u] += 1u; }
    for (var d = 0u; d < ${DIGITS}u; d++) { table[d * u.blocks + id] = counts[d]; }
  }`,
};

const MOVE = {
  name: "sort move",
  bindings: [
    read("keys", "u32"),
    read("carried", "u32"),
    read("table", "u32"),
    write("sorted_keys", "u32"),
    write("sorted_carried", "u32"),
  ],
  body: /* wgsl */ `
  var places: array<u32, ${DIGITS}>;
  let end = min((id + 1u) * u.length, u.n);
  if (id < u.blocks) {
    var smaller = 0u; // how many numbers have a smaller digit
    for (var d = 0u; d < ${DIGITS}u; d++) {
      var before = 0u; // how many of this digit lie in earlier blocks
      var all = 0u;
      for (var b = 0u; b < u.blocks; b++) {
        let count = table[d * u.blocks + b];
        before += select(0u, count, b < id);
        all += count;
      }
      places[d] = smaller + before;
      smaller += all;
    }
    for (var i = id * u.length; i < end; i++) {
      let key = keys[i];
      let d = (key >> u.shift) & ${DIGITS - 1}u;
      sorted_keys[places[d]] = key;
      sorted_carried[places[d]] = carried[i];
      places[d] += 1u;
    }
  }`,
};

const NUMBER_DECLS = u32s("n", "length", "blocks", "shift");

/**
 * Sorts the first `n` numbers of `pairs`, all below `end`, by one round for each four bits of `end`.
 *
 * The memory of `pairs` is overwritten.
 */
export function radixSort(pairs: Pairs, n: number, end: number, adapter: Adapter): Sort {
  const most = Math.min(MOST_BLOCKS, adapter.enoughThreads / 4);
  const blocks = Math.max(1, Math.min(most, Math.ceil(n / LEAST_BLOCK)), Math.ceil(n / MOST_IN_BLOCK));
  const length = Math.ceil(n / blocks);
  const make = (words: number) => new Storage(pairs.keys.device, 4 * words);
  const table = make(DIGITS * blocks);
  let from = pairs, to = { keys: make(n), carried: make(n) };
  const temporaries = [table, to.keys, to.carried];
  const dispatches: Dispatch[] = [];
  const common = { numberDecls: NUMBER_DECLS, workgroupSize: Math.min(adapter.workgroupSize, 32) };
  for (let shift = 0; 2 ** shift < end; shift += BITS) {
    const numbers = [n, length, blocks, shift];
    dispatches.push(
      dispatch({ ...common, ...COUNT }, [from.keys, table], numbers, blocks),
      dispatch(
        { ...common, ...MOVE },
        [from.keys, from.carried, table, to.keys, to.carried],
        numbers,
        blocks,
      ),
    );
    [from, to] = [to, from];
  }
  return { dispatches, sorted: from, temporaries };
}
