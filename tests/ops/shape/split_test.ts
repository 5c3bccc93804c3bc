import { assertEquals } from "@std/assert";
import { cat, gradcheck, openDevice, split, type Tensor, tensor, zeros } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const arrays = (parts: Tensor[]) => Promise.all(parts.map((t) => t.toArray()));

Deno.test("split() cuts parts of a size, the last of what is left", async () => {
  const x = tensor([1, 2, 3, 4, 5], { dtype: "int32" });
  assertEquals(await arrays(split(x, 2)), [[1, 2], [3, 4], [5]]);
  assertEquals(await arrays(split(x, 5)), [[1, 2, 3, 4, 5]]);
  assertEquals(await arrays(split(x, 9)), [[1, 2, 3, 4, 5]]);
  assertEquals(await arrays(split(tensor([[1, 2, 3]]), 2, { dim: -1 })), [[[1, 2]], [[3]]]);
  assertEquals(split(zeros([0, 2]), 3).map((t) => t.shape), [[0, 2]]);
});

Deno.test("split() cuts parts of given sizes", async () => {
  assertEquals(await arrays(split(tensor([1, 2, 3, 4]), [1, 0, 3])), [[1], [], [2, 3, 4]]);
  assertEquals(await arrays(split(tensor([[1, 2, 3]]), [2, 1], { dim: 1 })), [[[1, 2]], [[3]]]);
});

Deno.test("split() passes gradcheck, joined the other way round", async () => {
  const turned = ([x]: Float64Array[]) => Float64Array.of(...x.slice(6), ...x.slice(4, 6), ...x.slice(0, 4));
  await gradcheck((x) => cat(split(x, [2, 1, 2]).reverse()), [noiseTensor([5, 2])], { reference: turned });
});

Deno.test("split() refuses scalars, and sizes that do not add up", () => {
  const refuse = (sizes: number[], shown: string) =>
    assertRefuses(
      () => split(zeros([2, 5]), sizes, { dim: 1 }),
      RangeError,
      `Cannot apply split as the sizes must add up to 5: ${shown} for x of shape [2, 5]`,
    );
  refuse([2, 2], "[2, 2]");
  for (const [sizes, shown] of [[[6, -1], "[6, -1]"], [[2.5, 2.5], "[2.5, 2.5]"], [0, "0"]] as const) {
    assertRefuses(
      () => split(zeros([5]), sizes),
      RangeError,
      "Cannot apply split as sizeOrSizes must be a whole number from 1 up or an array of whole numbers from 0 up: " +
        shown,
    );
  }
  assertRefuses(
    () => split(tensor(3), 1),
    RangeError,
    "Cannot apply split as x must have a dimension: it is a scalar",
  );
});
