import { assertEquals } from "@std/assert";
import { gradcheck, logsumexp, openDevice, tensor, zeros } from "../../../mod.ts";
import { over, valueAndGradients } from "../../support/reductions.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("logsumexp() is the logarithm of a sum of exponentials", async () => {
  const x = tensor([[0, Math.log(3)], [0, 0]]);
  assertClose(await logsumexp(x, { dim: 1 }).data(), [1.386294361, 0.6931471806], { atol: 2e-7 });
  assertClose(await logsumexp(x).data(), [1.791759469], { atol: 2e-7 });
  assertEquals(x.logsumexp({ dim: [-2], keepdim: true }).shape, [1, 2]);
  assertEquals(await logsumexp(tensor(5), { dim: 0 }).toArray(), 5);
});

Deno.test("logsumexp() does not overflow", async () => {
  const y = logsumexp(tensor([[1e4, 1e4], [-1e4, -1e4], [3e38, -3e38]]), { dim: 1 });
  assertClose(await y.data(), [10000.693147, -9999.306853, 3e38], { rtol: 1e-7 });
});

Deno.test("logsumexp() of infinities and NaN is what PyTorch gives, gradients too", async () => {
  const x = [[-Infinity, -Infinity], [Infinity, 1], [NaN, 1], [Infinity, -Infinity], [-Infinity, 1]];
  assertEquals(await valueAndGradients((x) => logsumexp(x, { dim: 1 }), x), [
    [-Infinity, Infinity, NaN, Infinity, 1],
    [[NaN, NaN], [NaN, 0], [NaN, NaN], [NaN, 0], [0, 1]],
  ]);
});

Deno.test("logsumexp() over nothing is minus infinity, and of nothing is empty", async () => {
  assertEquals(await logsumexp(zeros([2, 0]), { dim: 1 }).toArray(), [-Infinity, -Infinity]);
  assertEquals(await logsumexp(zeros([0])).item(), -Infinity);
  assertEquals(logsumexp(zeros([0, 3]), { dim: 1 }).shape, [0]);
});

Deno.test("logsumexp() passes gradcheck over inner and outer dimensions", async () => {
  const shape = [3, 4, 5];
  for (const dims of [[0, 2], [1], [0, 1, 2]]) {
    const reference = over(shape, dims, (v) => Math.log(v.reduce((sum, x) => sum + Math.exp(x), 0)));
    await gradcheck((x) => logsumexp(x, { dim: dims }), [noiseTensor(shape, { scale: 4 })], { reference });
  }
});

Deno.test("logsumexp() takes integers and booleans as float32", async () => {
  assertClose(await logsumexp(tensor([1, 2], { dtype: "int32" })).data(), [2.3132617], { rtol: 2e-7 });
  assertClose(await logsumexp(tensor([true, false])).data(), [1.3132616], { rtol: 2e-7 });
});

Deno.test("logsumexp() refuses dimensions that do not exist", () => {
  assertRefuses(
    () => logsumexp(zeros([2]), { dim: 3 }),
    RangeError,
    "Cannot apply logsumexp as dim must be a whole number from -1 to 0: 3",
  );
});
