import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  compile,
  defineOperation,
  gradcheck,
  noGrad,
  openDevice,
  runKernel,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../../../mod.ts";
import { undisposed } from "../../../support/memory.ts";
import { binary } from "../../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../../support/values.ts";
import { nodeOf } from "../../../../ops/core/tensor/internals.ts";

const device = await openDevice();

const swish = defineOperation({
  name: "swish",
  inputs: ["x"],
  numbers: ["beta"],
  forward: "x * sigmoidf(beta * x)",
  gradient: { x: "let s = sigmoidf(beta * x); return dy * (s + beta * y * (1.0 - s));" },
});

const hypot = defineOperation({
  name: "hypot",
  inputs: ["a", "b"],
  forward: "sqrt(a * a + b * b)",
  gradient: { a: "dy * a / y", b: "dy * b / y" },
});

/** The sum of each row, times a factor, by a kernel that walks the row. */
const rowSums = defineOperation({
  name: "rowSums",
  inputs: ["x"],
  forward({ x }, { factor }: { factor: number }) {
    const [rows, columns] = x.shape;
    const { sums } = runKernel({
      name: "rowSums",
      inputs: { x },
      outputs: { sums: [rows] },
      numbers: { rows: ["u32", rows], columns: ["u32", columns], factor: ["f32", factor] },
      invocations: rows,
      body: `
        if (id < u.rows) {
          var total = 0.0;
          for (var k = 0u; k < u.columns; k++) { total += x[id * u.columns + k]; }
          sums[id] = u.factor * total;
        }`,
    });
    return sums;
  },
  saved: ["x"],
  gradient(dy, { x }, { factor }) {
    return { x: zeros(x.shape).add(dy.mul(factor).reshape([-1, 1])) };
  },
});

Deno.test("defineOperation() makes an elementwise operation of expressions and numbers", async () => {
  const x = tensor([0, 1, -2], { requiresGrad: true }), y = swish(x, { beta: 1 });
  y.sum().backward();
  // PyTorch: torch.nn.functional.silu
  assertEquals((await y.data()).map((v) => Math.round(v * 1e4)), new Float32Array([0, 7311, -2384]));
  assertEquals((await x.grad!.data()).map((v) => Math.round(v * 1e4)), new Float32Array([5000, 9277, -908]));
  await gradcheck((x) => swish(x, { beta: 1.5 }), [noiseTensor([3, 5])], {
    reference: ([x]) => x.map((v) => v / (1 + Math.exp(-1.5 * v))),
  });
});

Deno.test("an elementwise operation of several inputs broadcasts, forward and back", async () => {
  const a = noiseTensor([3, 1], { offset: 3 }), b = noiseTensor([2, 1, 4], { seed: 2 });
  assertEquals(hypot(a, b).shape, [2, 3, 4]);
  await gradcheck(hypot, [a, b], { reference: binary(a.shape, b.shape, Math.hypot) });
  assertEquals(hypot(zeros([2, 0]), zeros([1])).shape, [2, 0]);
  assertEquals(await hypot(tensor(3), tensor(4)).item(), 5);
});

Deno.test("an operation records nothing in noGrad, and only what it must", async () => {
  const x = tensor([3], { requiresGrad: true });
  assertEquals(noGrad(() => hypot(x, x)).requiresGrad, false);
  assertEquals(hypot(x.detach(), x.detach()).requiresGrad, false);
  const half = defineOperation({
    name: "half",
    inputs: ["a", "b"],
    forward: "a * b",
    gradient: { a: "dy * b" },
  });
  half(x, x).backward();
  assertEquals(await x.grad!.toArray(), [3]); // of a alone
  const large = defineOperation({ name: "large", inputs: ["x"], forward: "x > 2.0", result: "bool" });
  assertEquals([await large(x).toArray(), large(x).requiresGrad], [[true], false]);
});

Deno.test("an elementwise operation keeps what the gradients that are wanted name, and passes dy on", async () => {
  const scaled = defineOperation({
    name: "scaled",
    inputs: ["a", "b", "c"],
    forward: "a * b + c",
    gradient: { a: "dy * b", b: "dy * a", c: "dy" },
  });
  const a = tensor(new Float32Array(1024)), b = tensor(new Float32Array(1024), { requiresGrad: true });
  const c = tensor(2, { requiresGrad: true });
  const before = device.memory().bytesInUse, kept = a.add(1), forgotten = b.add(1);
  const y = scaled(kept, forgotten, c);
  kept.dispose();
  forgotten.dispose();
  assertEquals(device.memory().bytesInUse - before, 2 * 4096); // y, and of the inputs what the gradient of b names
  y.sum().backward();
  assertEquals([(await b.grad!.data())[7], await c.grad!.item()], [1, 1024]);
});

