import { assertEquals } from "@std/assert";
import { binaryCrossEntropyWithLogits, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { valueAndGradients } from "../../support/reductions.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const none = { reduction: "none" } as const;

Deno.test("binaryCrossEntropyWithLogits() is minus the logarithm of the right answer's probability", async () => {
  const x = tensor([0, Math.log(3), Math.log(3)]), t = tensor([1, 1, 0]);
  const losses = [0.6931471806, 0.2876820724, 1.386294361];
  assertClose(await binaryCrossEntropyWithLogits(x, t, none).data(), losses, { atol: 2e-7 });
  assertClose(await x.binaryCrossEntropyWithLogits(t).data(), [0.7890412048], { atol: 2e-7 });
  const weighted = { weight: tensor([1, 2, 0]), posWeight: tensor(10), ...none };
  assertClose(await binaryCrossEntropyWithLogits(x, t, weighted).data(), [6.931471806, 5.753641449, 0], {
    rtol: 3e-7,
  });
});

Deno.test("binaryCrossEntropyWithLogits() is stable for logits of any size", async () => {
  const y = binaryCrossEntropyWithLogits(tensor([1e4, 1e4, -1e4, -1e4]), tensor([1, 0, 1, 0]), none);
  assertEquals(await y.toArray(), [0, 1e4, 1e4, 0]);
});

Deno.test("binaryCrossEntropyWithLogits() of infinities and NaN is what PyTorch gives", async () => {
  const x = [Infinity, -Infinity, Infinity, -Infinity, NaN], t = [0, 0, 1, 1, 1];
  assertEquals(await valueAndGradients((x, t) => binaryCrossEntropyWithLogits(x, t, none), x, t), [
    [Infinity, NaN, NaN, NaN, NaN],
    [1, 0, 0, -1, NaN],
    [-Infinity, Infinity, -Infinity, Infinity, NaN],
  ]);
});

Deno.test("binaryCrossEntropyWithLogits() of nothing is NaN in the mean and 0 in the sum", async () => {
  const x = zeros([0, 3]);
  assertEquals(await binaryCrossEntropyWithLogits(x, x).item(), NaN);
  assertEquals(await binaryCrossEntropyWithLogits(x, x, { reduction: "sum" }).item(), 0);
});

Deno.test("binaryCrossEntropyWithLogits() passes gradcheck in input and target, with and without weights", async () => {
  const weight = [0.5, 2, 1, 0, 3], posWeight = [2, 1, 0.5, 4, 1];
  for (const weighted of [false, true]) {
    for (const reduction of ["mean", "sum", "none"] as const) {
      const options = weighted
        ? { weight: tensor(weight), posWeight: tensor(posWeight), reduction }
        : { reduction };
      const inputs = [
        noiseTensor([3, 5], { scale: 8 }),
        noiseTensor([3, 5], { seed: 2, scale: 1, offset: 0.5 }),
      ];
      await gradcheck((x, t) => binaryCrossEntropyWithLogits(x, t, options), inputs, {
        reference: ([x, t]) => {
          const losses = x.map((v, i) => {
            const [w, p] = weighted ? [weight[i % 5], posWeight[i % 5]] : [1, 1], s = 1 / (1 + Math.exp(-v));
            return -w * (p * t[i] * Math.log(s) + (1 - t[i]) * Math.log(1 - s));
          });
          const all = losses.reduce((a, b) => a + b, 0);
          return reduction === "none" ? losses : [reduction === "mean" ? all / 15 : all];
        },
      });
    }
  }
});

Deno.test("binaryCrossEntropyWithLogits() refuses shapes and types that do not fit", () => {
  assertRefuses(
    () => binaryCrossEntropyWithLogits(zeros([2, 3]), zeros([3])),
    RangeError,
    "Cannot apply binaryCrossEntropyWithLogits as target must have the shape of input: input [2, 3], target [3]",
  );
  assertRefuses(
    () => binaryCrossEntropyWithLogits(zeros([3]), zeros([3]), { posWeight: zeros([2, 3]) }),
    RangeError,
    "Cannot apply binaryCrossEntropyWithLogits as posWeight must broadcast to the shape of input: " +
      "input [3], posWeight [2, 3]",
  );
  assertRefuses(
    () => binaryCrossEntropyWithLogits(zeros([2]), tensor([1, 0], { dtype: "int32" })),
    TypeError,
    "Cannot apply binaryCrossEntropyWithLogits as target must be float32: it is int32",
  );
});
