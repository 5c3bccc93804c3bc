import { assert, assertEquals, assertThrows } from "@std/assert";
import { grad, nn, noGrad, openDevice, scope, type Tensor, tensor, zeros } from "../../../../mod.ts";
import { differentiable } from "../../../../ops/core/autograd/autograd.ts";
import { undisposed } from "../../../support/memory.ts";
import { assertRefuses } from "../../../support/values.ts";

const device = await openDevice();
const leaf = (values: number[]) => tensor(values, { requiresGrad: true });
const values = (...tensors: (Tensor | null)[]) => Promise.all(tensors.map((t) => t?.toArray() ?? null));

// PyTorch: x = torch.tensor([2., 3.], requires_grad=True); h = x * x; z = (h * 3).sum(); torch.autograd.grad(z, [x, h])
Deno.test("grad() gives the gradients in leaves and results, and leaves every grad alone", async () => {
  const x = leaf([2, 3]), other = leaf([1, 1]), h = x.mul(x), y = h.mul(3).mul(other).sum();
  assertEquals(await values(...grad(y, [x, h])), [[12, 18], [3, 3]]);
  assertEquals([x.grad, other.grad, h.grad], [null, null, null]);
});

Deno.test("grad() of a result counts what goes through it once more in what it came from", async () => {
  const w = leaf([1]), h = w.mul(2);
  assertEquals(await values(...grad(h.mul(w).sum(), [h, w])), [[1], [4]]); // PyTorch's
});

Deno.test("grad() takes one tensor, the output itself, and the same twice", async () => {
  const x = leaf([2]), y = x.mul(3);
  assertEquals(await values(...grad(y, x, { retainGraph: true })), [[3]]);
  assertEquals(await values(...grad(y, [y], { retainGraph: true })), [[1]]);
  assertEquals(await values(...grad(x, [x])), [[1]]);
  const [a, b] = grad(y, [x, x]);
  noGrad(() => a.fill(0));
  assertEquals(await values(a, b), [[0], [3]]);
});

Deno.test("grad() starts with gradOutput, whose memory stays its own", async () => {
  const x = leaf([1, 2]), start = tensor([5, 7]);
  assertEquals(await values(...grad(x.mul(2), x, { gradOutput: start })), [[10, 14]]);
  const [dx] = grad(x, x, { gradOutput: start });
  noGrad(() => dx.fill(0));
  assertEquals(await values(start), [[5, 7]]);
});

Deno.test("grad() goes only where it must", async () => {
  const x = leaf([1]), w = leaf([1]), asked: boolean[][] = [];
  const probe = (a: Tensor, b: Tensor) =>
    differentiable("probe", noGrad(() => a.add(b)), [a, b], {
      gradient: (dy, _, needs) => {
        asked.push([...needs]);
        return needs.map((n) => n ? dy : null);
      },
    });
  const y = probe(probe(x, x), probe(w, w)).sum();
  assertEquals(await values(...grad(y, [x])), [[2]]);
  assertEquals(asked, [[true, false], [true, true]]);
});

Deno.test("grad() frees the graph that it went through, unless it is retained", async () => {
  const x = leaf([2]), y = x.mul(x);
  grad(y, x, { retainGraph: true });
  assertEquals(await values(...grad(y, x)), [[4]]);
  const error = assertThrows(() => grad(y, x), Error);
  assert(error.message.startsWith("Cannot run backward through mul as what it saved must be there"));
});

Deno.test("grad() refuses inputs that are unused, unless they may be", async () => {
  const x = leaf([2]), unused = tensor([[1, 2]], { requiresGrad: true });
  assertRefuses(
    () => grad(x.mul(x), [x, unused]),
    Error,
    "Cannot compute gradients as the output must depend on every input: it does not on input 1 of shape [1, 2]; " +
      "pass { allowUnused: true } to get null for it",
  );
  assertEquals(await values(...grad(x.mul(x), [unused, x], { allowUnused: true })), [null, [4]]);
});

Deno.test("grad() refuses to start where it cannot", () => {
  const x = leaf([1, 2]);
  assertRefuses(
    () => grad(x.sum(), [x, tensor([1])]),
    Error,
    "Cannot compute gradients as every input must require one: input 1 does not",
  );
  assertRefuses(
    () => grad(tensor([1]), x),
    Error,
    "Cannot compute gradients as the tensor must require a gradient: none of its inputs does",
  );
  assertRefuses(
    () => grad(x.mul(2), x),
    RangeError,
    "Cannot compute gradients without a gradient as the tensor must have one element: its shape is [2]",
  );
});

// PyTorch: w.register_hook(lambda g: g * 2); w.register_hook(lambda g: g + 1); (w * 2 + w * 3).sum().backward() gives 11
Deno.test("a hook on a leaf sees the whole gradient of a pass once, and hooks follow one another", async () => {
  const w = leaf([1]), seen: Tensor[] = [];
  w.registerHook((g) => void seen.push(g.detach()));
  w.registerHook((g) => g.mul(2));
  w.registerHook((g) => g.add(1));
  w.mul(2).add(w.mul(3)).sum().backward();
  assertEquals(await values(...seen, w.grad), [[5], [11]]);
  w.sum().backward();
  assertEquals(await values(...seen, w.grad), [[5], [1], [14]]);
});

