import { assertEquals } from "@std/assert";
import { compile, openDevice, optim, tensor, zeros } from "../../../mod.ts";
import { noise } from "../../support/oracle.ts";
import { assertClose, assertRefuses } from "../../support/values.ts";

await openDevice();

type Matrix = number[][];
const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, v, k) => sum + v * b[k][j], 0)));
const turned = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
const mixed = (...parts: [number, Matrix][]): Matrix =>
  parts[0][1].map((row, i) => row.map((_, j) => parts.reduce((sum, [w, m]) => sum + w * m[i][j], 0)));

/** Newton's and Schulz's iteration in float64. */
function orthogonal(x: Matrix): Matrix {
  const isTall = x.length > x[0].length, norm = Math.hypot(...x.flat());
  let y = mixed([1 / Math.max(norm, 1e-7), isTall ? turned(x) : x]);
  for (let turn = 0; turn < 5; turn++) {
    const a = times(y, turned(y));
    y = mixed([3.4445, y], [1, times(mixed([-4.775, a], [2.0315, times(a, a)]), y)]);
  }
  return isTall ? turned(y) : y;
}

const matrix = (seed: number, rows: number, columns: number, scale = 1): Matrix => {
  const values = noise(seed, rows * columns);
  return Array.from(
    { length: rows },
    (_, i) => Array.from({ length: columns }, (_, j) => values[i * columns + j] * scale),
  );
};

for (const [rows, columns, nesterov] of [[5, 3, true], [3, 5, false], [1, 4, true], [4, 4, true]] as const) {
  Deno.test(`Muon steps a ${rows} by ${columns} matrix as its formula says${nesterov ? ", looking ahead" : ""}`, async () => {
    const [lr, weightDecay, momentum] = [0.1, 0.3, 0.8];
    let p = matrix(1, rows, columns, 2), average = p.map((row) => row.map(() => 0));
    const w = tensor(p, { requiresGrad: true }),
      opt = new optim.Muon([w], { lr, weightDecay, momentum, nesterov });
    for (let t = 0; t < 3; t++) {
      const g = matrix(10 + t, rows, columns);
      w.grad = tensor(g);
      opt.step();
      average = mixed([momentum, average], [1 - momentum, g]);
      const direction = nesterov ? mixed([1 - momentum, g], [momentum, average]) : average;
      p = mixed([1 - lr * weightDecay, p], [
        -lr * Math.sqrt(Math.max(1, rows / columns)),
        orthogonal(direction),
      ]);
    }
    assertClose(await w.data(), p.flat(), { atol: 1e-5 });
    assertEquals(Object.keys(opt.stateDict().state[0]), ["step", "momentum_buffer"]);
  });
}

Deno.test("Muon steps alike captured, with a rate that a schedule changes", async () => {
  const make = () => {
    const w = tensor(matrix(1, 4, 3), { requiresGrad: true }), opt = new optim.Muon([w], { lr: 0.1 });
    const schedule = new optim.lrScheduler.ExponentialLR(opt, { gamma: 0.5 });
    const step = () => {
      opt.zeroGrad();
      w.mul(w).sum().backward();
      opt.step();
    };
    return { w, schedule, step };
  };
  const a = make(), b = make(), captured = compile(b.step);
  for (let t = 0; t < 3; t++) {
    a.step();
    captured();
    a.schedule.step();
    b.schedule.step();
  }
  assertClose(await b.w.data(), await a.w.data(), { atol: 1e-6 });
});

Deno.test("Muon refuses what is no matrix", () => {
  const bias = zeros([3], { requiresGrad: true });
  assertRefuses(
    () => new optim.Muon([bias]),
    RangeError,
    "Cannot make Muon as its parameters must be matrices: one has shape [3]",
  );
  assertRefuses(
    () => new optim.Muon([zeros([2, 2], { requiresGrad: true })], { nsSteps: 0.5 }),
    RangeError,
    "Cannot make Muon as nsSteps must be a whole number from 0 to 99: 0.5",
  );
});
