import { assertEquals, assertRejects } from "@std/assert";
import { Batcher, Overloaded } from "../../../examples/serving/batcher.ts";

const OPTIONS = { most: 4, room: 8, wait: 0 };

Deno.test("what arrives together, or while a batch runs, is one batch; each gets its own answer", async () => {
  const sizes: number[] = [], gate = Promise.withResolvers<void>();
  const batcher = new Batcher<number, number>(async (inputs) => {
    sizes.push(inputs.length);
    if (sizes.length === 1) await gate.promise;
    return inputs.map((v) => 10 * v);
  }, OPTIONS);
  const first = [1, 2].map((v) => batcher.add(v));
  await new Promise((done) => setTimeout(done, 20)); // the first batch runs
  const others = [3, 4, 5, 6, 7].map((v) => batcher.add(v));
  gate.resolve();
  assertEquals(await Promise.all([...first, ...others]), [10, 20, 30, 40, 50, 60, 70]);
  assertEquals(sizes, [2, 4, 1]);
  assertEquals(await batcher.add(8), 80);
});

Deno.test("a batch that fails fails for its own requests alone, and too many are refused at once", async () => {
  const batcher = new Batcher<number, number>((inputs) => {
    if (inputs.includes(0)) return Promise.reject(new Error("no"));
    return Promise.resolve(inputs);
  }, OPTIONS);
  const failing = assertRejects(() => batcher.add(0), Error, "no");
  await failing;
  assertEquals(await batcher.add(1), 1);
  const all = Array.from({ length: 9 }, (_, k) => batcher.add(k + 1));
  await assertRejects(() => all[8], Overloaded, "Cannot take a request as at most 8 may wait: so many do");
  assertEquals(await Promise.all(all.slice(0, 8)), [1, 2, 3, 4, 5, 6, 7, 8]);
});
