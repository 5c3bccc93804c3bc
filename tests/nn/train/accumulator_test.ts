import { assertEquals } from "@std/assert";
import { Accumulator, openDevice, scope, tensor } from "../../../mod.ts";
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
  assertEquals(undisposed(device), before + 1);
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
