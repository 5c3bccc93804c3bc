/**
 * A convolution of a network's size, which CPU adapters compute by Winograd's scheme, against plain loops in float64.
 *
 * @module
 */
import { conv2d, scope, tensor } from "../../mod.ts";
import { noise } from "../../tests/support/oracle.ts";
import type { Check } from "./report.ts";
import { tried } from "./tried.ts";

/** Channels in and out, and the size of the image; the kernel is 3 by 3, padded by 1. */
const IN = 96, OUT = 96, SIZE = 16;
/** Units in the last place of the largest element that Winograd's scheme may be off: it adds and takes away more. */
const MOST_ULPS = 256;

/** Calls `visit` for each product of an element of x and one of the weight, with the place that it is added to. */
function eachProduct(visit: (x: number, w: number, y: number) => void): void {
  for (let o = 0; o < OUT; o++) {
    for (let c = 0; c < IN; c++) {
      for (let tap = 0; tap < 9; tap++) {
        const down = Math.floor(tap / 3) - 1, right = tap % 3 - 1, w = (o * IN + c) * 9 + tap;
        for (let i = Math.max(0, -down); i < Math.min(SIZE, SIZE - down); i++) {
          for (let j = Math.max(0, -right); j < Math.min(SIZE, SIZE - right); j++) {
            visit((c * SIZE + i + down) * SIZE + j + right, w, (o * SIZE + i) * SIZE + j);
          }
        }
      }
    }
  }
}

/** The largest distance, in units in the last place of the largest element. */
function ulpsOff(got: ArrayLike<number>, wanted: Float64Array): number {
  const largest = wanted.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const off = wanted.reduce((a, b, i) => Math.max(a, Math.abs(got[i] - b)), 0); // NaN stays
  return off / 2 ** (Math.floor(Math.log2(largest)) - 23);
}

/** Compares results and both gradients. */
export async function winogradCheck(): Promise<Check[]> {
  const name = "convolution, Winograd", group = "families";
  return await tried(group, name, async () => {
    using _tensors = scope();
    const [a, b, g] = [IN * SIZE ** 2, OUT * IN * 9, OUT * SIZE ** 2].map((n, k) => noise(k + 1, n));
    const x = tensor(a, { shape: [1, IN, SIZE, SIZE], requiresGrad: true });
    const weight = tensor(b, { shape: [OUT, IN, 3, 3], requiresGrad: true });
    const y = conv2d(x, weight, { padding: 1 }),
      wanted = [g.length, a.length, b.length].map((n) => new Float64Array(n));
    y.backward(tensor(g, { shape: y.shape }));
    eachProduct((i, j, k) => {
      wanted[0][k] += a[i] * b[j];
      wanted[1][i] += g[k] * b[j];
      wanted[2][j] += g[k] * a[i];
    });
    const got = await Promise.all([y, x.grad!, weight.grad!].map((t) => t.data()));
    const ulps = got.map((each, k) => ulpsOff(each, wanted[k]));
    const found = ["y", "the gradient in x", "the gradient in the weight"]
      .flatMap((what, k) => ulps[k] <= MOST_ULPS ? [] : [`${what} is ${ulps[k].toFixed(0)} units off`]);
    return [{
      group,
      name,
      ok: found.length === 0,
      ulps: ulps[0],
      gradientUlps: Math.max(ulps[1], ulps[2]),
      found,
    }];
  });
}
