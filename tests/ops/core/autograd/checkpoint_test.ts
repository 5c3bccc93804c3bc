import { assertEquals, assertNotEquals } from "@std/assert";
import {
  checkpoint,
  compile,
  getRngState,
  grad,
  gradcheck,
  manualSeed,
  matmul,
  nn,
  noGrad,
  openDevice,
  rand,
  scope,
  setRngState,
  type Tensor,
  tensor,
  zeros,
} from "../../../../mod.ts";
import { nextStream, StreamTape } from "../../../../ops/core/tensor/random.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../../support/values.ts";

const device = await openDevice();

function block(): nn.Sequential {
  return new nn.Sequential(new nn.Linear(6, 32), new nn.Tanh(), new nn.Linear(32, 6), new nn.Sigmoid());
}

/** Scales by random numbers, as dropout does. */
function noisy(x: Tensor): Tensor {
  return x.mul(rand(x.shape));
}

Deno.test("checkpoint() gives the values and gradients of the function itself", async () => {
  const net = block(), x = noiseTensor([5, 6]), dy = noiseTensor([5, 6], { seed: 2 }).detach();
  const run = async (forward: (x: Tensor) => Tensor) => {
    const y = forward(x);
    y.backward(dy);
    const read = [y, x.grad!, ...net.parameters().map((p) => p.grad!)].map((t) => t.data());
    const all = await Promise.all(read);
    net.zeroGrad();
    x.grad = null;
    return all;
  };
  const plain = await run((x) => net.forward(x).mul(2));
  assertEquals(await run((x) => checkpoint((x) => net.forward(x), x).mul(2)), plain);
});

Deno.test("checkpoint() passes gradcheck", async () => {
  const [a, b] = [noiseTensor([2, 3]), noiseTensor([3, 2], { seed: 5 })];
  await gradcheck((a, b) => checkpoint((a, b) => matmul(a.tanh(), b).sigmoid(), a, b), [a, b]);
});

Deno.test("checkpoint() keeps its inputs only, and leaves no memory behind", () => {
  const net = block(), rows = 64;
  const start = device.memory();
  {
    using _ = scope();
    const x = zeros([rows, 6]), before = device.memory().bytesInUse;
    const y = checkpoint((x) => net.forward(x), x);
    assertEquals(device.memory().bytesInUse - before, 4 * rows * 6); // the output; not the 32 columns between
    assertEquals(device.memory().tensors - start.tensors, 2);
    y.sum().backward();
    net.zeroGrad();
  }
  const end = device.memory();
  assertEquals([end.tensors, end.bytesInUse], [start.tensors, start.bytesInUse]);
});

Deno.test("checkpoint() draws the same random numbers again, and does not disturb those that follow", async () => {
  const x = zeros([50]).add(1);
  x.requiresGrad = true;
  const run = async (forward: (x: Tensor) => Tensor) => {
    manualSeed(1);
    const y = forward(x), between = rand([3]);
    y.sum().backward();
    const read = await Promise.all([y, x.grad!, between, rand([3])].map((t) => t.data()));
    x.grad = null;
    return read;
  };
  const [y, dx, ...rest] = await run((x) => checkpoint((x) => noisy(noisy(x)), x));
  assertEquals(dx, y); // y = mask x with x = 1
  assertEquals([y, dx, ...rest], await run((x) => noisy(noisy(x))));
});

Deno.test("checkpoint() inside checkpoint() draws the same random numbers too", async () => {
  const x = zeros([50]).add(1);
  x.requiresGrad = true;
  const y = checkpoint((x) => noisy(checkpoint((x) => noisy(x).mul(3), noisy(x))), x);
  y.sum().backward();
  assertClose(await x.grad!.data(), await y.data(), { rtol: 1e-6 }); // four factors, multiplied in another order
});

