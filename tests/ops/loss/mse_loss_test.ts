import { assertEquals } from "@std/assert";
import { gradcheck, mseLoss, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("mseLoss() squares distances", async () => {
  const x = tensor([1, 2, 3]), t = tensor([1, 0, 6]);
  assertEquals(await mseLoss(x, t, { reduction: "none" }).toArray(), [0, 4, 9]);
  assertEquals(await x.mseLoss(t, { reduction: "sum" }).item(), 13);
  assertEquals(await mseLoss(x, tensor([1, 1, 0])).item(), Math.fround(10 / 3));
  assertEquals(await mseLoss(tensor(3), tensor(5)).item(), 4);
});

Deno.test("mseLoss() broadcasts, and passes NaN and infinity on", async () => {
  const y = mseLoss(tensor([[1, NaN], [3, Infinity]]), tensor(1), { reduction: "none" });
  assertEquals(await y.toArray(), [[0, NaN], [4, Infinity]]);
});

Deno.test("mseLoss() of nothing is NaN in the mean and 0 in the sum", async () => {
  const x = zeros([0, 2], { requiresGrad: true }), loss = mseLoss(x, zeros([0, 2]));
  assertEquals(await loss.item(), NaN);
  assertEquals(await mseLoss(x, zeros([0, 2]), { reduction: "sum" }).item(), 0);
  loss.backward();
  assertEquals(x.grad!.shape, [0, 2]);
});

Deno.test("mseLoss() passes gradcheck in input and target, broadcast too", async () => {
  for (const reduction of ["mean", "sum", "none"] as const) {
    const inputs = [noiseTensor([3, 5]), noiseTensor([5], { seed: 2 })];
    await gradcheck((x, t) => mseLoss(x, t, { reduction }), inputs, {
      reference: ([x, t]) => {
        const losses = x.map((v, i) => (v - t[i % 5]) ** 2), all = losses.reduce((a, b) => a + b, 0);
        return reduction === "none" ? losses : [reduction === "mean" ? all / 15 : all];
      },
    });
  }
});

Deno.test("mseLoss() refuses shapes, types and reductions that do not fit", () => {
  assertRefuses(
    () => mseLoss(zeros([2]), zeros([3])),
    RangeError,
    "Cannot apply mseLoss as the shapes must broadcast: [2] and [3]",
  );
  assertRefuses(
    () => mseLoss(zeros([2]), tensor([1, 2], { dtype: "int32" })),
    TypeError,
    "Cannot apply mseLoss as target must be float32: it is int32",
  );
  assertRefuses(
    () => mseLoss(zeros([2]), zeros([2]), { reduction: "all" as "sum" }),
    RangeError,
    'Cannot apply mseLoss as reduction must be "mean", "sum" or "none": "all"',
  );
});
