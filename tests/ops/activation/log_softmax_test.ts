import { assertEquals } from "@std/assert";
import { gradcheck, logSoftmax, openDevice, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("logSoftmax() gives logarithms of probabilities", async () => {
  const y = logSoftmax(tensor([[0, Math.log(3)], [0, 0]]), { dim: 1 });
  assertClose(await y.data(), [-1.386294361, -0.2876820724, -0.6931471806, -0.6931471806], { atol: 2e-7 });
  assertEquals(await logSoftmax(tensor(5), { dim: -1 }).toArray(), 0);
  assertEquals(logSoftmax(zeros([0, 4]), { dim: 1 }).shape, [0, 4]);
});

Deno.test("logSoftmax() stays finite where softmax() underflows, and keeps minus infinity", async () => {
  assertEquals(await logSoftmax(tensor([1000, 0]), { dim: 0 }).toArray(), [0, -1000]);
  const y = await logSoftmax(tensor([0, -Infinity, 0]), { dim: 0 }).data();
  assertClose(y, [-0.6931471806, -Infinity, -0.6931471806], { atol: 1e-7 });
});

Deno.test("logSoftmax() of NaN, of infinity and of minus infinity alone is NaN in the whole row", async () => {
  const x = tensor([[0, NaN], [Infinity, 1], [-Infinity, -Infinity], [NaN, -Infinity]]);
  const y = await logSoftmax(x, { dim: 1 }).data();
  assertEquals([...y], new Array(8).fill(NaN));
});

Deno.test("logSoftmax() passes gradcheck along the last and a middle dimension", async () => {
  for (const [shape, dim] of [[[5, 7], 1], [[3, 4, 5], 1]] as const) {
    const options = { reference: reference.logSoftmax(shape, dim) };
    await gradcheck((x) => logSoftmax(x, { dim }), [noiseTensor(shape, { scale: 4 })], options);
  }
});

Deno.test("logSoftmax() refuses a dimension that does not exist", () => {
  assertRefuses(
    () => logSoftmax(zeros([2, 3]), { dim: -3 }),
    RangeError,
    "Cannot apply logSoftmax as dim must be a whole number from -2 to 1: -3",
  );
});
