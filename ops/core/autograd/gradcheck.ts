/**
 * Checking gradients against differences.
 *
 * @module
 */
import { scope } from "../scope.ts";
import { show } from "../shape.ts";
import { signature } from "../signature.ts";
import { tensor } from "../tensor/create.ts";
import { TENSOR } from "../tensor/kinds.ts";
import { Tensor } from "../tensor/tensor.ts";
import { noGrad } from "./autograd.ts";
import { describe } from "../describe.ts";
import { FUNCTION, kind, listOf, NUMBER } from "../kinds.ts";

/** Options of {@linkcode gradcheck}. */
export interface GradcheckOptions {
  /**
   * The same function in float64: takes the inputs' elements, row-major, and gives the output's. Differences are then
   * taken of it, which is quicker and far sharper than of float32 values.
   */
  reference?: (inputs: Float64Array[]) => ArrayLike<number>;
  /** Step of the differences for inputs up to 1; larger inputs get it times their size. 1e-6 with a reference, else 2^-7. */
  eps?: number;
  /** Difference that is always allowed, 1e-5 with a reference, else 2e-3. */
  atol?: number;
  /** Share of the numeric gradient that is allowed on top, 1e-4 with a reference, else 1e-2. */
  rtol?: number;
}

/**
 * With a reference, a central difference of step 1e-6 is right to about 1e-9, so what is left is the float32 rounding
 * of the gradient itself: some units of 6e-8 for each of its terms. Without one the outputs carry that rounding: 6e-8
 * over a step of 2^-7 makes 1e-5 for each output of size 1, and the truncated term, step² f''' / 6, as much again.
 */
const DEFAULTS = {
  float64: { eps: 1e-6, atol: 1e-5, rtol: 1e-4 },
  float32: { eps: 2 ** -7, atol: 2e-3, rtol: 1e-2 },
} as const;

/** How many evaluations wait for the GPU together: a read costs 10 ms however little it waits for. */
const TOGETHER = 128;
/** How many mismatches an error lists. */
const MOST_LINES = 5;

type Settings = Required<Omit<GradcheckOptions, "reference">>;
type Fn = (...inputs: Tensor[]) => Tensor;

const takesReference = signature("check gradients", {
  "what reference gives": kind(
    "an array of numbers",
    "[1]",
    (v) => Array.isArray(v) || ArrayBuffer.isView(v) && "length" in v,
  ),
});
const takes = signature<GradcheckOptions>("check gradients", {
  fn: FUNCTION,
  inputs: listOf(TENSOR, "tensors"),
}, { reference: FUNCTION, eps: NUMBER, atol: NUMBER, rtol: NUMBER });

/**
 * Compares the gradients of `fn` with central differences, for every element of every input that requires one.
 *
 * The outputs are weighted unevenly and summed, and the gradient of that sum is checked: with equal weights a wrong
 * gradient of a softmax or a transpose goes unseen. Choose inputs away from kinks, such as 0 for `relu` or two equal
 * values for a maximum: a difference across a kink is neither of its gradients. `grad` of the inputs is left alone.
 *
 * @param fn What to check. It takes the inputs and gives a float32 tensor; the same inputs must give the same output.
 * @param inputs The inputs, on the GPU. Those that require a gradient are checked.
 * @param options A float64 reference to take the differences of; step and tolerances.
 * @throws {Error} If values or gradients differ. It lists the worst: input, element, analytic and numeric gradient.
 * @throws {RangeError} If no input requires a gradient.
 * @throws {TypeError} If the output is not float32.
 *
 * @example Usage
 * ```ts
 * import { gradcheck, matmul, openDevice, tensor } from "@plunge/plunge";
 * import { assertRejects } from "@std/assert";
 *
 * await openDevice();
 * const a = tensor([[1, -2, 3]], { requiresGrad: true }), b = tensor([[2], [0.5], [1]], { requiresGrad: true });
 * await gradcheck((a, b) => matmul(a, b).tanh(), [a, b]);
 * // a gradient that does not reach the input is found
 * await assertRejects(() => gradcheck((a) => a.mul(a.detach()), [a]), Error, "gradients");
 * ```
 */
