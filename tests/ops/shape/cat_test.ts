import { assertEquals } from "@std/assert";
import { cat, gradcheck, openDevice, stack, tensor, zeros } from "../../../mod.ts";
import { undisposed } from "../../support/memory.ts";
import { assertRefuses, bitsOf, noiseTensor } from "../../support/values.ts";

const device = await openDevice();

Deno.test("cat() joins along a dimension", async () => {
  const a = tensor([[1, 2]]), b = tensor([[3, 4], [5, 6]]);
  assertEquals(await cat([a, b]).toArray(), [[1, 2], [3, 4], [5, 6]]);
  assertEquals(await cat([b, tensor([[7], [8]]), b], { dim: -1 }).toArray(), [[3, 4, 7, 3, 4], [
    5,
    6,
    8,
    5,
    6,
  ]]);
  assertEquals(await cat([a]).toArray(), [[1, 2]]);
  assertEquals(await cat([zeros([0, 2]), a], { dim: 0 }).toArray(), [[1, 2]]);
});

Deno.test("cat() takes tensors of shape [0] for nothing", async () => {
  const x = tensor([[1, 2]], { requiresGrad: true }), none = tensor([], { requiresGrad: true });
  const y = cat([none, x, x], { dim: 1 });
  assertEquals(await y.toArray(), [[1, 2, 1, 2]]);
  y.sum().backward();
  assertEquals([none.grad!.shape, await x.grad!.toArray()], [[0], [[2, 2]]]);
  assertEquals(cat([zeros([0]), zeros([0])]).shape, [0]);
});

Deno.test("cat() takes the widest type", async () => {
  const bool = tensor([true, false]), int = tensor([3], { dtype: "int32" });
  assertEquals([cat([bool, bool]).dtype, await cat([bool, int]).toArray()], ["bool", [1, 0, 3]]);
  const tensors = undisposed(device);
  const y = cat([bool, int, tensor([0.5])]);
  assertEquals([y.dtype, await y.toArray()], ["float32", [1, 0, 3, 0.5]]);
  assertEquals(undisposed(device), tensors + 2); // y and the one literal: what was converted is gone
});

Deno.test("cat() keeps NaN's and zero's bits", async () => {
  const y = await cat([tensor([NaN, -0]), tensor([Infinity])]).data();
  assertEquals(bitsOf(y), bitsOf([NaN, -0, Infinity]));
});

Deno.test("cat() writes each part where it belongs, whatever the sizes and the order of the writes", async () => {
  const parts = [1, 3, 2, 7, 5].map((n, k) => tensor(new Float32Array(n).fill(k)));
  const wanted = [0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4];
  assertEquals(await cat(parts).toArray(), wanted);
});

Deno.test("stack() joins along a new dimension", async () => {
  const a = tensor([1, 2], { dtype: "int32" }), b = tensor([3, 4], { dtype: "int32" });
  assertEquals(await stack([a, b]).toArray(), [[1, 2], [3, 4]]);
  assertEquals(await stack([a, b], { dim: -1 }).toArray(), [[1, 3], [2, 4]]);
  assertEquals(await stack([tensor(1), tensor(2), tensor(3)]).toArray(), [1, 2, 3]);
  assertEquals(stack([zeros([0, 2]), zeros([0, 2])], { dim: 1 }).shape, [0, 2, 2]);
  assertEquals(stack([zeros([0]), zeros([0])]).shape, [2, 0]);
});

Deno.test("cat() and stack() pass gradcheck", async () => {
  const a = noiseTensor([2, 3]), b = noiseTensor([2, 1], { seed: 2 });
  await gradcheck((a, b) => cat([a, b, a], { dim: 1 }), [a, b], {
    reference: ([a, b]) => [0, 3].flatMap((i) => [...a.slice(i, i + 3), b[i / 3], ...a.slice(i, i + 3)]),
  });
  const c = noiseTensor([2, 3], { seed: 3, requiresGrad: false });
  await gradcheck((a, c) => stack([a, c], { dim: 2 }), [a, c], {
    reference: ([a, c]) => Array.from(a, (v, i) => [v, c[i]]).flat(),
  });
});

Deno.test("cat() and stack() refuse nothing, and shapes that do not fit", () => {
  const refuse = (fn: () => unknown, message: string) =>
    assertRefuses(fn, RangeError, `Cannot apply ${message}`);
  const catNeeds = (dim: number) =>
    `cat as the tensors must have one shape but for dim ${dim}, and a dimension: `;
  refuse(() => cat([]), `${catNeeds(0)}there are none`);
  refuse(() => cat([zeros([2, 3]), zeros([3, 2])], { dim: 1 }), `${catNeeds(1)}they have [2, 3], [3, 2]`);
  refuse(() => cat([zeros([2, 3]), zeros([2])]), `${catNeeds(0)}they have [2, 3], [2]`);
  refuse(() => cat([tensor(1), tensor(2)]), `${catNeeds(0)}they have [], []`);
  refuse(() => cat([zeros([2])], { dim: 1 }), "cat as dim must be a whole number from -1 to 0: 1");
  refuse(() => stack([]), "stack as the tensors must have one shape: there are none");
  refuse(
    () => stack([zeros([2]), zeros([3])]),
    "stack as the tensors must have one shape: they have [2], [3]",
  );
  refuse(() => stack([zeros([2])], { dim: 2 }), "stack as dim must be a whole number from -2 to 1: 2");
});
