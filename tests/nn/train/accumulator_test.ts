import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Accumulator, compile, openDevice, scope, type Tensor, tensor } from "../../../mod.ts";
import { undisposed } from "../../support/memory.ts";
import { assertRefuses } from "../../support/values.ts";

const device = await openDevice();

Deno.test("an Accumulator adds up numbers and tensors of any type", async () => {
  const sums = new Accumulator(3);
  assertEquals(await sums.values(), [0, 0, 0]);
  sums.add(1, tensor(2.5), tensor([3], { dtype: "int32" }));
  sums.add(10, 4, tensor([[true]]));
  assertEquals(await sums.values(), [11, 6.5, 4]);
  sums.reset();
  sums.add(1, tensor(1), 1);
  assertEquals(await sums.values(), [1, 1, 1]);
  sums.dispose();
});

Deno.test("an Accumulator outlives scopes, takes no part in autograd, and frees its sums", async () => {
  const before = undisposed(device);
  const sums = new Accumulator(1);
  for (let i = 0; i < 3; i++) {
    using _ = scope();
    sums.add(tensor(2, { requiresGrad: true }).mul(3));
  }
  assertEquals(await sums.values(), [18]);
  assertEquals(undisposed(device), before + 2); // two numbers for each sum
  sums.dispose();
  assertEquals(undisposed(device), before);
});

Deno.test("an Accumulator refuses another number of values, and tensors of more elements", () => {
  const sums = new Accumulator(2);
  assertRefuses(
    () => sums.add(1),
    RangeError,
    "Cannot add to an Accumulator of 2 as each must get a value: 1",
  );
  assertRefuses(
    () => sums.add(1, tensor([1, 2])),
    RangeError,
    "Cannot add to an Accumulator as a tensor must have one element: its shape is [2]",
  );
});

Deno.test("an Accumulator counts ones beyond 2^24, where float32 stops, and keeps small values beside large ones", async () => {
  const sums = new Accumulator(3), one = tensor(1), tenth = tensor(0.1);
  sums.add(tensor(2 ** 24), tensor(2 ** 24), tensor(1e9));
  for (let i = 0; i < 1000; i++) sums.add(one, tenth, one);
  const [ones, tenths, large] = await sums.values();
  assertEquals([ones, large], [2 ** 24 + 1000, 1e9 + 1000]);
  assertAlmostEquals(tenths, 2 ** 24 + 100, 1e-3);
  sums.reset();
  sums.add(tensor(2 ** 25 + 4), tensor(Infinity), tensor(NaN));
  sums.add(one, one, one);
  assertEquals(await sums.values(), [2 ** 25 + 5, Infinity, NaN]);
  sums.dispose();
});

Deno.test("an Accumulator in a captured step counts on beyond 2^24", async () => {
  const sums = new Accumulator(2),
    step = compile((x: Tensor) => {
      sums.add(x.sum(), 1);
      return x.mul(2);
    });
  sums.add(tensor(2 ** 24), tensor(2 ** 24));
  const x = tensor([0.5, 0.5]);
  for (let i = 0; i < 50; i++) {
    using _ = scope();
    step(x);
  }
  assertEquals(await sums.values(), [2 ** 24 + 50, 2 ** 24 + 50]);
  sums.dispose();
});

Deno.test("an Accumulator goes on from its state, in the step that was captured too", async () => {
  const make = () => {
    const sums = new Accumulator(2);
    return { sums, step: compile((x: Tensor) => sums.add(x.sum(), 1)) };
  };
  const first = make(), x = tensor([0.1, 2 ** 24]);
  first.sums.add(3, 4);
  first.step(x);
  const state = first.sums.stateDict();
  for (let k = 0; k < 3; k++) first.step(x);
  const second = make(), third = make();
  second.step(tensor([5, 5])); // its sums are there when the state comes, the other's are not
  for (const { sums, step } of [second, third]) {
    sums.loadStateDict(state);
    for (let k = 0; k < 3; k++) step(x);
    assertEquals(await sums.values(), await first.sums.values());
  }
  second.sums.loadStateDict(new Accumulator(2).stateDict());
  assertEquals(await second.sums.values(), [0, 0]);
  assertRefuses(
    () => new Accumulator(3).loadStateDict(state),
    RangeError,
    "Cannot load an Accumulator's state as it must have 3 quantities: it has 2",
  );
});