export async function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): Promise<void> {
  takes(arguments);
  const { reference } = options;
  const settings: Settings = { ...DEFAULTS[reference ? "float64" : "float32"], ...given(options) };
  if (!inputs.some((t) => t.requiresGrad)) {
    throw new RangeError("Cannot check gradients as an input must require one: none does");
  }
  const values = (await Promise.all(inputs.map((t) => t.data()))).map((v) => Float64Array.from(v));
  const { y, shape, gradients } = await analytic(fn, inputs);
  if (reference) {
    const wanted = reference(values.map((v) => v.slice()));
    takesReference([wanted]);
    compareValues(y, wanted, shape, settings);
  }
  const probes = probesOf(inputs, values, settings.eps, reference === undefined);
  const numeric = reference
    ? probes.map((p) => difference(p, (x) => reference(replaced(values, p, x)), weightsOf(y.length)))
    : await numericOnGpu(fn, inputs, values, probes, weightsOf(y.length));
  compareGradients(probes, gradients, numeric, inputs, settings);
}

function given({ eps, atol, rtol }: GradcheckOptions): Partial<Settings> {
  return Object.fromEntries(Object.entries({ eps, atol, rtol }).filter(([, v]) => v !== undefined));
}

/** Fixed irregular weights, 0.5 to 1.5 of either sign, exact in float32: multiples of the golden ratio, hashed. */
function weightsOf(n: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: n }, (_, j) => {
    const h = Math.imul(j + 1, 0x9e3779b9), mixed = Math.imul(h ^ (h >>> 15), 0x85ebca6b) >>> 0;
    return ((mixed >>> 9) / 2 ** 23 + 0.5) * (mixed & 1 ? -1 : 1);
  });
}

/** The output of `fn`, and the gradient of its weighted sum in each input; null where none is asked for. */
async function analytic(
  fn: Fn,
  inputs: readonly Tensor[],
): Promise<
  { y: ArrayLike<number>; shape: readonly number[]; gradients: (ArrayLike<number> | null)[] }
> {
  const start = () => {
    using _ = scope(); // frees the leaves with their gradients; what is read below has its copy by then
    const leaves = inputs.map((t) => {
      const leaf = t.detach();
      leaf.requiresGrad = t.requiresGrad;
      return leaf;
    });
    const y = fn(...leaves);
    if (!(y instanceof Tensor)) {
      throw new TypeError(`Cannot check gradients as the function must return a tensor: ${describe(y)}`);
    }
    if (y.dtype !== "float32") {
      throw new TypeError(`Cannot check gradients as the output must be float32: it is ${y.dtype}`);
    }
    if (!y.requiresGrad) {
      throw new Error(
        "Cannot check gradients as the output must depend on an input that requires one: it depends on none",
      );
    }
    const values = y.data();
    y.backward(tensor(weightsOf(y.size), { shape: y.shape }));
    const gradients = leaves.map((leaf) => {
      if (!leaf.requiresGrad) return null;
      return leaf.grad ? leaf.grad.data() : new Float32Array(leaf.size); // what nothing depends on
    });
    return { shape: y.shape, values, gradients };
  };
  const { shape, values, gradients } = start();
  const [y, ...read] = await Promise.all([values, ...gradients]);
  return { y: y!, shape, gradients: read };
}

/** One element of one input, and the two values that it takes. */
interface Probe {
  readonly input: number;
  readonly element: number;
  readonly high: number;
  readonly low: number;
}

function probesOf(
  inputs: readonly Tensor[],
  values: readonly Float64Array[],
  eps: number,
  rounded: boolean,
): Probe[] {
  const round = rounded ? Math.fround : (v: number) => v; // the step that is divided by is the one that was taken
  return inputs.flatMap((t, input) => {
    if (!t.requiresGrad) return [];
    return Array.from(values[input]!, (x, element) => {
      const h = eps * Math.max(1, Math.abs(x));
      return { input, element, high: round(x + h), low: round(x - h) };
    });
  });
}

function replaced(values: readonly Float64Array[], { input, element }: Probe, x: number): Float64Array[] {
  return values.map((v, k) => {
    const copy = v.slice();
    if (k === input) copy[element] = x;
    return copy;
  });
}

