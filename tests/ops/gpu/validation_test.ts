// What does not compile spoils what depends on it, and nothing else.
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  compile,
  defineOperation,
  openDevice,
  optim,
  runKernel,
  scope,
  type Tensor,
  tensor,
} from "../../../mod.ts";

const device = await openDevice();

let made = 0;

/** An operation whose kernel does not compile, of a name and text that were not there before. */
function broken(): { name: string; op: (x: Tensor) => Tensor } {
  const name = `broken${made++}`;
  return {
    name,
    op: defineOperation({ name, inputs: ["x"], forward: `nosuch_${name}(x)`, gradient: { x: "dy" } }),
  };
}

/** A right operation whose kernel was not compiled before. */
function fresh(): (x: Tensor) => Tensor {
  const name = `right${made++}`;
  return defineOperation({ name, inputs: ["x"], forward: `x + ${made}.0 - ${made}.0 + 1.0` });
}

/** Reads a tensor that depends on a broken operation. */
async function refused(t: Tensor, name: string): Promise<void> {
  const { message } = await assertRejects(() => t.data(), Error);
  assertMatch(message, new RegExp(`^Cannot compile kernel ${name}\\b.* as its WGSL must be valid: `));
  assertMatch(message, new RegExp(`\\nat line \\d+: .*nosuch_${name}`));
}

Deno.test("a kernel that does not compile leaves right calls before and after it right", async () => {
  const { name, op } = broken(), x = tensor([1, 2, 3]);
  const before = fresh()(x), bad = op(x), after = fresh()(x), known = x.mul(2);
  assertEquals(await Promise.all([before, after, known, x].map((t) => t.toArray())), [
    [2, 3, 4],
    [2, 3, 4],
    [2, 4, 6],
    [1, 2, 3],
  ]);
  await refused(bad, name);
});

Deno.test("what is computed from a broken result is refused with the same words, each time", async () => {
  const { name, op } = broken(), x = tensor([1, 2, 3]);
  const bad = op(x), next = bad.add(1), both = next.mul(x).sum();
  for (let i = 0; i < 2; i++) for (const t of [both, bad, next]) await refused(t, name);
  const late = op(x).add(1); // the kernel is known by now
  await refused(late, name);
  assertEquals(await x.add(1).toArray(), [2, 3, 4]);
});

Deno.test("an optimiser's step stays as it was when another operation fails", async () => {
  const w = tensor([1, 2], { requiresGrad: true }), opt = new optim.SGD([w], { lr: 0.25 });
  w.mul(w).sum().backward();
  opt.step();
  const { name, op } = broken();
  await refused(op(w.detach()), name);
  assertEquals(await w.toArray(), [0.5, 1]);
});

Deno.test("a failed read does not take the blame from the one who reads first", async () => {
  const { name, op } = broken(), x = tensor([1]);
  const bad = op(x), right = x.add(1);
  assertEquals(await right.item(), 2);
  await refused(bad, name);
  assertEquals(await x.item(), 1);
});

Deno.test("sync() tells of what nobody read", async () => {
  const { name, op } = broken();
  op(tensor([1]));
  const { message } = await assertRejects(() => device.sync(), Error);
  assertMatch(message, new RegExp(`^Cannot compile kernel ${name} `));
  await device.sync(); // told once
});

Deno.test("in a captured step only what depends on a broken kernel fails, at every replay", async () => {
  const { name, op } = broken(), right = fresh();
  const total = tensor([0]);
  const step = compile((x: Tensor) => {
    total.copy(total.add(x));
    return [right(x), op(x).mul(3), x.mul(5)];
  });
  for (let i = 1; i <= 4; i++) {
    using _ = scope();
    const [a, bad, b] = step(tensor([i]));
    if (i === 2) {
      const [again] = step(tensor([7]));
      again.dispose();
    }
    assertEquals([await a.item(), await b.item()], [i + 1, 5 * i]);
    await refused(bad, name);
  }
  assertEquals(await total.item(), 1 + 2 + 7 + 3 + 4);
});

Deno.test("captured steps whose kernels are new run in one turn, and give what they must", async () => {
  const f = fresh(), g = fresh(), sum = tensor([0]);
  const step = compile((x: Tensor) => {
    sum.copy(sum.add(g(f(x))));
  });
  for (let i = 0; i < 20; i++) step(tensor([i]));
  assertEquals(await sum.item(), 190 + 40);
});

Deno.test("a kernel of one's own that does not compile is no trouble to others", async () => {
  const x = tensor([1, 2]);
  const { y } = runKernel({
    name: "wrongKernel",
    inputs: { x },
    outputs: { y: [2] },
    invocations: 2,
    body: "y[id] = z;",
  });
  assertEquals(await x.add(1).toArray(), [2, 3]);
  assertMatch((await assertRejects(() => y.data(), Error)).message, /^Cannot compile kernel wrongKernel /);
});

Deno.test("tensors of a closed device are refused at the call, by name", async () => {
  const old = tensor([1, 2]);
  device.close();
  await openDevice();
  const message = /^Cannot apply (add|neg|sum) as its tensors must be on one open device: one was closed$/;
  const here = tensor([3, 4]);
  for (const call of [() => here.add(old), () => old.add(here), () => old.neg(), () => old.sum()]) {
    assertMatch(String((await assertRejects(async () => await call().data(), Error)).message), message);
  }
  assertEquals(await here.add(1).toArray(), [4, 5]);
});
