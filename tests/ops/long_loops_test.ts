// Sizes at which loops that go through all of a row, a sum or a window would be ended early by Mesa's CPU adapter
// (ops/kernels/wgsl/loop_limit.ts), against float64 on the CPU. Each test runs with both sets of kernels.
import { assertEquals } from "@std/assert";
import {
  compile,
  type Device,
  full,
  openDevice,
  optim,
  rand,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../mod.ts";
import { noise } from "../support/oracle.ts";
import { assertClose } from "../support/values.ts";

type Profile = "cpu" | "gpu";
let open: Device | null = null;

/** Opens a device with one set of kernels; tests run one after the other. */
async function deviceWith(kernels: Profile): Promise<Device> {
  if (open?.kernels === kernels) return open;
  open?.close();
  return open = await openDevice({ kernels });
}

function test(name: string, fn: (device: Device) => Promise<void>): void {
  for (const kernels of ["cpu", "gpu"] as const) {
    Deno.test(`${name}, ${kernels} kernels`, async () => {
      const device = await deviceWith(kernels);
      using _ = scope();
      await fn(device);
    });
  }
}

/** What a row becomes, in float64. */
type RowOf = (x: Float64Array, dy: Float64Array) => { y: ArrayLike<number>; dx: ArrayLike<number> };

function softmaxOf(x: Float64Array): { p: Float64Array; shift: number } {
  let top = -Infinity, total = 0;
  for (const v of x) top = Math.max(top, v);
  const p = x.map((v) => Math.exp(v - top));
  for (const v of p) total += v;
  return { p: p.map((v) => v / total), shift: top + Math.log(total) };
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, k) => sum + v * b[k], 0);
const label = (x: Float64Array) => x.length - 3; // beyond the 65,535th element
const weightOf = (k: number) => 0.5 + k % 3;
const SMOOTHING = 0.25;

/** The loss of a row with target shares q and weights w: `sum w q (shift - x)`, its gradient times the first of dy. */
function lossOf(x: Float64Array, dy: number, share: (k: number) => number) {
  const { p, shift } = softmaxOf(x);
  let loss = 0, all = 0;
  x.forEach((v, k) => {
    loss += share(k) * (shift - v);
    all += share(k);
  });
  return { y: [loss], dx: x.map((_, k) => dy * (p[k] * all - share(k))) };
}

const labels = (x: Tensor, dim: number) =>
  tensor(new Int32Array(x.size / x.shape[dim]).fill(x.shape[dim] - 3), {
    shape: x.shape.filter((_, d) => d !== dim),
  });
const weights = (x: Tensor, dim: number) =>
  tensor(Float32Array.from({ length: x.shape[dim] }, (_, k) => weightOf(k)));
const shares = (n: number) => Float32Array.from({ length: n }, (_, k) => (k % 5) / (2 * n));

