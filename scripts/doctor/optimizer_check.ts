/**
 * Kernels over lists of tensors, which update all parameters at once and take their norm, against float64.
 *
 * @module
 */
import { nn, optim, scope, tensor } from "../../mod.ts";
import { noise } from "../../tests/support/oracle.ts";
import type { Check } from "./report.ts";
import { tried } from "./tried.ts";

/** Sizes of the parameters: one, some, and more than one workgroup's work. */
const SIZES = [1, 37, 3000];
/** Steps that are made, and Adam's numbers as float32 has them. */
const STEPS = 5, LR = Math.fround(0.01), BETAS = [0.9, 0.999], EPS = 1e-8;
/** Units in the last place of the largest parameter that five steps may be off. */
const MOST_ULPS = 16;
/** The norm to which gradients are clipped. */
const CLIPPED = 0.5;

/** Adam's steps in float64; the same gradients at each. */
function adam(parameters: Float64Array[], gradients: readonly Float64Array[]): void {
  parameters.forEach((p, k) => {
    const m = new Float64Array(p.length), v = new Float64Array(p.length);
    for (let step = 1; step <= STEPS; step++) {
      gradients[k].forEach((g, i) => {
        m[i] = BETAS[0] * m[i] + (1 - BETAS[0]) * g;
        v[i] = BETAS[1] * v[i] + (1 - BETAS[1]) * g * g;
        p[i] -= LR * m[i] / (1 - BETAS[0] ** step) / (Math.sqrt(v[i] / (1 - BETAS[1] ** step)) + EPS);
      });
    }
  });
}

/** Clips gradients by their norm, and makes steps of Adam with them. */
export async function optimizerCheck(): Promise<Check[]> {
  const name = "lists of tensors, Adam and norms", group = "families";
  return await tried(group, name, async () => {
    using _tensors = scope();
    const values = SIZES.map((n, k) => noise(k + 1, n)), slopes = SIZES.map((n, k) => noise(k + 11, n));
    const parameters = values.map((numbers) => tensor(numbers, { requiresGrad: true }));
    parameters.forEach((p, k) => p.grad = tensor(slopes[k]));
    nn.utils.clipGradNorm(parameters, CLIPPED);
    const opt = new optim.Adam(parameters, { lr: 0.01 });
    for (let step = 0; step < STEPS; step++) opt.step();
    const norm = Math.sqrt(slopes.reduce((sum, g) => g.reduce((s, v) => s + v * v, sum), 0));
    const clipped = slopes.map((g) => Float64Array.from(g, (v) => v * CLIPPED / (norm + 1e-6)));
    const wanted = values.map((numbers) => Float64Array.from(numbers));
    adam(wanted, clipped);
    const got = await Promise.all(parameters.map((p) => p.data()));
    const off = wanted.flatMap((numbers, k) => [...numbers].map((v, i) => Math.abs(got[k][i] - v)));
    const ulps = off.reduce((a, b) => Math.max(a, b), 0) / 2 ** -24; // parameters are below a half
    const found = ulps <= MOST_ULPS
      ? []
      : [`parameters are ${ulps.toFixed(0)} units off after ${STEPS} steps`];
    return [{ group, name, ok: ulps <= MOST_ULPS, ulps, found }];
  });
}
