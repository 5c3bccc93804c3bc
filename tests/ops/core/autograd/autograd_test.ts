import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { matmul, noGrad, openDevice, scope, tensor, zeros } from "../../../../mod.ts";
import { undisposed } from "../../../support/memory.ts";
import { assertRefuses } from "../../../support/values.ts";

const device = await openDevice();

Deno.test("backward() adds up over calls until the gradient is dropped", async () => {
  const x = tensor([1, 2], { requiresGrad: true });
  x.mul(3).sum().backward();
  assertEquals(await x.grad!.toArray(), [3, 3]);
  x.mul(x).sum().backward();
  assertEquals(await x.grad!.toArray(), [5, 7]);
  x.grad = null;
  x.sum().backward();
  assertEquals(await x.grad!.toArray(), [1, 1]);
});

Deno.test("backward() adds the gradients of all ways through the graph", async () => {
  const x = tensor([2], { requiresGrad: true });
  const a = x.mul(3), b = a.mul(a), y = a.add(b).mul(x); // y = (3x + 9x²) x
  y.backward();
  assertEquals(await x.grad!.item(), 6 * 2 + 27 * 4);
});

Deno.test("backward() passes through long chains of doubled values", async () => {
  const x = tensor(1, { requiresGrad: true });
  let y = x.mul(1);
  for (let i = 0; i < 40; i++) y = y.add(y).mul(0.5); // 2^40 ways through the graph, one visit to each node
  y.backward();
  assertEquals(await x.grad!.item(), 1);
});

Deno.test("backward() takes the gradient to start with", async () => {
  const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  x.mul(2).backward(tensor([[1, 10], [100, 1000]]));
  assertEquals(await x.grad!.toArray(), [[2, 20], [200, 2000]]);
  const leaf = tensor([1, 2], { requiresGrad: true }), start = tensor([5, 6]);
  leaf.backward(start);
  start.fill(0);
  assertEquals(await leaf.grad!.toArray(), [5, 6]);
});

Deno.test("gradients of two leaves do not share their memory", async () => {
  const a = tensor([1], { requiresGrad: true }), b = tensor([1], { requiresGrad: true });
  a.add(b).backward();
  noGrad(() => a.grad!.fill(9));
  assertEquals(await b.grad!.item(), 1);
  const c = tensor([1, 2], { requiresGrad: true });
  const y = c.reshape([2, 1]).reshape([2]), dy = tensor([3, 4]);
  y.backward(dy);
  noGrad(() => c.grad!.fill(0));
  assertEquals(await dy.toArray(), [3, 4]);
});

Deno.test("backward() gives only what requires a gradient one", async () => {
  const a = tensor([1, 2], { requiresGrad: true }), b = tensor([3, 4]);
  const h = a.mul(b);
  h.sum().backward();
  assertEquals(await a.grad!.toArray(), [3, 4]);
  assertEquals([b.grad, h.grad], [null, null]);
});

Deno.test("backward() refuses to start where it cannot", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  assertRefuses(
    () => tensor([1]).backward(),
    Error,
    "Cannot run backward as the tensor must require a gradient: none of its inputs does",
  );
  assertRefuses(
    () => x.mul(2).backward(),
    RangeError,
    "Cannot run backward without a gradient as the tensor must have one element: its shape is [2]",
  );
  assertRefuses(
    () => x.mul(2).backward(tensor([1, 2, 3])),
    RangeError,
    "Cannot run backward as the gradient must have the shape of its tensor [2]: [3]",
  );
  assertRefuses(
    () => x.mul(2).backward(tensor([1, 2], { dtype: "int32" })),
    TypeError,
    "Cannot run backward as the gradient must be float32: it is int32",
  );
});

Deno.test("grad can only be set to what could be a gradient", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const message = "Cannot set a gradient as it must be float32 of its tensor's shape [2]: it is ";
  assertRefuses(() => x.grad = tensor([1]), RangeError, `${message}float32 [1]`);
  assertRefuses(() => x.grad = tensor([1, 2], { dtype: "int32" }), RangeError, `${message}int32 [2]`);
});

