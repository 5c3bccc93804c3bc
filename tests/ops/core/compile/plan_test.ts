import { assertEquals, assertFalse } from "@std/assert";
import { openDevice } from "../../../../mod.ts";
import { type Call, elementwiseAsCall } from "../../../../ops/core/call.ts";
import { Arena, type OuterValues, planStep, Slot } from "../../../../ops/core/compile/plan.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import { programOf } from "../../../../ops/kernels/wgsl/program.ts";

const device = await openDevice({ fusion: false });

function storage(elements = 4): Storage {
  return new Storage(device, 4 * elements);
}

/** Adds numbers up elementwise, into `to`. */
function sum(from: readonly Storage[], to: Storage, plus = 0): Call {
  const size = to.bytes / 4, access = { strides: [1], offset: 0 };
  const args = [...from.map((_, k) => [`x${k}`, "float32"] as const), ["p", "float32"] as const];
  const body = args.map(([name]) => name).join(" + ");
  return elementwiseAsCall({
    name: "sum",
    shape: [size],
    program: programOf({ name: "sum", args, result: "float32", body }, 1),
    inputs: from.map((storage) => ({ storage, access })),
    outputs: [{ storage: to, access }],
    numbers: [plus],
  });
}

function around(lasting: readonly Storage[], constants: readonly Storage[] = []): OuterValues {
  const slots = new Map<Storage, Slot>();
  return { slots, isLasting: (s) => lasting.includes(s), constants: new Set(constants) };
}

async function read(s: Storage): Promise<number[]> {
  return [...new Float32Array(await device.queue.read(s, s.bytes))];
}

Deno.test("planStep() lets values share memory that are never alive at once", async () => {
  const x = storage(), y = storage(), [a, b, c, d] = [storage(), storage(), storage(), storage()];
  device.queue.upload(x, Float32Array.of(1, 2, 3, 4));
  const calls = [sum([x], a, 10), sum([a], b, 10), sum([b], c, 10), sum([c], d, 10), sum([d, x], y)];
  const arena = new Arena(device), plan = planStep(calls, device, around([x, y]), arena);
  assertEquals(arena.sizes.length, 2);
  device.queue.replay(plan.sequence);
  assertEquals(await read(y), [42, 44, 46, 48]);
});

Deno.test("planStep() keeps values apart that are alive at once, and takes no wasteful buffer", () => {
  const x = storage(), y = storage(), [a, b, c] = [storage(), storage(), storage()];
  const arena = new Arena(device);
  planStep([sum([x], a), sum([x], b), sum([a, b], c), sum([a, b, c], y)], device, around([x, y]), arena);
  assertEquals(arena.sizes.length, 3);
  const large = [storage(1 << 20), storage(1 << 20)];
  planStep([sum([large[0]], a), sum([a], y)], device, around([large[0], y]), arena);
  assertEquals(arena.sizes.length, 3);
});

Deno.test("planStep() drops calls whose results nobody wants", () => {
  const x = storage(), y = storage(), [a, b] = [storage(), storage()];
  const calls = [sum([x], a), sum([a], b), sum([x], y)];
  const plan = planStep(calls, device, around([x, y]), new Arena(device));
  assertEquals(plan.sequence.dispatches.length, 1);
  assertEquals([...plan.writes], [y]);
});

Deno.test("planStep() computes once what never changes", async () => {
  const x = storage(), y = storage(), given = storage(), [a, b] = [storage(), storage()];
  device.queue.upload(x, Float32Array.of(1, 2, 3, 4));
  device.queue.upload(given, Float32Array.of(5, 6, 7, 8));
  const calls = [sum([], a, 100), sum([a, given], b), sum([b, x], y)];
  const plan = planStep(calls, device, around([x, y, given], [given]), new Arena(device));
  assertEquals(plan.sequence.dispatches.length, 1);
  assertEquals([...plan.constants], [a, b]);
  device.queue.replay(plan.sequence);
  assertEquals(await read(y), [106, 108, 110, 112]);
});

Deno.test("planStep() binds what is handed in and out by slots, anew at each replay", async () => {
  const [x, y] = [storage(), storage()], [slotX, slotY] = [new Slot(16), new Slot(16)];
  const slots = new Map([[x, slotX], [y, slotY]]);
  const outside = { slots, isLasting: () => false, constants: new Set<Storage>() };
  const plan = planStep([sum([x], y, 1)], device, outside, new Arena(device));
  const results: number[][] = [];
  for (const value of [1, 2]) {
    const given = storage(), made = storage();
    device.queue.upload(given, new Float32Array(4).fill(value));
    slotX.bindTo(given);
    slotY.bindTo(made);
    device.queue.replay(plan.sequence);
    results.push(await read(made));
  }
  assertEquals(results, [[2, 2, 2, 2], [3, 3, 3, 3]]);
});

Deno.test("an arena gives a buffer by its number and takes all back", () => {
  const arena = new Arena(device), before = device.memory().bytesInUse;
  const [first, second] = [arena.add(100), arena.add(5000)];
  assertFalse(arena.buffer(first) === arena.buffer(second));
  assertEquals(arena.sizes.map((size, k) => size >= [100, 5000][k]), [true, true]);
  arena.dispose();
  assertEquals([arena.sizes, device.memory().bytesInUse], [[], before]);
});
