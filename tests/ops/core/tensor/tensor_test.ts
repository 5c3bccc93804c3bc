import { assert, assertEquals, assertRejects } from "@std/assert";
import { noGrad, openDevice, tensor, zeros } from "../../../../mod.ts";
import { undisposed } from "../../../support/memory.ts";
import { assertRefuses } from "../../../support/values.ts";
import { nodeOf } from "../../../../ops/core/tensor/internals.ts";

const device = await openDevice();

Deno.test("a tensor describes itself without being read", () => {
  assertEquals(String(zeros([2, 3])), "Tensor([2, 3], float32)");
  assertEquals(String(tensor(1, { requiresGrad: true })), "Tensor([], float32, requiresGrad)");
  const t = tensor([true]);
  t.dispose();
  assertEquals(Deno.inspect(t), "Tensor([1], bool, disposed)");
});

Deno.test("a tensor's shape cannot be changed", () => {
  const shape = [2, 3], t = zeros(shape);
  shape[0] = 5;
  assertEquals(t.shape, [2, 3]);
  assert(Object.isFrozen(t.shape));
});

Deno.test("data() and toArray() read each type as itself", async () => {
  assertEquals(await tensor([[1.5], [2]]).data(), new Float32Array([1.5, 2]));
  assertEquals(await tensor([[1, 2]], { dtype: "int32" }).data(), new Int32Array([1, 2]));
  assertEquals(await tensor([true, false]).data(), new Uint8Array([1, 0]));
  assertEquals(await tensor([[true], [false]]).toArray(), [[true], [false]]);
});

Deno.test("reading what is empty gives what is empty", async () => {
  assertEquals(await zeros([0]).data(), new Float32Array(0));
  assertEquals(await zeros([2, 0], { dtype: "int32" }).toArray(), [[], []]);
});

Deno.test("item() reads the only element and refuses more", async () => {
  assertEquals(await tensor([[[4]]]).item(), 4);
  assertEquals(await tensor(true).item(), 1);
  const error = await assertRejects(() => tensor([1, 2]).item(), RangeError);
  assertEquals(error.message, "Cannot read an item as the tensor must have one element: its shape is [2]");
});

Deno.test("a disposed tensor cannot be used, and may be disposed of again", async () => {
  const t = zeros([2, 3]), before = undisposed(device);
  t.dispose();
  t.dispose();
  assertEquals([t.disposed, undisposed(device)], [true, before - 1]);
  const message = "Cannot use a tensor as it must not be disposed of: shape [2, 3]";
  assertRefuses(() => t.add(1), Error, message);
  assertEquals((await assertRejects(() => t.data(), Error)).message, message);
});

Deno.test("using frees a tensor at the end of its block", () => {
  const before = undisposed(device);
  {
    using t = zeros([4]);
    assertEquals([t.disposed, undisposed(device)], [false, before + 1]);
  }
  assertEquals(undisposed(device), before);
});

Deno.test("detach() shares the memory and leaves the history", async () => {
  const x = tensor([1, 2], { requiresGrad: true }), y = x.mul(2).detach();
  assertEquals([y.requiresGrad, nodeOf(y)], [false, null]);
  assertEquals(await y.toArray(), [2, 4]);
  const z = x.detach();
  noGrad(() => x.fill(7));
  assertEquals(await z.toArray(), [7, 7]);
});

Deno.test("copy() overwrites values from what broadcasts, in the target's type", async () => {
  const t = zeros([2, 3]);
  assertEquals(await t.copy(tensor([1, 2, 3])).toArray(), [[1, 2, 3], [1, 2, 3]]);
  assertEquals(await t.copy(tensor([[1], [2]], { dtype: "int32" })).toArray(), [[1, 1, 1], [2, 2, 2]]);
  assertEquals(await zeros([2], { dtype: "int32" }).copy(tensor([1.9, -1.9])).toArray(), [1, -1]);
  assertRefuses(
    () => zeros([3]).copy(zeros([2, 3])),
    RangeError,
    "Cannot apply copy as the source must broadcast to the target [3]: [2, 3]",
  );
});

Deno.test("fill() overwrites every element", async () => {
  assertEquals(await zeros([3]).fill(2.5).toArray(), [2.5, 2.5, 2.5]);
  assertEquals(await zeros([2], { dtype: "bool" }).fill(1).toArray(), [true, true]);
});

Deno.test("writing in place is refused where it would escape autograd", () => {
  const t = tensor([1], { requiresGrad: true });
  const message = (op: string) =>
    `Cannot apply ${op} in place as the tensor must not require a gradient: do it inside noGrad(() => …)`;
  assertRefuses(() => t.fill(0), Error, message("fill"));
  assertRefuses(() => t.copy(zeros([1])), Error, message("copy"));
});

Deno.test("requiresGrad can be set on leaves only, and on float32 only", () => {
  const x = tensor([1]);
  x.requiresGrad = true;
  const y = x.mul(2);
  assertRefuses(
    () => y.requiresGrad = false,
    Error,
    "Cannot set requiresGrad as the tensor must be a leaf: it came from an operation",
  );
  assertRefuses(
    () => tensor([true]).requiresGrad = true,
    TypeError,
    "Cannot require a gradient as the tensor must be float32: it is bool",
  );
});

Deno.test("every operation is a method too", async () => {
  const x = tensor([[1, 2], [3, 4]]), one = tensor([[1]]);
  assertEquals(await x.sub(1).div(2).neg().exp().log().toArray(), [[0, -0.5], [-1, -1.5]]);
  assertEquals(await x.matmul(x).relu().toArray(), [[7, 10], [15, 22]]);
  assertEquals(await x.linear(one.linear(tensor([[1], [2]]))).toArray(), [[5], [11]]);
  assertEquals(await x.permute([1, 0]).transpose(0, 1).flatten().toArray(), [1, 2, 3, 4]);
  const image = x.reshape([1, 1, 2, 2]);
  assertEquals(await image.maxPool2d({ kernelSize: 2 }).add(image.avgPool2d({ kernelSize: 2 })).item(), 6.5);
  assertEquals(await image.conv2d(one.reshape([1, 1, 1, 1])).sum().item(), 10);
  const flat = zeros([1, 4]), label = tensor([2], { dtype: "int32" });
  assertEquals(await flat.softmax({ dim: 1 }).toArray(), [[0.25, 0.25, 0.25, 0.25]]);
  assertEquals(await flat.logSoftmax({ dim: 1 }).add(flat.crossEntropy(label)).sum().item(), 0);
  assertEquals(await x.argmax({ dim: 1 }).eq(1).sum().item(), 2);
  assertEquals(await zeros([2]).sigmoid().add(zeros([2]).tanh()).mean().item(), 0.5);
});