Deno.test("backward() twice is refused, unless the graph was retained", async () => {
  const x = tensor([2], { requiresGrad: true }), y = x.mul(x);
  y.backward(null, { retainGraph: true });
  y.backward();
  assertEquals(await x.grad!.item(), 8);
  assertRefuses(
    () => y.backward(),
    Error,
    "Cannot run backward through mul as what it saved must be there: it was freed by an earlier backward; " +
      "pass { retainGraph: true } to that one",
  );
});

Deno.test("backward() refuses when a saved tensor was changed in place", () => {
  const x = tensor([[1, 2]], { requiresGrad: true }), weight = tensor([[3], [4]], { requiresGrad: true });
  const y = matmul(x, weight);
  noGrad(() => weight.fill(0).fill(1));
  assertRefuses(
    () => y.backward(),
    Error,
    "Cannot run backward through matmul as a tensor that it saved must be unchanged: " +
      "its [2, 1] was written in place 2 times since",
  );
  const sum = x.add(weight.reshape([1, 2])); // an addition needs neither operand, so it may change
  noGrad(() => weight.fill(5));
  sum.sum().backward();
});

Deno.test("backward() leaves no memory behind when it throws", () => {
  using _ = scope();
  const x = tensor([1], { requiresGrad: true }), changed = tensor([2], { requiresGrad: true });
  const before = undisposed(device);
  const h = x.mul(changed), y = h.mul(3);
  noGrad(() => changed.fill(1));
  assertThrows(() => y.backward());
  h.dispose();
  y.dispose();
  assertEquals(undisposed(device), before);
});

Deno.test("noGrad() records nothing, also when it throws", () => {
  const x = tensor([1], { requiresGrad: true });
  assertFalse(noGrad(() => noGrad(() => x.mul(2)).add(x)).requiresGrad);
  assertThrows(() =>
    noGrad(() => {
      throw new Error("inside");
    })
  );
  assert(x.mul(2).requiresGrad);
});

Deno.test("detach() stops the gradient on one way only", async () => {
  const x = tensor([3], { requiresGrad: true });
  x.mul(x.detach()).backward();
  assertEquals(await x.grad!.item(), 3);
});

Deno.test("a result is kept for the gradient though its tensor was disposed of", async () => {
  const x = tensor([0], { requiresGrad: true }), h = x.sigmoid(), y = h.mul(2);
  h.dispose();
  y.backward();
  assertEquals(await x.grad!.item(), 0.5);
});

Deno.test("a graph that is dropped without backward() frees what it saved", () => {
  using _ = scope();
  const x = zeros([1024], { requiresGrad: true });
  const before = device.memory();
  const a = x.sigmoid(), b = a.tanh(), y = b.mul(b);
  a.dispose();
  b.dispose();
  assertEquals(device.memory().bytesInUse - before.bytesInUse, 3 * 4096); // a and b are saved, y is held
  y.dispose();
  assertEquals(device.memory().bytesInUse, before.bytesInUse);
  assertEquals(device.memory().tensors, before.tensors);
});

Deno.test("backward() frees what was saved as it goes, and keeps only the gradients", () => {
  using _ = scope();
  const x = zeros([1024], { requiresGrad: true });
  const before = device.memory();
  const loss = x.sigmoid().tanh().exp().mean();
  loss.backward();
  const after = device.memory();
  assertEquals(after.tensors - before.tensors, 4 + 1); // the four results are this scope's, one gradient stays
  assertEquals(after.bytesInUse - before.bytesInUse, 3 * 4096 + 256 + 4096);
});

Deno.test("gradients of shared results are freed too", () => {
  using x = zeros([1024], { requiresGrad: true });
  const start = device.memory();
  for (let i = 0; i < 3; i++) {
    using _ = scope();
    const h = x.mul(2);
    h.add(h).add(h.reshape([32, 32]).reshape([1024])).sum().backward();
  }
  assertEquals(device.memory().tensors - start.tensors, 1);
  assertEquals(device.memory().bytesInUse - start.bytesInUse, 4096);
});