Deno.test("an elementwise operation of one's own fuses in a compiled function, a kernel of one's own runs there", async () => {
  let beta = 1;
  const step = compile((x: Tensor) => rowSums(swish(x.add(1), { beta: () => beta }).mul(2), { factor: 1 }));
  const x = tensor([[0, 1, 2]]),
    wanted = () => rowSums(swish(x.add(1), { beta }).mul(2), { factor: 1 }).toArray();
  assertEquals(await step(x).toArray(), await wanted());
  beta = 3; // a number that is a function is asked at each replay
  assertEquals(await step(x).toArray(), await wanted());
  assertEquals([step.captures, step.dispatches], [1, 2]);
});

Deno.test("defineOperation() makes an operation of a kernel and a gradient", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]], { requiresGrad: true }), y = rowSums(x, { factor: 2 });
  assertEquals(await y.toArray(), [12, 30]);
  y.backward(tensor([1, 10]));
  assertEquals(await x.grad!.toArray(), [[2, 2, 2], [20, 20, 20]]);
  await gradcheck((x) => rowSums(x, { factor: 0.5 }), [noiseTensor([70, 3])]);
});

Deno.test("operations of one's own leave no memory behind", () => {
  const before = device.memory();
  {
    using _ = scope();
    const x = zeros([4, 3], { requiresGrad: true });
    rowSums(hypot(swish(x, { beta: 1 }), x), { factor: 1 }).sum().backward();
  }
  const after = device.memory();
  assertEquals([after.tensors, after.bytesInUse], [before.tensors, before.bytesInUse]);
});

Deno.test("what an operation makes besides its result is freed, and it may return its input", async () => {
  using _ = scope();
  const twice = defineOperation({ name: "twice", inputs: ["x"], forward: ({ x }) => x.add(1).add(1) });
  const same = defineOperation({
    name: "same",
    inputs: ["x"],
    forward: ({ x }) => x,
    gradient: (dy) => ({ x: dy }),
  });
  const x = tensor([1], { requiresGrad: true }), before = undisposed(device);
  const y = twice(x), z = same(x);
  assertEquals(undisposed(device), before + 2);
  assertEquals([y.requiresGrad, z.requiresGrad, nodeOf(x)], [false, true, null]);
  z.backward();
  assertEquals(await x.grad!.toArray(), [1]);
});

Deno.test("an operation's gradient is asked for what is wanted, and may be null", () => {
  const asked: unknown[] = [];
  const op = defineOperation({
    name: "op",
    inputs: ["a", "b"],
    forward: ({ a, b }, _options: { by?: number } | undefined) => a.mul(b),
    gradient(dy, _saved, options, needs) {
      asked.push({ ...needs }, options);
      return { a: dy, b: null };
    },
  });
  const a = tensor([1]), b = tensor([1], { requiresGrad: true });
  op(a, b).backward();
  op(a, b, { by: 3 }).backward();
  assertEquals(asked, [{ a: false, b: true }, undefined, { a: false, b: true }, { by: 3 }]);
  assertEquals(b.grad, null);
});

Deno.test("an operation of one's own refuses to go back through what was changed, or twice", () => {
  const x = tensor([1, 2], { requiresGrad: true }), y = swish(x, { beta: 1 }).sum();
  noGrad(() => x.fill(0));
  assertRefuses(
    () => y.backward(),
    Error,
    "Cannot run backward through swish as a tensor that it saved must be unchanged: its [2] was written in place 1 times since",
  );
  const z = rowSums(x.reshape([1, 2]), { factor: 1 });
  z.backward();
  assertRefuses(
    () => z.backward(),
    Error,
    "Cannot run backward through rowSums as what it saved must be there: it was freed by an earlier backward; " +
      "pass { retainGraph: true } to that one",
  );
});

Deno.test("WGSL that does not compile names the operation and the line", async () => {
  const wrong = defineOperation({ name: "wrong", inputs: ["x"], forward: "x + nothing" });
  const error = await assertRejects(() => wrong(tensor([1])).data(), Error);
  assertMatch(error.message, /^Cannot compile kernel wrong as its WGSL must be valid: /);
  assertMatch(error.message, /\nat line \d+: fn f0_wrong\(x: f32\) -> f32 \{ return x \+ nothing; \}$/);
  const kernel = () =>
    runKernel({
      name: "bad",
      inputs: {},
      outputs: { y: [1] },
      invocations: 1,
      body: "\n  y[0] = 1;\n  z[0] = 1.0;",
    });
  const other = await assertRejects(() => kernel().y.data(), Error);
  assertMatch(other.message, /^Cannot compile kernel bad [^]*\nat line \d+: z\[0\] = 1\.0;$/);
  assertEquals(await tensor([1]).toArray(), [1]);
});