Deno.test("checkpoint() draws the same random numbers in each replay of recorded work", async () => {
  const x = zeros([50]).add(1);
  x.requiresGrad = true;
  const step = compile((x: Tensor) => {
    const y = checkpoint((x) => noisy(x), x);
    return [y.detach(), grad(y.sum(), x)[0]] as const;
  });
  const replay = () => Promise.all(step(x).map((t) => t.data()));
  const [first, firstGradient] = await replay(), [second, secondGradient] = await replay();
  assertEquals(firstGradient, first);
  assertEquals(secondGradient, second);
  assertNotEquals(first, second);
  assertEquals(step.captures, 1);
});

Deno.test("checkpoint() passes gradients to all that its function uses", async () => {
  const x = tensor([2], { requiresGrad: true }), w = tensor([3], { requiresGrad: true }), h = w.mul(2);
  h.registerHook((g) => g.mul(1)); // once for each pass
  const y = checkpoint((a) => a.mul(x).mul(h), x); // the input is used past the arguments too: y = x x h
  assertEquals(await Promise.all(grad(y, [x, w, h], { retainGraph: true }).map((t) => t.toArray())), [[24], [
    8,
  ], [4]]);
  assertEquals([x.grad, w.grad], [null, null]);
  const same = checkpoint((a) => a, x);
  assertEquals(await grad(same, x)[0].toArray(), [1]);
  assertEquals(await grad(checkpoint(() => h, x), w)[0].toArray(), [2]);
});

Deno.test("checkpoint() records nothing where nothing requires a gradient", () => {
  const x = tensor([1]), w = tensor([1], { requiresGrad: true });
  assertEquals(checkpoint((x) => x.mul(2), x).requiresGrad, false);
  assertEquals(checkpoint((x) => x.mul(w.detach()), x).requiresGrad, false);
  assertEquals(noGrad(() => checkpoint((x) => x.mul(w), x)).requiresGrad, false);
  assertEquals(checkpoint((x) => x.mul(w), x).requiresGrad, true);
});

Deno.test("checkpoint() takes other arguments too, and runs again with retainGraph", async () => {
  const x = tensor([1, 2], { requiresGrad: true });
  let runs = 0;
  const scaled = (x: Tensor, by: number, options: { plus: number }) => (runs++, x.mul(by).add(options.plus));
  const y = checkpoint(scaled, x, 3, { plus: 1 }).sum();
  y.backward(null, { retainGraph: true });
  y.backward();
  assertEquals([await x.grad!.toArray(), runs], [[6, 6], 3]);
});

Deno.test("checkpoint() refuses changed inputs and functions that do something else the second time", () => {
  const x = tensor([1, 2], { requiresGrad: true }), y = checkpoint((x) => x.exp(), x).sum();
  noGrad(() => x.fill(0));
  assertRefuses(
    () => y.backward(),
    Error,
    "Cannot run backward through checkpoint as a tensor that it saved must be unchanged: " +
      "its [2] was written in place 1 times since",
  );
  let runs = 0;
  const z = checkpoint((x) => runs++ === 0 ? x.reshape([2, 1]) : x.reshape([1, 2]), x).sum();
  assertRefuses(
    () => z.backward(),
    Error,
    "Cannot run backward through a checkpoint as its function must give the same shape each time: " +
      "first [2, 1], then [1, 2]",
  );
});

Deno.test("setRngState() goes back to where getRngState() was, also past another seed", async () => {
  manualSeed(5);
  rand([1]);
  const state = getRngState(), first = await rand([4]).data();
  manualSeed(6);
  setRngState(state);
  assertEquals(await rand([4]).data(), first);
});

Deno.test("StreamTape refuses to give more streams than it kept", () => {
  const tape = new StreamTape();
  const [a, b] = tape.record(() => [nextStream(), nextStream()]);
  assertEquals(tape.replay(() => [nextStream(), nextStream()]), [a, b]);
  assertRefuses(
    () => tape.replay(() => [1, 2, 3].map(nextStream)),
    Error,
    "Cannot repeat random numbers as a function must take as many streams as before: it took 2 then",
  );
});
