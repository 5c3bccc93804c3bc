import { assertEquals } from "@std/assert";
import { logicalAnd, logicalNot, logicalOr, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

Deno.test("logicalAnd(), logicalOr() and logicalNot() have their truth tables", async () => {
  const a = tensor([[true], [false]]), b = tensor([true, false]);
  assertEquals(await logicalAnd(a, b).toArray(), [[true, false], [false, false]]);
  assertEquals(await logicalOr(a, b).toArray(), [[true, true], [true, false]]);
  assertEquals(await logicalNot(b).toArray(), [false, true]);
});

Deno.test("logic takes all but 0 for true, NaN too", async () => {
  const x = tensor([0, -0, NaN, -1, 1e-45]), i = tensor([0, 0, 5, -1, 0], { dtype: "int32" });
  assertEquals(await logicalNot(x).data(), new Uint8Array([1, 1, 0, 0, 0]));
  assertEquals(await logicalAnd(x, i).data(), new Uint8Array([0, 0, 1, 1, 0]));
  assertEquals(await logicalOr(x, i).data(), new Uint8Array([0, 0, 1, 1, 1]));
  assertEquals(logicalAnd(x, i).dtype, "bool");
});

Deno.test("logic takes empty tensors and scalars", async () => {
  assertEquals([logicalAnd(zeros([0, 3]), tensor([true])).shape, logicalNot(zeros([0])).shape], [[0, 3], [
    0,
  ]]);
  assertEquals(await logicalOr(tensor(true), tensor(0)).toArray(), true);
});

Deno.test("logicalAnd() and logicalOr() refuse shapes that do not broadcast", () => {
  for (const [name, op] of Object.entries({ logicalAnd, logicalOr })) {
    assertRefuses(
      () => op(zeros([4]), zeros([2, 3])),
      RangeError,
      `Cannot apply ${name} as the shapes must broadcast: [4] and [2, 3]`,
    );
  }
});
