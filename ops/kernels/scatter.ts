/**
 * Adding rows into a table at indices: the gradient of picking them. Rows that meet are added in the order of the items,
 * without atomics, so that two runs give the same bits.
 *
 * There are two ways to it, which give the same sums. Where there are many lines to walk, or short ones, one invocation
 * walks the items of its line and adds each to where its index says: `n` steps, and nothing else touches those places.
 * Otherwise the items are sorted by their row (stably, see `radix_sort.ts`), and one invocation for each element of the
 * table finds the items of its row by bisection and adds them up: a dozen small dispatches, and work that grows with the
 * size of the table and with the number of items, but never with their product.
 *
 * @module
 */
import type { Step } from "../gpu/kernel.ts";
import { Storage } from "../gpu/storage.ts";
import { collapse, indexExpression, rowMajor } from "./access.ts";
import { elementwise } from "./elementwise.ts";
import type { Pick } from "./pick.ts";
import type { Profile } from "./profile.ts";
import { programOf } from "./program.ts";
import { radixSort } from "./radix_sort.ts";
import type { Work } from "./reduce.ts";
import { step } from "./source.ts";

/** Items that one invocation walks without a thought. */
const SHORT_LINE = 256;

/** Gradient in the rows of the picked table: `dx[row(item)] += dy[item]`; all of `dx` is written. */
export interface ScatterCall {
  readonly name: string;
  readonly pick: Pick;
  readonly dy: Storage;
  readonly index: Storage;
  readonly dx: Storage;
}

/** Makes the steps of a scatter. Nothing may be empty but the items. */
export function scatter(call: ScatterCall, profile: Profile): Work {
  const { items, dim, width } = call.pick;
  const count = items.reduce((a, b) => a * b, 1), n = items[dim] ?? 1;
  if (count === 0) return { steps: clearSteps(call, profile), temporaries: [] };
  const lines = count / n * width;
  if (n <= SHORT_LINE || lines >= profile.enoughThreads) {
    return { steps: [...clearSteps(call, profile), walkStep(call, lines, profile)], temporaries: [] };
  }
  return sortedSteps(call, count, profile);
}

function clearSteps({ name, pick, dx }: ScatterCall, profile: Profile): Step[] {
  const program = programOf({ name: "zero", args: [], result: "float32", body: "0.0" });
  const shape = [pick.rows * pick.width], outputs = [{ storage: dx, access: { strides: [1], offset: 0 } }];
  return elementwise({ name: `${name} clear`, shape, program, inputs: [], params: [], outputs }, profile);
}

const IS_INSIDE = "k >= 0 && u32(k) < u.limit && k != u.skip";

/** One invocation for each line of items and element of a row. */
function walkStep({ name, pick, dy, index, dx }: ScatterCall, lines: number, profile: Profile): Step {
  const { items, dim, base } = pick, strides = rowMajor(items);
  const space = collapse({
    dims: items.toSpliced(dim, 1),
    accesses: [{ strides: strides.toSpliced(dim, 1), offset: 0 }, {
      ...base,
      strides: base.strides.toSpliced(dim, 1),
    }],
  });
  const [item, row] = space.accesses.map((access) => indexExpression(access, space.dims, "line"));
  const body = /* wgsl */ `
  let line = id / WIDTH;
  let c = id % WIDTH;
  if (id < u.lines) {
    let item0 = ${item};
    let row0 = ${row};
    for (var j = 0u; j < u.n; j++) {
      let item = item0 + j * ${strides[dim] ?? 1}u;
      let k = index[item];
      if (${IS_INSIDE}) { dx[(row0 + u32(k) * STEP) * WIDTH + c] += dy[item * WIDTH + c]; }
    }
  }`;
  return step(
    {
      name,
      bindings: [
        { name: "dy", type: "f32", access: "read" },
        { name: "index", type: "i32", access: "read" },
        { name: "dx", type: "f32", access: "read_write" },
      ],
      uniforms: [
        { name: "lines", type: "u32" },
        { name: "n", type: "u32" },
        { name: "limit", type: "u32" },
        { name: "skip", type: "i32" },
      ],
      declarations: constants(pick),
      workgroupSize: profile.workgroupSize,
      body,
    },
    [dy, index, dx],
    [lines, items[dim] ?? 1, pick.limit, pick.skip],
    lines,
  );
}

function constants({ width, step }: Pick): string {
  return `const WIDTH = ${width}u;\nconst STEP = ${step}u;`;
}

function sortedSteps(call: ScatterCall, count: number, profile: Profile): Work {
  const { name, pick, dy, index, dx } = call;
  const pairs = { keys: new Storage(dx.device, 4 * count), carried: new Storage(dx.device, 4 * count) };
  const sort = radixSort(pairs, count, pick.rows + 1, profile);
  const space = collapse({ dims: pick.items, accesses: [pick.base] });
  const keys = step(
    {
      name: `${name} keys`,
      bindings: [
        { name: "index", type: "i32", access: "read" },
        { name: "keys", type: "u32", access: "read_write" },
        { name: "carried", type: "u32", access: "read_write" },
      ],
      uniforms: [
        { name: "n", type: "u32" },
        { name: "limit", type: "u32" },
        { name: "skip", type: "i32" },
        { name: "rows", type: "u32" },
      ],
      declarations: constants(pick),
      workgroupSize: profile.workgroupSize,
      // what has no place in the table goes behind its last row
      body: /* wgsl */ `
  if (id < u.n) {
    let k = index[id];
    var key = u.rows;
    if (${IS_INSIDE}) { key = ${indexExpression(space.accesses[0], space.dims, "id")} + u32(k) * STEP; }
    keys[id] = key;
    carried[id] = id;
  }`,
    },
    [index, pairs.keys, pairs.carried],
    [count, pick.limit, pick.skip, pick.rows],
    count,
  );
  const total = pick.rows * pick.width;
  const sums = step(
    {
      name,
      bindings: [
        { name: "dy", type: "f32", access: "read" },
        { name: "keys", type: "u32", access: "read" },
        { name: "items", type: "u32", access: "read" },
        { name: "dx", type: "f32", access: "read_write" },
      ],
      uniforms: [{ name: "total", type: "u32" }, { name: "n", type: "u32" }],
      declarations: constants(pick),
      workgroupSize: profile.workgroupSize,
      body: /* wgsl */ `
  let row = id / WIDTH;
  let c = id % WIDTH;
  if (id < u.total) {
    var at = 0u; // the first item whose row is not smaller
    var end = u.n;
    while (at < end) {
      let middle = (at + end) / 2u;
      if (keys[middle] < row) { at = middle + 1u; } else { end = middle; }
    }
    var sum = 0.0;
    while (at < u.n) {
      if (keys[at] != row) { break; }
      sum += dy[items[at] * WIDTH + c];
      at++;
    }
    dx[id] = sum;
  }`,
    },
    [dy, sort.sorted.keys, sort.sorted.carried, dx],
    [total, count],
    total,
  );
  return {
    steps: [keys, ...sort.steps, sums],
    temporaries: [pairs.keys, pairs.carried, ...sort.temporaries],
  };
}
