/**
 * What kernels rely on beneath all mathematics: loops that run to their end, barriers, memory in order, whole numbers.
 *
 * @module
 */
import { runKernel, scope, tensor } from "../../mod.ts";
import { MOST_TURNS } from "../../ops/kernels/wgsl/loop_limit.ts";
import type { Check } from "./report.ts";

type Machine = Omit<Check, "group">;

/** Turns of a loop beside those that kernels take at most. */
const TURNS = [1000, MOST_TURNS, 65_534, 65_536, 1_000_000];

/** How many turns a loop of an invocation takes, if it is asked for `turns`. */
async function turnsTaken(turns: readonly number[]): Promise<Int32Array> {
  using _kernels = scope();
  const wanted = tensor(Int32Array.from(turns));
  const { y } = runKernel({
    name: "doctor_loops",
    inputs: { wanted },
    outputs: { y: { shape: [turns.length], dtype: "int32" } },
    numbers: { n: ["u32", turns.length] },
    invocations: turns.length,
    workgroupSize: 1,
    body: `if (id >= u.n) { return; }
var taken = 0;
var mixed = 1u;
for (var t = 0; t < wanted[id]; t++) { mixed = mixed * 1664525u + 1013904223u; taken++; }
y[id] = select(taken, -1, mixed == 0u);`,
  });
  return await y.data() as Int32Array;
}

/** Loops: those of {@linkcode MOST_TURNS} turns must run to their end; where longer ones stop is worth knowing. */
async function loops(): Promise<Machine> {
  const taken: number[] = [];
  for (const turns of TURNS) taken.push(...await turnsTaken([turns])); // the slowest invocation counts, so one by one
  const short = TURNS.map((turns, k) => ({ turns, taken: taken[k] })).filter(({ turns, taken }) =>
    taken !== turns
  );
  const wrong = short.filter(({ turns }) => turns <= MOST_TURNS);
  const lines = short.map(({ turns, taken }) => `a loop of ${turns} turns ends after ${taken}`);
  return {
    name: "loops",
    ok: wrong.length === 0,
    found: wrong.length > 0 || short.length === 0
      ? lines
      : [`${lines[0]}, without a word; kernels of Plunge take at most ${MOST_TURNS}`],
  };
}

/** Sums by halves in workgroup memory, each half behind a barrier, in many workgroups and rounds. */
async function barriers(): Promise<Machine> {
  using _kernels = scope();
  const size = 128, groups = 96, n = size * groups;
  const x = tensor(Int32Array.from({ length: n }, (_, i) => Math.imul(i, 0x9e3779b9) >> 8));
  const { y } = runKernel({
    name: "doctor_barriers",
    inputs: { x },
    outputs: { y: { shape: [n], dtype: "int32" } },
    invocations: n,
    workgroupSize: size,
    declarations: `var<workgroup> shared_sums: array<i32, ${size}>;`,
    body: `var mine = x[id];
for (var round = 0u; round < 7u; round++) {
  shared_sums[local] = mine;
  workgroupBarrier();
  for (var half = ${size / 2}u; half > 0u; half = half / 2u) {
    if (local < half) { shared_sums[local] += shared_sums[local + half]; }
    workgroupBarrier();
  }
  mine = mine ^ (shared_sums[0] + i32(local));
  workgroupBarrier();
}
y[id] = mine;`,
  });
  const got = await y.data(), mine = await x.data() as Int32Array;
  for (let group = 0; group < groups; group++) {
    const part = mine.subarray(group * size, (group + 1) * size);
    for (let round = 0; round < 7; round++) {
      const sum = part.reduce((a, b) => (a + b) | 0, 0);
      part.forEach((v, i) => part[i] = v ^ (sum + i));
    }
  }
  const wrong = mine.findIndex((v, i) => got[i] !== v);
  const found = wrong < 0 ? [] : [
    `invocation ${wrong % size} of workgroup ${Math.floor(wrong / size)} has ${got[wrong]}, expected ${
      mine[wrong]
    }`,
  ];
  return { name: "barriers and workgroup memory", ok: wrong < 0, found };
}

/** Kernels that each read, from elsewhere, what the one before wrote. */
async function order(): Promise<Machine> {
  using _kernels = scope();
  const n = 5000, rounds = 40, start = Int32Array.from({ length: n }, (_, i) => i);
  let x = tensor(start);
  for (let round = 0; round < rounds; round++) {
    x = runKernel({
      name: "doctor_order",
      inputs: { x },
      outputs: { y: { shape: [n], dtype: "int32" } },
      numbers: { n: ["u32", n] },
      invocations: n,
      body: "if (id < u.n) { y[id] = x[(id * 17u + 5u) % u.n] * 3 + 1; }",
    }).y;
  }
  let wanted = start;
  for (let round = 0; round < rounds; round++) {
    const before = wanted;
    wanted = before.map((_, i) => (Math.imul(before[(i * 17 + 5) % n], 3) + 1) | 0);
  }
  const got = await x.data(), wrong = wanted.findIndex((v, i) => got[i] !== v);
  const found = wrong < 0
    ? []
    : [`element ${wrong} is ${got[wrong]} after ${rounds} kernels, expected ${wanted[wrong]}`];
  return { name: "kernels one after the other", ok: wrong < 0, found };
}

/** Whether the least numbers stay, or become 0; either is fine, and what is seen is said. */
async function denormals(): Promise<Machine> {
  using _kernels = scope();
  const got = await tensor(Float32Array.of(2 ** -126, 2 ** -140)).mul(0.5).data();
  const states = [2 ** -127, 2 ** -141].map((kept, k) =>
    got[k] === kept ? "are kept" : got[k] === 0 ? "become 0" : ""
  );
  const found = states.includes("") ? `half of 2^-126 and 2^-140 are ${got.join(" and ")}` : states[0];
  return { name: "numbers below 2^-126", ok: !states.includes(""), found: [found] };
}

/** Tries them all. */
export async function machineChecks(): Promise<Check[]> {
  const found: Machine[] = [];
  for (const check of [loops, barriers, order, denormals]) found.push(await check());
  return found.map((check) => ({ group: "machine", ...check }));
}
