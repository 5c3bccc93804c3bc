import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, softmax, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("softmax() gives probabilities along a dimension", async () => {
  const x = tensor([[0, Math.log(3)], [0, 0]]);
  assertClose(await softmax(x, { dim: 1 }).data(), [0.25, 0.75, 0.5, 0.5], { atol: 1e-7 });
  assertClose(await softmax(x, { dim: -2 }).data(), [0.5, 0.75, 0.5, 0.25], { atol: 1e-7 });
  assertEquals(await softmax(tensor(5), { dim: 0 }).toArray(), 1);
  assertEquals(softmax(zeros([2, 0]), { dim: 1 }).shape, [2, 0]);
});

Deno.test("softmax() does not overflow, and minus infinity has probability 0", async () => {
  assertEquals(await softmax(tensor([1e38, 1e38, -1e38]), { dim: 0 }).toArray(), [0.5, 0.5, 0]);
  assertEquals(await softmax(tensor([1, -Infinity, 1]), { dim: 0 }).toArray(), [0.5, 0, 0.5]);
});

Deno.test("softmax() of NaN, of infinity and of minus infinity alone is NaN in the whole row", async () => {
  const x = tensor([[1, NaN, 2], [Infinity, 1, 1], [-Infinity, -Infinity, -Infinity], [NaN, 1, -Infinity]]);
  const y = await softmax(x, { dim: 1 }).data();
  assertEquals([...y].map(Number.isNaN), new Array(12).fill(true));
});

for (const [shape, dim] of [[[5, 7], 1], [[3, 4, 5], 1], [[6], 0]] as const) {
  Deno.test(`softmax() passes gradcheck for [${shape}] along ${dim}`, async () => {
    const options = { reference: reference.softmax(shape, dim) };
    await gradcheck((x) => softmax(x, { dim }), [noiseTensor(shape, { scale: 4 })], options);
  });
}

Deno.test("softmax() refuses a dimension that does not exist, and integers", () => {
  assertRefuses(
    () => softmax(zeros([2, 3]), { dim: 2 }),
    RangeError,
    "Cannot apply softmax as dim must be a whole number from -2 to 1: 2",
  );
  assertRefuses(
    () => softmax(zeros([2], { dtype: "int32" }), { dim: 0 }),
    TypeError,
    "Cannot apply softmax as x must be float32: it is int32",
  );
});