/** Operations on rows along dimension 1: what they give for the tensor, and for a row. */
const ROWS: [
  name: string,
  op: (x: Tensor) => Tensor,
  rowOf: RowOf,
  tolerance: { atol?: number; rtol: number },
][] = [
  ["softmax", (x) => x.softmax({ dim: 1 }), (x, dy) => {
    const { p } = softmaxOf(x), all = dot(p, dy);
    return { y: p, dx: p.map((v, k) => v * (dy[k] - all)) };
  }, { rtol: 1e-5, atol: 1e-10 }],
  ["logSoftmax", (x) => x.logSoftmax({ dim: 1 }), (x, dy) => {
    const { p, shift } = softmaxOf(x), all = dy.reduce((a, b) => a + b, 0);
    return { y: x.map((v) => v - shift), dx: dy.map((v, k) => v - p[k] * all) };
  }, { rtol: 1e-5, atol: 1e-6 }],
  ["crossEntropy", (x) => x.crossEntropy(labels(x, 1), { reduction: "none" }), (x, [dy]) => {
    return lossOf(x, dy, (k) => Number(k === label(x)));
  }, { rtol: 1e-5, atol: 1e-10 }],
  [
    "crossEntropy with weights and smoothing",
    (x) =>
      x.crossEntropy(labels(x, 1), { weight: weights(x, 1), labelSmoothing: SMOOTHING, reduction: "none" }),
    (x, [dy]) => {
      const hard = (1 - SMOOTHING) * weightOf(label(x)), soft = SMOOTHING / x.length;
      return lossOf(x, dy, (k) => (k === label(x) ? hard : 0) + soft * weightOf(k));
    },
    { rtol: 1e-5, atol: 1e-9 },
  ],
  ["nllLoss", (x) => x.nllLoss(labels(x, 1), { reduction: "none" }), (x, [dy]) => {
    return { y: [-x[label(x)]], dx: x.map((_, k) => (k === label(x) ? -dy : 0)) };
  }, { rtol: 0 }],
  ["layerNorm", (x) => x.flatten({ startDim: 1 }).layerNorm({ normalizedShape: x.shape[1] }), (x, dy) => {
    const n = x.length, mean = x.reduce((a, b) => a + b, 0) / n;
    const inverse = 1 / Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / n + 1e-5);
    const y = x.map((v) => (v - mean) * inverse), g = dy.reduce((a, b) => a + b, 0) / n, h = dot(dy, y) / n;
    return { y, dx: dy.map((v, k) => (v - g - y[k] * h) * inverse) };
  }, { rtol: 1e-5, atol: 1e-5 }],
  ["cumsum", (x) => x.cumsum({ dim: 1 }), (x, dy) => {
    let sum = 0, back = 0;
    return { y: x.map((v) => sum += v), dx: dy.toReversed().map((v) => back += v).toReversed() };
  }, { rtol: 1e-5, atol: 1e-3 }],
  ["logsumexp", (x) => x.logsumexp({ dim: 1 }), (x, [dy]) => {
    const { p, shift } = softmaxOf(x);
    return { y: [shift], dx: p.map((v) => v * dy) };
  }, { rtol: 1e-5, atol: 1e-10 }],
  ["var", (x) => x.var({ dim: 1 }), (x, [dy]) => {
    const n = x.length, mean = x.reduce((a, b) => a + b, 0) / n;
    return {
      y: [x.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1)],
      dx: x.map((v) => 2 * dy * (v - mean) / (n - 1)),
    };
  }, { rtol: 1e-5, atol: 1e-9 }],
];

/** Few rows and one, side by side and interleaved. */
const SHAPES = [[3, 70_000], [1, 200_000], [1, 70_000, 2]];

for (const [name, op, rowOf, tolerance] of ROWS) {
  test(`${name} of long rows is right to the end`, async () => {
    for (const shape of name === "layerNorm" ? SHAPES.slice(0, 2) : SHAPES) {
      const [outer, size, inner = 1] = shape;
      const x = tensor(noise(1, outer * size * inner).map((v) => 4 * v), { shape, requiresGrad: true }),
        y = op(x);
      const dy = noise(2, y.size);
      y.backward(tensor(dy, { shape: y.shape }));
      const [data, got, dx] = await Promise.all([x.data(), y.data(), x.grad!.data()]);
      for (let r = 0; r < outer * inner; r++) {
        const row = (from: ArrayLike<number>) => {
          const n = from.length / (outer * inner), first = Math.floor(r / inner) * n * inner + r % inner;
          return Float64Array.from({ length: n }, (_, k) => from[first + k * inner]);
        };
        const want = rowOf(row(data), row(dy));
        assertClose(row(got), want.y, tolerance);
        assertClose(row(dx), want.dx, tolerance);
      }
    }
  });
}

