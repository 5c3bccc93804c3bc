import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  gradcheck,
  mul,
  openDevice,
  scope,
  softmax,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from "../../../../mod.ts";
import { differentiable } from "../../../../ops/core/autograd/autograd.ts";
import { noiseTensor } from "../../../support/values.ts";
import { aliasOf } from "../../../../ops/core/tensor/internals.ts";

const device = await openDevice();

/** The square of x, with a wrong gradient. */
function wrongSquare(x: Tensor, factor: number): Tensor {
  return differentiable("wrong", mul(x.detach(), x.detach()), [x], {
    saved: [x],
    gradient: (dy, [x]) => [dy.mul(x).mul(factor)],
  });
}

// The first test: later ones leave tensors to the collector, whose time is its own.
Deno.test("gradcheck() leaves gradients and memory as they were", async () => {
  using x = noiseTensor([200]); // 400 evaluations, so several groups of them
  {
    using _ = scope();
    x.sum().backward();
  }
  const { grad } = x, before = device.memory();
  await gradcheck((x) => x.tanh(), [x]);
  const after = device.memory();
  assertStrictEquals(x.grad, grad);
  assertEquals([after.tensors, after.bytesInUse], [before.tensors, before.bytesInUse]);
});

Deno.test("gradcheck() accepts right gradients, with a reference and without", async () => {
  const x = noiseTensor([3, 5]);
  await gradcheck((x) => wrongSquare(x, 2), [x]);
  await gradcheck((x) => wrongSquare(x, 2), [x], { reference: ([x]) => x.map((v) => v * v) });
});

Deno.test("gradcheck() names the input, the element and both values", async () => {
  const a = tensor([1, 2]), x = tensor([[1, -2], [0.5, 4]], { requiresGrad: true });
  const fn = (_: Tensor, x: Tensor) => wrongSquare(x, 2.5);
  const reference = ([, x]: Float64Array[]) => x.map((v) => v * v);
  const error = await assertRejects(() => gradcheck(fn, [a, x], { reference }), Error);
  const [first, worst, ...rest] = error.message.split("\n");
  assertEquals(
    first,
    "Cannot confirm the gradients as they must agree with differences: 4 of 4 do not, the worst",
  );
  const found = /^ {2}input 1 at \[1, 1\]: analytic (\S+), numeric (\S+) \(tolerance \S+\)$/.exec(worst);
  const [, analytic, numeric] = found!.map(Number);
  assertEquals(Math.abs(analytic / numeric - 1.25) < 1e-4, true, worst);
  assertEquals(rest.length, 3);
});

Deno.test("gradcheck() finds a gradient wrong by one per cent without a reference too", async () => {
  const x = tensor([1, -2, 3], { requiresGrad: true });
  await assertRejects(() => gradcheck((x) => wrongSquare(x, 2.03), [x]), Error, "input 0 at");
  await assertRejects(
    () => gradcheck((x) => wrongSquare(x, 2.001), [x], { reference: ([x]) => x.map((v) => v * v) }),
    Error,
    "input 0 at",
  );
});

Deno.test("gradcheck() sees what equal weights would hide", async () => {
  const x = noiseTensor([3, 3]);
  const hidden = (x: Tensor) =>
    differentiable("wrong", softmax(x.detach(), { dim: 1 }), [x], { gradient: () => [zeros([3, 3])] });
  await assertRejects(() => gradcheck(hidden, [x]), Error, "9 of 9");
  const turned = (x: Tensor) =>
    differentiable("wrong", transpose(x.detach(), 0, 1), [x], { gradient: (dy) => [aliasOf(dy)] });
  await assertRejects(() => gradcheck(turned, [x]), Error, "6 of 9");
});

Deno.test("gradcheck() lets no NaN pass", async () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const fn = (x: Tensor) =>
    differentiable("wrong", x.detach().mul(1), [x], { gradient: (dy) => [dy.mul(NaN)] });
  await assertRejects(() => gradcheck(fn, [x]), Error, "analytic NaN, numeric");
});

Deno.test("gradcheck() compares the values with those of the reference first", async () => {
  const x = tensor([[1, 2]], { requiresGrad: true });
  const refuse = async (reference: (inputs: Float64Array[]) => Float64Array, message: string) => {
    const error = await assertRejects(() => gradcheck((x) => x.mul(2), [x], { reference }), Error);
    assertEquals(error.message, message);
  };
  await refuse(
    ([x]) => x.map((v) => v * v + 1),
    "Cannot check gradients as the values must be those of the reference: 1 of 2 do not, the worst\n" +
      "  output [0, 1]: 4, reference 5 (tolerance 0.00051)",
  );
  await refuse(
    ([x]) => x.slice(1),
    "Cannot check gradients as the reference must give as many values as the function: 1 and 2",
  );
});

Deno.test("gradcheck() checks only what requires a gradient, and takes its settings", async () => {
  const a = noiseTensor([4], { requiresGrad: false }), x = noiseTensor([4], { seed: 2 });
  await gradcheck((a, x) => a.mul(x), [a, x]);
  await gradcheck((x) => wrongSquare(x, 2.5), [x], { rtol: 0.3, eps: 0.01 });
  await assertRejects(() => gradcheck((a, x) => a.mul(x), [a, x], { atol: 0, rtol: 0 }), Error);
});

Deno.test("gradcheck() refuses inputs that require no gradient, and outputs that it cannot check", async () => {
  const x = tensor([1], { requiresGrad: true });
  const refuse = async (fn: (x: Tensor) => Tensor, x: Tensor, message: string) => {
    assertEquals((await assertRejects(() => gradcheck(fn, [x]), Error)).message, message);
  };
  await refuse((x) => x, x.detach(), "Cannot check gradients as an input must require one: none does");
  await refuse((x) => x.eq(1), x, "Cannot check gradients as the output must be float32: it is bool");
  await refuse(
    (x) => x.detach(),
    x,
    "Cannot check gradients as the output must depend on an input that requires one: it depends on none",
  );
});