Deno.test("runKernel() makes outputs of any type and shape, with numbers that may change", async () => {
  const run = (x: Tensor, by: number | (() => number)) =>
    runKernel({
      name: "split",
      inputs: { x },
      outputs: {
        whole: { shape: x.shape, dtype: "int32" },
        big: { shape: x.shape, dtype: "bool" },
        rest: x.shape,
      },
      numbers: { n: ["u32", x.size], by: ["f32", by], shift: ["i32", -1] },
      declarations: "fn part(v: f32) -> i32 { return i32(floor(v)); }",
      invocations: x.size,
      body: `
        if (id < u.n) {
          let v = x[id] * u.by;
          whole[id] = part(v) + u.shift;
          big[id] = u32(v > 2.0);
          rest[id] = v - floor(v) + 0.0 * expf(v);
        }`,
    });
  const x = tensor([0.5, 1.25, 3]);
  const { whole, big, rest } = run(x, 1);
  assertEquals(await whole.toArray(), [-1, 0, 2]);
  assertEquals(await big.toArray(), [false, false, true]);
  assertEquals(await rest.toArray(), [0.5, 0.25, 0]);
  assertEquals(await run(x, () => 2).whole.toArray(), [0, 1, 5]);
  assertEquals(await run(x, 4).whole.toArray(), [1, 4, 11]);
  assertEquals(run(zeros([0]), 1).whole.shape, [0]);
});

Deno.test("runKernel() lets invocations of a workgroup work together", async () => {
  const x = noiseTensor([100]).detach();
  const { y } = runKernel({
    name: "largest of four",
    inputs: { x },
    outputs: { y: [25] },
    invocations: 100,
    workgroupSize: 4,
    declarations: "var<workgroup> shared_values: array<f32, 4>;",
    body: `
      shared_values[local] = x[min(id, 99u)];
      workgroupBarrier();
      if (local == 0u && group < 25u) {
        y[group] = max(max(shared_values[0], shared_values[1]), max(shared_values[2], shared_values[3]));
      }`,
  });
  const values = await x.data();
  const wanted = Float32Array.from({ length: 25 }, (_, k) => Math.max(...values.slice(4 * k, 4 * k + 4)));
  assertEquals(await y.data(), wanted);
});

Deno.test("operations refuse what does not fit", () => {
  const x = tensor([1, 2]);
  const loose = swish as unknown as (...args: unknown[]) => Tensor;
  assertRefuses(() => loose(3), TypeError, "Cannot apply swish as x must be a tensor: 3");
  assertRefuses(
    () => loose(x),
    TypeError,
    "Cannot apply swish as its options must be an object such as { beta: 0.5 }: undefined",
  );
  assertRefuses(
    () => hypot(x, tensor([1], { dtype: "int32" })),
    TypeError,
    "Cannot apply hypot as b must be float32: it is int32",
  );
  assertRefuses(
    () => hypot(x, tensor([1, 2, 3])),
    RangeError,
    "Cannot apply hypot as the shapes must broadcast: [2] and [3]",
  );
  const wrong = defineOperation({
    name: "wrong",
    inputs: ["x"],
    forward: ({ x }) => x.mul(2),
    gradient: (dy) => ({ x: dy.sum() }),
  });
  x.requiresGrad = true;
  assertRefuses(
    () => wrong(x).sum().backward(),
    RangeError,
    "Cannot run backward through wrong as the gradient in x must be float32 [2]: it is float32 []",
  );
});

Deno.test("defineOperation() and runKernel() refuse names and counts that they cannot use", () => {
  for (const inputs of [["x", "x"], ["a b"], ["dy"]]) {
    assertRefuses(
      () => defineOperation({ name: "op", inputs, forward: "x" }),
      RangeError,
      `Cannot define operation op as its names must be WGSL identifiers, each used once, and not y or dy: "${
        inputs.at(-1)
      }"`,
    );
  }
  assertRefuses(
    () => defineOperation({ name: "op", inputs: [], forward: "1.0" }),
    RangeError,
    "Cannot define operation op as it must have an input: it has none",
  );
  const run = (changes: object) => () =>
    runKernel({
      name: "k",
      inputs: { x: zeros([1]) },
      outputs: { y: [1] },
      invocations: 1,
      body: "",
      ...changes,
    });
  for (
    const [changes, bad] of [[{ outputs: { x: [1] } }, "x"], [{ outputs: { id: [1] } }, "id"], [
      { numbers: { "1a": ["u32", 1] } },
      "1a",
    ]] as const
  ) {
    assertRefuses(
      run(changes),
      RangeError,
      "Cannot run kernel k as its names must be WGSL identifiers, each used once, and none of " +
        `u, id, group, local, wid, nwg, main, Uniforms: "${bad}"`,
    );
  }
  assertRefuses(
    run({ outputs: {} }),
    RangeError,
    "Cannot run kernel k as it must have an output: it has none",
  );
  assertRefuses(
    run({ invocations: 1.5 }),
    RangeError,
    "Cannot run kernel k as invocations must be a whole number from 0 up: 1.5",
  );
  assertRefuses(
    run({ workgroupSize: 0 }),
    RangeError,
    "Cannot run kernel k as workgroupSize must be a whole number from 1 up: 0",
  );
  assertRefuses(
    run({ outputs: { y: [-1] } }),
    RangeError,
    "Cannot run a kernel as outputs must be an object of shapes, which are arrays of whole numbers from 0 up: y is [-1]",
  );
});
