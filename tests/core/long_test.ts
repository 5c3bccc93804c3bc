// Sizes at which loops that go through all of a row, a sum or a window would be ended early by Mesa's CPU adapter
// (ops/kernels/loops.ts), against float64 on the CPU. A device of each profile, as every adapter has but one.
import { assertEquals } from "@std/assert";
import { type Device, nn, openDevice, optim, scope, type Tensor, tensor, zeros } from "../../mod.ts";
import { noise } from "../support/oracle.ts";
import { assertClose } from "../support/values.ts";

type Profile = "cpu" | "gpu";
let open: Device | null = null;

/** Opens a device with the kernels of a profile; tests run one after the other. */
async function deviceWith(profile: Profile): Promise<Device> {
  if (open?.profile === profile) return open;
  open?.close();
  return open = await openDevice({ profile });
}

function test(name: string, fn: (device: Device) => Promise<void>): void {
  for (const profile of ["cpu", "gpu"] as const) {
    Deno.test(`${name}, ${profile} kernels`, async () => {
      const device = await deviceWith(profile);
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
