import { assertEquals } from "@std/assert";
import { gradcheck, l1Loss, openDevice, tensor, zeros } from "../../../mod.ts";
import { valueAndGradients } from "../../support/reductions.ts";
import { assertRefuses, distinctTensor } from "../../support/values.ts";

await openDevice();

Deno.test("l1Loss() measures distances", async () => {
  const x = tensor([1, 2, 3]), t = tensor([1, 0, 7]);
  assertEquals(await l1Loss(x, t, { reduction: "none" }).toArray(), [0, 2, 4]);
  assertEquals(await x.l1Loss(t, { reduction: "sum" }).item(), 6);
  assertEquals(await l1Loss(x, t).item(), 2);
  assertEquals(await l1Loss(zeros([0]), zeros([0])).item(), NaN);
});

Deno.test("l1Loss() has slope 0 at 0 and at NaN, as in PyTorch", async () => {
  const x = [0, 1, -1, NaN, Infinity], none = { reduction: "none" } as const;
  assertEquals(await valueAndGradients((x) => l1Loss(x, zeros([5]), none), x), [
    [0, 1, 1, NaN, Infinity],
    [0, 1, -1, 0, 1],
  ]);
});

Deno.test("l1Loss() passes gradcheck in input and target", async () => {
  const target = tensor(new Float32Array(15).fill(0.25), { shape: [3, 5], requiresGrad: true });
  for (const reduction of ["mean", "sum", "none"] as const) {
    await gradcheck((x, t) => l1Loss(x, t, { reduction }), [distinctTensor([3, 5]), target]);
  }
});

Deno.test("l1Loss() refuses shapes that do not broadcast", () => {
  assertRefuses(
    () => l1Loss(zeros([2]), zeros([3])),
    RangeError,
    "Cannot apply l1Loss as the shapes must broadcast: [2] and [3]",
  );
});
