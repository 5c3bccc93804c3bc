import { assertEquals } from "@std/assert";
import { gradcheck, mean, openDevice, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("mean() averages everything, or some dimensions", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 9]]);
  assertEquals(await mean(x).toArray(), 4);
  assertEquals(await mean(x, { dim: 0 }).toArray(), [2.5, 3.5, 6]);
  assertEquals(await x.mean({ dim: [-1], keepdim: true }).toArray(), [[2], [6]]);
  assertEquals(await mean(tensor(5)).toArray(), 5);
});

Deno.test("mean() of nothing is NaN, and NaN spreads", async () => {
  assertEquals(await mean(zeros([0])).item(), NaN);
  assertEquals(await mean(zeros([2, 0]), { dim: 1 }).toArray(), [NaN, NaN]);
  assertEquals(await mean(tensor([[1, NaN], [Infinity, 1]]), { dim: 1 }).toArray(), [NaN, Infinity]);
});

Deno.test("mean() passes gradcheck over inner and outer dimensions", async () => {
  const shape = [3, 4, 5];
  for (const dims of [[0, 2], [1]]) {
    const options = { reference: reference.mean(shape, dims) };
    await gradcheck((x) => mean(x, { dim: dims }), [noiseTensor(shape)], options);
  }
});

Deno.test("mean() passes gradcheck over everything", async () => {
  await gradcheck((x) => mean(x), [noiseTensor([7, 11])], { reference: reference.mean([7, 11], [0, 1]) });
});

Deno.test("mean() refuses integers and dimensions that do not exist", () => {
  assertRefuses(
    () => mean(tensor([1], { dtype: "int32" })),
    TypeError,
    "Cannot apply mean as x must be float32: it is int32",
  );
  assertRefuses(
    () => mean(zeros([2]), { dim: -2 }),
    RangeError,
    "Cannot apply mean as dim must be a whole number from -1 to 0: -2",
  );
});