function difference(
  { high, low }: Probe,
  evaluate: (x: number) => ArrayLike<number>,
  weights: Float32Array,
): number {
  return slope(evaluate(high), evaluate(low), weights, high - low);
}

/** The weighted sum of what changed; in float64, and element by element, so that large outputs do not hide small ones. */
function slope(high: ArrayLike<number>, low: ArrayLike<number>, weights: Float32Array, step: number): number {
  return weights.reduce((sum, w, j) => sum + w * (high[j]! - low[j]!), 0) / step;
}

async function numericOnGpu(
  fn: Fn,
  inputs: readonly Tensor[],
  values: readonly Float64Array[],
  probes: readonly Probe[],
  weights: Float32Array,
): Promise<number[]> {
  const evaluate = (probe: Probe, x: number): Promise<ArrayLike<number>> => {
    const moved = replaced(values, probe, x)[probe.input]!, { shape } = inputs[probe.input]!;
    return fn(...inputs.map((t, k) => k === probe.input ? tensor(moved, { shape }) : t)).data();
  };
  const together = (part: readonly Probe[]) => {
    using _ = scope(); // ends when all is encoded; the reads have their copies by then
    return noGrad(() =>
      part.map((p) =>
        Promise.all([evaluate(p, p.high), evaluate(p, p.low)]).then(([high, low]) =>
          slope(high, low, weights, p.high - p.low)
        )
      )
    );
  };
  const slopes: number[] = [];
  for (let at = 0; at < probes.length; at += TOGETHER / 2) {
    slopes.push(...await Promise.all(together(probes.slice(at, at + TOGETHER / 2))));
  }
  return slopes;
}

/** A line for an error, and how far beyond its tolerance it is. */
interface Mismatch {
  readonly line: string;
  readonly excess: number;
}

/** Compares in a way that lets no NaN pass. */
function mismatch(got: number, want: number, { atol, rtol }: Settings, line: () => string): Mismatch[] {
  if (Object.is(got, want)) return []; // infinities too
  const allowed = atol + rtol * Math.abs(want), distance = Math.abs(got - want);
  if (distance <= allowed) return [];
  return [{
    line: `${line()} (tolerance ${allowed.toPrecision(2)})`,
    excess: distance / allowed || Infinity,
  }];
}

function compareValues(
  y: ArrayLike<number>,
  wanted: ArrayLike<number>,
  shape: readonly number[],
  settings: Settings,
): void {
  if (y.length !== wanted.length) {
    throw new Error(
      `Cannot check gradients as the reference must give as many values as the function: ${wanted.length} and ${y.length}`,
    );
  }
  const bad = Array.from(y).flatMap((v, j) =>
    mismatch(v, wanted[j]!, settings, () => `output ${place(j, shape)}: ${v}, reference ${wanted[j]}`)
  );
  report("Cannot check gradients as the values must be those of the reference", bad, y.length);
}

function compareGradients(
  probes: readonly Probe[],
  gradients: readonly (ArrayLike<number> | null)[],
  numeric: readonly number[],
  inputs: readonly Tensor[],
  settings: Settings,
): void {
  const bad = probes.flatMap(({ input, element }, k) => {
    const got = gradients[input]![element]!;
    const line = () =>
      `input ${input} at ${place(element, inputs[input]!.shape)}: analytic ${got}, numeric ${numeric[k]}`;
    return mismatch(got, numeric[k]!, settings, line);
  });
  report("Cannot confirm the gradients as they must agree with differences", bad, probes.length);
}

function report(complaint: string, bad: Mismatch[], of: number): void {
  if (bad.length === 0) return;
  const worst = bad.toSorted((a, b) => b.excess - a.excess).slice(0, MOST_LINES).map(({ line }) => line);
  throw new Error(`${complaint}: ${bad.length} of ${of} do not, the worst\n  ${worst.join("\n  ")}`);
}

/** An index of each dimension. */
function place(index: number, shape: readonly number[]): string {
  const at: number[] = [];
  for (const size of shape.toReversed()) {
    at.unshift(index % size);
    index = Math.floor(index / size);
  }
  return show(at);
}
