import { assertEquals } from "@std/assert";
import { argmax, argmin, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses, distinctTensor } from "../../support/values.ts";

await openDevice();

Deno.test("argmax() finds the place of the largest element", async () => {
  const x = tensor([[1, 5, 2], [7, 0, 6]]);
  const y = argmax(x, { dim: 1 });
  assertEquals(y.dtype, "int32");
  assertEquals(await y.toArray(), [1, 0]);
  assertEquals(await argmax(x, { dim: 0 }).toArray(), [1, 0, 1]);
  assertEquals(await argmax(x).toArray(), 3);
  assertEquals(await argmax(x, { dim: -1, keepdim: true }).toArray(), [[1], [0]]);
  assertEquals(await argmax(tensor(3)).toArray(), 0);
});

Deno.test("argmax() takes the first of equal elements, whatever their arrangement", async () => {
  assertEquals(await argmax(tensor([2, 7, 7, 1, 7, 7, 7, 7])).item(), 1);
  assertEquals(await argmax(tensor([[1, 1], [1, 1]]), { dim: 0 }).toArray(), [0, 0]);
  assertEquals(await argmax(tensor([0, 1, 0, 0, 0, 0, 0, 1]), {}).item(), 1);
  const ties = new Float32Array(20_000).fill(-1);
  ties[12_345] = ties[15_000] = 3;
  assertEquals(await argmax(tensor(ties)).item(), 12_345);
});

Deno.test("argmax() counts NaN as largest, and the first NaN of several", async () => {
  assertEquals(await argmax(tensor([1, NaN, Infinity, NaN])).item(), 1);
  assertEquals(await argmax(tensor([[NaN, 2], [3, NaN], [4, NaN]]), { dim: 0 }).toArray(), [0, 1]);
});

Deno.test("argmax() finds minus infinity among nothing else", async () => {
  assertEquals(await argmax(tensor([-Infinity, -Infinity])).item(), 0);
  assertEquals(await argmax(tensor([-Infinity, -3e38])).item(), 1);
});

Deno.test("argmin() finds the place of the smallest element, the first of equals, NaN before all", async () => {
  const x = tensor([[1, 5, 1], [7, 0, 0], [3, NaN, NaN]]);
  assertEquals(await argmin(x, { dim: 1 }).toArray(), [0, 1, 1]);
  assertEquals(await argmin(x, { dim: 0, keepdim: true }).toArray(), [[0, 2, 2]]);
  assertEquals(await x.argmin().item(), 7);
  assertEquals(await argmin(tensor([Infinity, Infinity])).item(), 0);
});

Deno.test("argmax() and argmin() work on integers", async () => {
  const x = tensor([[-5, 2 ** 31 - 1, 3], [-(2 ** 31), 4, 4]], { dtype: "int32" });
  assertEquals(await argmax(x, { dim: 1 }).toArray(), [1, 1]);
  assertEquals(await argmin(x, { dim: 1 }).toArray(), [0, 0]);
});

Deno.test("argmax() agrees with a loop on odd shapes", async () => {
  const x = distinctTensor([7, 5, 3]), values = await x.data();
  const wanted = Array.from({ length: 21 }, (_, row) => {
    const at = Math.floor(row / 3) * 15 + row % 3;
    return [0, 1, 2, 3, 4].reduce((best, k) => (values[at + 3 * k] > values[at + 3 * best] ? k : best), 0);
  });
  assertEquals(await argmax(x, { dim: 1 }).data(), Int32Array.from(wanted));
});

Deno.test("argmax() and argmin() refuse booleans, nothing to choose from, and a dimension that does not exist", () => {
  assertRefuses(
    () => argmax(tensor([true])),
    TypeError,
    "Cannot apply argmax as x must be float32 or int32: it is bool",
  );
  assertRefuses(
    () => argmin(zeros([0])),
    RangeError,
    "Cannot apply argmin as there must be elements to choose from: x has shape [0]",
  );
  assertRefuses(
    () => argmax(zeros([2, 0]), { dim: 1 }),
    RangeError,
    "Cannot apply argmax as there must be elements to choose from: x has shape [2, 0]",
  );
  assertRefuses(
    () => argmax(zeros([2]), { dim: 1 }),
    RangeError,
    "Cannot apply argmax as dim must be a whole number from -1 to 0: 1",
  );
  assertEquals(argmax(zeros([0, 3]), { dim: 1 }).shape, [0]);
});
