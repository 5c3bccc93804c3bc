import { assertEquals } from "@std/assert";
import { openDevice, tensor, zeros } from "../../../../mod.ts";
import { runSingleKernel, type SingleKernel } from "../../../../ops/core/families/single_kernel.ts";
import { storageOf } from "../../../../ops/core/tensor/internals.ts";

await openDevice();

const SCALE: Omit<SingleKernel, "numbers"> = {
  bindings: [{ name: "x", type: "f32", access: "read" }, { name: "y", type: "f32", access: "read_write" }],
  numberDecls: [{ name: "factor", type: "f32" }],
  body: "if (id < 3u) { y[id] = u.factor * x[id]; }",
  invocations: 3,
};

Deno.test("runSingleKernel() binds what is read, then what is written", async () => {
  const x = tensor([1, 2, 3]), y = zeros([3]);
  runSingleKernel("scale", { ...SCALE, numbers: [2] }, [storageOf(x)], [storageOf(y)]);
  assertEquals(await y.toArray(), [2, 4, 6]);
});

Deno.test("runSingleKernel() takes numbers anew each time, those that JSON cannot tell apart too", async () => {
  const x = tensor([1, 2, 3]), results: unknown[] = [];
  for (const factor of [NaN, Infinity, -Infinity, NaN, 0, () => 3]) {
    const y = zeros([3]);
    runSingleKernel("scale", { ...SCALE, numbers: [factor] }, [storageOf(x)], [storageOf(y)]);
    results.push(await y.toArray());
  }
  const three = (v: number) => [v, v, v];
  assertEquals(results, [three(NaN), three(Infinity), three(-Infinity), three(NaN), [0, 0, 0], [3, 6, 9]]);
});