test("crossEntropy against probabilities of 70,000 classes is right, gradients too", async () => {
  const n = 70_000, x = tensor(noise(3, n).map((v) => 4 * v), { shape: [1, n], requiresGrad: true });
  const target = tensor(shares(n), { shape: [1, n], requiresGrad: true });
  const loss = x.crossEntropy(target, { weight: weights(x, 1), labelSmoothing: SMOOTHING, reduction: "sum" });
  loss.backward();
  const row = Float64Array.from(await x.data()), q = await target.data();
  const want = lossOf(row, 1, (k) => weightOf(k) * ((1 - SMOOTHING) * q[k] + SMOOTHING / n));
  assertClose(await loss.data(), want.y, { rtol: 1e-5 });
  assertClose(await x.grad!.data(), want.dx, { rtol: 1e-4, atol: 1e-9 });
  const { shift } = softmaxOf(row);
  const dq = row.map((v, k) => (1 - SMOOTHING) * weightOf(k) * (shift - v));
  assertClose(await target.grad!.data(), dq, { rtol: 1e-5 });
});

test("one NaN makes all of a long row NaN", async () => {
  const n = 70_000, x = tensor(noise(4, 2 * n).fill(NaN, n - 1, n), { shape: [2, n] });
  const y = await x.softmax({ dim: 1 }).data();
  assertEquals([y.subarray(0, n).every(Number.isNaN), y.subarray(n).some(Number.isNaN)], [true, false]);
});

/** Size, how many are looked for, and what they are found among: few at the top of a long row, and most of it. */
const TOPS = [[200_000, 5], [20_000, 1000], [9_000, 4_000]];

test("topk of long rows agrees with a stable sort, NaN largest, gradients too", async () => {
  for (const [n, k] of TOPS) {
    for (const [largest, dtype] of [[true, "float32"], [false, "int32"]] as const) {
      const values = noise(n, 2 * n).map((v) => Math.round(2000 * v)); // many are equal
      if (dtype === "float32") values.set([NaN, -0, Infinity, -Infinity, 0], n - 9);
      const shape = [1, n, 2],
        rank = Float64Array.from(values, (v) => {
          const key = Number.isNaN(v) ? 1e39 : Math.min(Math.max(v, -1e38), 1e38);
          return largest ? -key : key;
        });
      const x = tensor(dtype === "int32" ? Int32Array.from(values) : values, {
        shape,
        requiresGrad: dtype === "float32",
      });
      const top = x.topk(k, { dim: 1, largest }), got = await top.indices.data();
      const order = [0, 1].map((r) =>
        Int32Array.from({ length: n }, (_, i) => i).sort((i, j) => rank[2 * i + r] - rank[2 * j + r] || i - j)
      );
      const want = Int32Array.from({ length: 2 * k }, (_, i) => order[i % 2][i >> 1]);
      assertClose(got, want, {});
      assertClose(await top.values.data(), Float32Array.from(want, (at, i) => values[2 * at + i % 2]), {});
      if (dtype === "int32") continue;
      top.values.backward(tensor(noise(5, 2 * k), { shape: [1, k, 2] }));
      const dx = new Float32Array(2 * n), dy = noise(5, 2 * k);
      want.forEach((at, i) => dx[2 * at + i % 2] = dy[i]);
      assertClose(await x.grad!.data(), dx, {});
    }
  }
});

/** Each element of `a [m, k] b [k, n]` that is looked at, in float64. */
function expectProduct(
  y: ArrayLike<number>,
  a: Float32Array,
  b: Float32Array,
  k: number,
  transA = false,
): void {
  const m = a.length / k, n = b.length / k, want: number[] = [], got: number[] = [];
  for (let at = 0; at < m * n; at += Math.ceil(m * n / 16)) {
    const i = Math.floor(at / n), j = at % n;
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a[transA ? p * m + i : i * k + p] * b[p * n + j];
    want.push(sum);
    got.push(y[at]);
  }
  assertClose(got, want, { rtol: 2e-5 });
}

