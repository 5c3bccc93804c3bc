import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, smoothL1Loss, tensor, zeros } from "../../../mod.ts";
import { valueAndGradients } from "../../support/reductions.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const none = { reduction: "none" } as const;

Deno.test("smoothL1Loss() squares small distances only", async () => {
  const x = tensor([1, 2, 3, 4]), t = tensor([1, 1.5, 5, 3]);
  assertEquals(await smoothL1Loss(x, t, none).toArray(), [0, 0.125, 1.5, 0.5]);
  assertEquals(await x.smoothL1Loss(t, { beta: 2, reduction: "none" }).toArray(), [0, 0.0625, 1, 0.25]);
  assertEquals(await smoothL1Loss(x, t, { beta: 0, reduction: "sum" }).item(), 3.5);
  assertEquals(await smoothL1Loss(x, t).item(), 0.53125);
});

Deno.test("smoothL1Loss() has PyTorch's slopes at the bounds, at NaN and at infinity", async () => {
  const x = [0, 1, -1, NaN, Infinity, 0.5];
  assertEquals(await valueAndGradients((x) => smoothL1Loss(x, zeros([6]), none), x), [
    [0, 0.5, 0.5, NaN, Infinity, 0.125],
    [0, 1, -1, NaN, 1, 0.5],
  ]);
});

Deno.test("smoothL1Loss() passes gradcheck in input and target", async () => {
  for (const beta of [0.3, 1]) {
    const inputs = [noiseTensor([3, 5]), noiseTensor([3, 1], { seed: 2 })];
    await gradcheck((x, t) => smoothL1Loss(x, t, { beta }), inputs, {
      reference: ([x, t]) => {
        const losses = x.map((v, i) => {
          const d = Math.abs(v - t[Math.floor(i / 5)]);
          return d < beta ? d * d / 2 / beta : d - beta / 2;
        });
        return [losses.reduce((a, b) => a + b, 0) / 15];
      },
    });
  }
});

Deno.test("smoothL1Loss() refuses a negative beta, and shapes that do not broadcast", () => {
  assertRefuses(
    () => smoothL1Loss(zeros([2]), zeros([2]), { beta: -1 }),
    RangeError,
    "Cannot apply smoothL1Loss as beta must be a number from 0 up: -1",
  );
  assertRefuses(
    () => smoothL1Loss(zeros([2]), zeros([3])),
    RangeError,
    "Cannot apply smoothL1Loss as the shapes must broadcast: [2] and [3]",
  );
});
