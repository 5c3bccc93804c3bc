/**
 * Draws: ones with given probabilities, and places with given weights. No gradient flows.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { runSingleKernel } from "../core/families/single_kernel.ts";
import type { Program } from "../kernels/wgsl/program.ts";
import { floatFunction, programOf } from "../kernels/wgsl/program.ts";
import { read, u32s, write } from "../kernels/wgsl/text.ts";
import { BOOLEAN, whole } from "../core/kinds.ts";
import { show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { compute } from "../core/tensor/compute.ts";
import { empty } from "../core/tensor/create.ts";
import { storageOf } from "../core/tensor/internals.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { rand, streamNumbers } from "../core/tensor/random.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { topk } from "../indexing/topk.ts";
import { cumsum } from "../reduction/cumsum.ts";
import { viewAs } from "../shape/view_as.ts";

const takesBernoulli = signature("apply bernoulli", { x: FLOAT_TENSOR });

const STREAM = ["key0", "key1", "call0", "call1"];
const COIN: Program = {
  inputs: ["float32"],
  numbers: STREAM.map(() => "int32"),
  steps: [{
    fn: {
      name: "coin",
      args: [["p", "float32"], ...["n", ...STREAM].map((name) => [name, "int32"] as const)],
      result: "float32",
      body: `select(select(0.0, 1.0, random_unit(n, ${STREAM.join(", ")}) < p), p, isnanf(p))`,
    },
    args: ["i0", "n", "p0", "p1", "p2", "p3"],
  }],
  outputs: ["s0"],
};

/**
 * Draws 1 with the probability that each element of `x` is, and else 0.
 *
 * @param x Probabilities from 0 to 1, float32, of any shape; NaN stays, where PyTorch throws.
 * @returns A tensor of zeros and ones of the same shape, float32.
 *
 * @example Usage
 * ```ts
 * import { bernoulli, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await bernoulli(tensor([0, 1])).toArray(), [0, 1]);
 * ```
 */
export function bernoulli(x: Tensor): Tensor {
  takesBernoulli(arguments);
  return compute("bernoulli", COIN, x.shape, [x], streamNumbers(), "float32");
}

/** Options of {@linkcode multinomial}. */
export interface MultinomialOptions {
  /** Whether a place may be drawn again, false unless given. */
  replacement?: boolean;
}

const takesMultinomial = signature<MultinomialOptions>("apply multinomial", {
  x: FLOAT_TENSOR,
  numSamples: whole(1),
}, {
  replacement: BOOLEAN,
}, "replacement");

/**
 * Draws places of a row, each as likely as its weight says.
 *
 * @param x Weights from 0 up, float32, `[n]` or `[rows, n]`, that need not add up to 1; a row must
 *   have one above 0, and without replacement as many as are drawn. That is not looked at, as it would
 *   have to be read back.
 * @param numSamples How many are drawn of each row.
 * @param options Whether a place may be drawn again. `replacement` may stand alone.
 * @returns `[numSamples]` or `[rows, numSamples]`, int32.
 * @throws {RangeError} If `x` has no such shape, or fewer places than are drawn without replacement.
 *
 * @example Usage
 * ```ts
 * import { multinomial, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await multinomial(tensor([0, 3, 0]), 1).toArray(), [1]);
 * ```
 */
export function multinomial(
  x: Tensor,
  numSamples: number,
  options: MultinomialOptions | boolean = {},
): Tensor {
  options = takesMultinomial(arguments);
  const { replacement = false } = options, { shape } = x, n = shape.at(-1) ?? 0;
  if (shape.length < 1 || shape.length > 2 || n === 0 || (!replacement && numSamples > n)) {
    throw new RangeError(
      `Cannot apply multinomial as x must be [n] or [rows, n], with as many places as are drawn once each: ${numSamples} of x of shape ${
        show(shape)
      }`,
    );
  }
  return composed(() => replacement ? drawn(x, numSamples) : topk(raced(x), numSamples, { dim: -1 }).indices);
}

/** Of exponential waiting times at these rates the shortest come first: their inverses are compared. */
const WAIT = programOf(floatFunction("rate_of_wait", ["w", "u"], "select(w / -log1pf(-u), w, u == 0.0)"));

function raced(x: Tensor): Tensor {
  return compute("multinomial", WAIT, x.shape, [x, rand(x.shape)], [], "float32");
}

/** Finds by bisection where a random share of the whole weight is reached. */
function drawn(x: Tensor, count: number): Tensor {
  const n = x.shape.at(-1)!, rows = x.size / n, y = empty([...x.shape.slice(0, -1), count], "int32");
  if (y.size === 0) return y;
  const sums = cumsum(viewAs("multinomial", x.detach(), [rows, n]), { dim: 1 }), shares = rand([rows, count]);
  const body = /* wgsl */ `
  if (id < u.total) {
    let first = id / u.count * u.n;
    let whole = sums[first + u.n - 1u];
    let wanted = min(shares[id] * whole, bitcast<f32>(max(bitcast<u32>(whole), 1u) - 1u)); // less than the whole
    var at = 0u;
    var end = u.n - 1u;
    while (at < end) {
      let middle = (at + end) / 2u;
      if (sums[first + middle] <= wanted) { at = middle + 1u; } else { end = middle; }
    }
    y[id] = i32(at);
  }`;
  runSingleKernel(
    "multinomial",
    {
      bindings: [read("sums", "f32"), read("shares", "f32"), write("y", "i32")],
      numberDecls: u32s("total", "count", "n"),
      body,
      numbers: [y.size, count, n],
      invocations: y.size,
    },
    [storageOf(sums), storageOf(shares)],
    [storageOf(y)],
  );
  return y;
}