test("sums of 100,000 products are right, of few outputs and of many", async ({ kernels }) => {
  const k = 100_000;
  for (const [m, n] of kernels === "cpu" ? [[3, 5], [92, 92]] : [[3, 5]]) {
    const a = rand([m, k]),
      b = rand([k, n]),
      [x, y] = await Promise.all([a.data(), b.data()]) as Float32Array[];
    expectProduct(await a.matmul(b).data(), x, y, k);
    const weight = zeros([m, n], { requiresGrad: true }), dy = a.reshape([k, m]);
    b.linear(weight, { bias: zeros([m], { requiresGrad: true }) }).backward(dy); // the batch is what is summed over
    expectProduct(await weight.grad!.data(), x, y, k, true);
  }
});

test("windows of 300 by 300 give their mean and maximum, and take the gradients", async () => {
  const side = 300, plane = side * side, values = noise(6, 2 * plane);
  for (const kind of ["mean", "max"]) {
    const x = tensor(values, { shape: [1, 1, 2 * side, side], requiresGrad: true });
    const y = kind === "max" ? x.maxPool2d({ kernelSize: side }) : x.avgPool2d({ kernelSize: side });
    y.backward(tensor([3, 5], { shape: y.shape }));
    const parts = [values.subarray(0, plane), values.subarray(plane)];
    const tops = parts.map((part) => part.reduce((a, b) => Math.max(a, b)));
    const want = kind === "max" ? tops : parts.map((part) => part.reduce((a, b) => a + b, 0) / plane);
    assertClose(await y.data(), want, { rtol: 1e-5, atol: 1e-8 });
    const dx = values.map((v, i) => {
      const part = i < plane ? 0 : 1, dy = [3, 5][part];
      return kind === "mean" ? dy / plane : v === tops[part] ? dy : 0;
    });
    assertClose(await x.grad!.data(), dx, { rtol: 1e-6 });
  }
});

test("a captured step works on long rows and large windows as the plain one does", async () => {
  const x = tensor(noise(8, 90_000), { shape: [1, 1, 300, 300] });
  const step = compile((x: Tensor) => {
    const pooled = x.avgPool2d({ kernelSize: 300 }).exp(), top = x.maxPool2d({ kernelSize: 300 }).mul(2);
    return [x.flatten().softmax({ dim: 0 }).mul(3), pooled, top] as const;
  });
  const plain = [x.flatten().softmax({ dim: 0 }).mul(3), x.mean().exp(), x.amax().mul(2)];
  for (const _ of [1, 2]) {
    for (const [k, y] of step(x).entries()) {
      assertClose(await y.data(), await plain[k].data(), { rtol: 1e-5 });
    }
  }
  step.dispose();
});

test("an element that was spread over 70,000 places gathers its gradient", async () => {
  const n = 70_000,
    dy = noise(7, 2 * n + 1),
    sum = (from: number, to: number) => dy.slice(from, to).reduce((a, b) => a + b, 0);
  const x = tensor([1, 2], { shape: [1, 1, 1, 2], requiresGrad: true });
  x.interpolate({ size: [1, 2 * n] }).backward(tensor(dy.slice(0, -1), { shape: [1, 1, 1, 2 * n] }));
  assertClose(await x.grad!.data(), [sum(0, n), sum(n, 2 * n)], { atol: 1e-3 });
  const z = tensor([1, 2], { shape: [1, 1, 2, 1], requiresGrad: true });
  z.pad([0, 0, 2 * n - 1, 0], { mode: "replicate" }).backward(tensor(dy, { shape: [1, 1, 2 * n + 1, 1] }));
  assertClose(await z.grad!.data(), [sum(0, 2 * n), dy[2 * n]], { atol: 1e-3 });
});

test("21 million elements are summed and updated to the last", async () => {
  const n = 21_000_003, x = full([n], 0.5, { requiresGrad: true });
  x.grad = full([n], 0.25);
  new optim.SGD([x], { lr: 1 }).step();
  assertEquals(
    await Promise.all([x.sum(), x.amin(), x.amax()].map((t) => t.item())),
    [n / 4, 0.25, 0.25].map(Math.fround),
  );
});
