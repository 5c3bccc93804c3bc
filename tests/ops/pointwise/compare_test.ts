import { assertEquals } from "@std/assert";
import { ge, gt, le, lt, ne, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

const OPERATIONS = { ne, lt, le, gt, ge };

/** 1, 2 and 3 compared with 2. */
const WITH_TWO: Readonly<Record<string, boolean[]>> = {
  ne: [true, false, true],
  lt: [true, false, false],
  le: [true, true, false],
  gt: [false, false, true],
  ge: [false, true, true],
};

for (const [name, op] of Object.entries(OPERATIONS)) {
  Deno.test(`${name}() compares with numbers on either side, and tensors that broadcast`, async () => {
    const x = tensor([1, 2, 3]), wanted = WITH_TWO[name];
    assertEquals(op(x, 2).dtype, "bool");
    assertEquals(await op(x, 2).toArray(), wanted);
    assertEquals(await op(2, x).toArray(), [...wanted].reverse());
    assertEquals(await op(x, tensor([[2], [2]])).toArray(), [wanted, wanted]);
    assertEquals(await op(tensor([1, 2, 3], { dtype: "int32" }), 2).toArray(), wanted);
  });

  Deno.test(`${name}() takes empty tensors and scalars, and lets no gradient through`, async () => {
    assertEquals(op(zeros([0, 3]), zeros([1])).shape, [0, 3]);
    assertEquals(await op(tensor(1), tensor(2)).toArray(), wanted(name));
    assertEquals(op(tensor([1], { requiresGrad: true }), 1).requiresGrad, false);
  });

  Deno.test(`${name}() refuses shapes that do not broadcast`, () => {
    assertRefuses(
      () => op(zeros([4]), zeros([2, 3])),
      RangeError,
      `Cannot apply ${name} as the shapes must broadcast: [4] and [2, 3]`,
    );
  });
}

/** 1 compared with 2. */
function wanted(name: string): boolean {
  return WITH_TWO[name][0];
}

Deno.test("gt() compares integers with numbers beyond them", async () => {
  assertEquals(await gt(tensor([2147483647, -5], { dtype: "int32" }), 3e9).toArray(), [false, false]);
  assertEquals(await gt(tensor([2147483647, -5], { dtype: "int32" }), -3e9).toArray(), [true, true]);
});