Deno.test("a hook on a result sees its whole gradient, and changes what goes on from there", async () => {
  const x = leaf([2, 3]), seen: Tensor[] = [];
  const h = x.mul(x);
  h.registerHook((g) => {
    seen.push(g.detach());
    return g.mul(10);
  });
  const y = h.mul(3).add(h).sum();
  h.dispose(); // its hooks stay, as its gradient does
  y.backward();
  assertEquals(await values(...seen, x.grad), [[4, 4], [160, 240]]);
});

Deno.test("a hook's handle takes it away, also at the end of a block", async () => {
  const x = leaf([1]);
  let calls = 0;
  const count = () => void calls++;
  const twice = [x.registerHook(count), x.registerHook(count)];
  x.sum().backward();
  assertEquals(calls, 2);
  twice[0].remove();
  twice[0].remove();
  {
    using _ = x.registerHook(count);
    x.sum().backward();
    assertEquals(calls, 4);
  }
  twice[1].remove();
  x.sum().backward();
  assertEquals(calls, 4);
  assertEquals(await values(x.grad), [[3]]);
});

Deno.test("hooks of the inputs apply to what grad() returns", async () => {
  const x = leaf([1]), h = x.mul(2);
  x.registerHook((g) => g.mul(10));
  h.registerHook((g) => g.mul(100));
  assertEquals(await values(...grad(h.sum(), [x, h])), [[2000], [100]]);
});

Deno.test("hooks are refused where no gradient arrives, and when they return something else", () => {
  assertRefuses(
    () => tensor([1]).registerHook(() => {}),
    Error,
    "Cannot register a hook as the tensor must require a gradient: it does not",
  );
  assertRefuses(
    () => tensor([1]).retainGrad(),
    Error,
    "Cannot retain a gradient as the tensor must require one: it does not",
  );
  const run = (result: unknown) => () => {
    const x = leaf([1, 2]);
    x.registerHook(() => result as Tensor);
    x.sum().backward();
  };
  assertRefuses(run(7), TypeError, "Cannot go on after a hook as it must return a tensor or nothing: 7");
  assertRefuses(
    run(tensor([1], { dtype: "int32" })),
    RangeError,
    "Cannot go on after a hook as it must return a gradient like its own, float32 [2]: int32 [1]",
  );
});

// PyTorch 1.13 retains 3 and 3 here, as it calls hooks in the order of registration; PyTorch 2 retains after all hooks.
Deno.test("retainGrad() has a result's gradient added up too, after its hooks", async () => {
  const x = leaf([2]), h = x.mul(x).retainGrad(), y = h.mul(3);
  y.backward(null, { retainGraph: true });
  assertEquals(await values(x.grad, h.grad), [[12], [3]]);
  h.registerHook((g) => g.mul(2));
  y.backward();
  assertEquals(await values(x.grad, h.grad), [[36], [9]]);
  noGrad(() => h.grad!.fill(0)); // its memory is its own
  assertEquals(await values(x.grad, x.retainGrad().grad), [[36], [36]]);
  const identity = x.reshape([1]).retainGrad();
  identity.backward();
  noGrad(() => identity.grad!.fill(0));
  assertEquals(await values(x.grad), [[37]]);
});

Deno.test("backward() runs twice through what saved nothing, as in PyTorch", async () => {
  const x = leaf([1]), y = x.add(1).sum();
  y.backward();
  y.backward();
  assertEquals(await values(x.grad), [[2]]);
});

Deno.test("hooks, retained gradients and grad() leave no memory behind", () => {
  const net = new nn.Sequential(new nn.Linear(3, 5), new nn.Tanh(), new nn.Linear(5, 1));
  const before = device.memory();
  for (let i = 0; i < 2; i++) {
    using _ = scope();
    const x = zeros([4, 3], { requiresGrad: true }), h = x.mul(2).retainGrad();
    for (const p of net.parameters()) p.registerHook((g) => g.mul(0.5).add(1));
    h.registerHook((g) => g.detach());
    const y = net.forward(h).sum();
    grad(y, [x, h, ...net.parameters()], { retainGraph: true });
    y.backward();
    net.zeroGrad();
  }
  const after = device.memory();
  assertEquals([after.tensors, after.bytesInUse], [before.tensors, before.bytesInUse]);
});

Deno.test("grad() without a scope leaves its results only", () => {
  const x = zeros([8], { requiresGrad: true }), y = x.sigmoid().sum();
  const before = undisposed(device);
  const [dx] = grad(y, x);
  assertEquals(undisposed(device), before + 1);
  dx.dispose();
});

Deno.test("backward() leaves no memory behind when its first operation or a hook throws", () => {
  using _ = scope();
  const x = leaf([1]), y = x.mul(x);
  const before = undisposed(device);
  const handle = y.registerHook(() => {
    throw new Error("inside");
  });
  assertThrows(() => y.backward(), Error, "inside");
  handle.remove();
  noGrad(() => x.fill(3));
  assertThrows(() => y.backward(), Error, "mul");
  assertThrows(() => grad(y, x), Error, "mul");
  assertEquals(undisposed(device), before);
});
