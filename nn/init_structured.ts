/**
 * Initial values that are computed on the CPU: identities, orthogonal and sparse matrices, a normal distribution cut off.
 *
 * @module
 */
import { signature } from "../ops/core/signature.ts";
import { TENSOR } from "../ops/core/tensor/kinds.ts";
import "../ops/methods.ts";
import { show, sizeOf, type Sizes2 } from "../ops/core/shape.ts";
import { noGrad } from "../ops/core/autograd/autograd.ts";
import { tensor } from "../ops/core/tensor/create.ts";
import { nextStream, normals, permutation, words } from "../ops/core/tensor/random.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { unit } from "../ops/kernels/wgsl/philox.ts";
import { FINITE, NUMBER, numberFrom, required, whole } from "../ops/core/kinds.ts";

/** Options of {@linkcode dirac}. */
export interface DiracOptions {
  /** Into how many groups the output channels fall, 1 unless given. */
  groups?: number;
}

/** Options of {@linkcode orthogonal}. */
export interface OrthogonalOptions {
  /** Factor on all numbers, 1 unless given. */
  gain?: number;
}

/** Options of {@linkcode sparse}. */
export interface SparseOptions {
  /** Share of each column that is 0; rounded up to whole elements. */
  sparsity: number;
  /** Standard deviation of the other elements, 0.01 unless given. */
  std?: number;
}

/** Options of {@linkcode truncNormal}. */
export interface TruncNormalOptions {
  /** Mean of the distribution before it is cut off, 0 unless given. */
  mean?: number;
  /** Standard deviation of the distribution before it is cut off, 1 unless given. */
  std?: number;
  /** Smallest number, -2 unless given; not a multiple of the standard deviation. */
  a?: number;
  /** Largest number, 2 unless given. */
  b?: number;
}

const takesEye = signature("fill with eye", { t: TENSOR });

/**
 * Fills a matrix with the identity.
 *
 * @param t A tensor of two dimensions.
 * @throws {RangeError} If the tensor has another number of dimensions.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await nn.init.eye(zeros([2, 3])).toArray(), [[1, 0, 0], [0, 1, 0]]);
 * ```
 */
export function eye(t: Tensor): Tensor {
  takesEye(arguments);
  expectMatrix("eye", t);
  const [rows, columns] = t.shape as Sizes2, values = new Float32Array(t.size);
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  return write(t, values);
}

const takesDirac = signature<DiracOptions>("fill with dirac", { t: TENSOR }, { groups: whole(1) });

/**
 * Fills the kernels of a convolution so that its outputs are its input channels, in each group as many as there are
 * outputs.
 *
 * @param t Kernels `[out, in / groups, …]` with one to three further dimensions.
 * @param options The groups.
 * @throws {RangeError} If the tensor has another number of dimensions, or groups do not divide the outputs.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await nn.init.dirac(zeros([2, 1, 3])).toArray(), [[[0, 1, 0]], [[0, 0, 0]]]);
 * ```
 */
export function dirac(t: Tensor, options: DiracOptions = {}): Tensor {
  takesDirac(arguments);
  const { groups = 1 } = options, [outputs, channels, ...window] = t.shape as Sizes2;
  if (
    window.length < 1 || window.length > 3 || outputs % groups !== 0
  ) {
    throw new RangeError(
      `Cannot fill with dirac as the tensor must have three to five dimensions, the first a multiple of the ${groups} groups: ` +
        show(t.shape),
    );
  }
  const values = new Float32Array(t.size), size = sizeOf(window), perGroup = outputs / groups;
  const middle = window.reduce((at, extent) => at * extent + Math.floor(extent / 2), 0);
  for (let o = 0; o < outputs; o++) {
    const c = o % perGroup;
    if (c < channels) values[(o * channels + c) * size + middle] = 1;
  }
  return write(t, values);
}

const takesOrthogonal = signature<OrthogonalOptions>("fill with orthogonal", { t: TENSOR }, { gain: NUMBER });

/**
 * Fills a weight with an orthogonal matrix: rows of length 1 at right angles, or columns where there are fewer columns
 * than rows.
 *
 * Saxe, McClelland, Ganguli: Exact solutions to the nonlinear dynamics of learning in deep linear neural networks (2013).
 *
 * @param t A weight of at least two dimensions; all but the first count as one.
 * @param options The gain.
 * @throws {RangeError} If the weight has fewer dimensions.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = nn.init.orthogonal(zeros([2, 5]));
 * const [[a, b], [, c]] = await w.matmul(w.transpose(0, 1)).toArray() as number[][];
 * assertAlmostEquals(a, 1, 1e-6);
 * assertAlmostEquals(b, 0, 1e-6);
 * assertAlmostEquals(c, 1, 1e-6);
 * ```
 */
export function orthogonal(t: Tensor, options: OrthogonalOptions = {}): Tensor {
  takesOrthogonal(arguments);
  if (t.shape.length < 2) {
    throw new RangeError(
      `Cannot fill with orthogonal as the tensor must have two dimensions or more: ${show(t.shape)}`,
    );
  }
  const { gain = 1 } = options, rows = t.shape[0]!, columns = sizeOf(t.shape.slice(1));
  const n = Math.min(rows, columns), length = Math.max(rows, columns);
  const noise = normals(n * length, nextStream());
  const vectors = Array.from(
    { length: n },
    (_, i) => Float64Array.from(noise.subarray(i * length, (i + 1) * length)),
  );
  orthonormalize(vectors);
  const values = new Float32Array(t.size);
  vectors.forEach((v, i) =>
    v.forEach((x, k) => values[rows <= columns ? i * columns + k : k * columns + i] = gain * x)
  );
  return write(t, values);
}

const takesSparse = signature<SparseOptions>("fill with sparse", { t: TENSOR }, {
  sparsity: required(numberFrom(0, 1)),
  std: NUMBER,
});

/**
 * Fills a matrix with normal numbers, of which a share in each column is 0.
 *
 * Martens: Deep learning via Hessian-free optimization (2010).
 *
 * @param t A tensor of two dimensions.
 * @param options The share, and the standard deviation.
 * @throws {RangeError} If the tensor has another number of dimensions, or the share is not within 0 and 1.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const t = nn.init.sparse(zeros([10, 3]), { sparsity: 0.25 });
 * assertEquals((await t.data()).filter((v) => v === 0).length, 9);
 * ```
 */
export function sparse(t: Tensor, options: SparseOptions): Tensor {
  takesSparse(arguments);
  expectMatrix("sparse", t);
  const { sparsity, std = 0.01 } = options, [rows, columns] = t.shape as Sizes2;
  const values = normals(t.size, nextStream()).map((v) => v * std);
  for (let column = 0; column < columns; column++) {
    const zeros = permutation(rows, nextStream()).subarray(0, Math.ceil(sparsity * rows));
    for (const row of zeros) values[row * columns + column] = 0;
  }
  return write(t, values);
}

const takesTruncNormal = signature<TruncNormalOptions>("fill with truncNormal", { t: TENSOR }, {
  mean: FINITE,
  std: FINITE,
  a: NUMBER,
  b: NUMBER,
});

/**
 * Fills a tensor with numbers of a normal distribution that is cut off below `a` and above `b`.
 *
 * @param t The tensor, float32.
 * @param options Mean, standard deviation and bounds.
 * @throws {RangeError} If the standard deviation is not positive, or the bounds are the wrong way round.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assert } from "@std/assert";
 *
 * await openDevice();
 * const values = await nn.init.truncNormal(zeros([100]), { std: 0.02, a: -0.04, b: 0.04 }).data();
 * assert(values.every((v) => Math.abs(v) <= Math.fround(0.04)));
 * ```
 */
export function truncNormal(t: Tensor, options: TruncNormalOptions = {}): Tensor {
  takesTruncNormal(arguments);
  const { mean = 0, std = 1, a = -2, b = 2 } = options;
  if (!(std > 0) || !(a < b)) {
    throw new RangeError(
      `Cannot fill with truncNormal as std must be above 0 and a below b: std ${std}, a ${a}, b ${b}`,
    );
  }
  const [low, high] = [(a - mean) / std, (b - mean) / std], nearest = Math.max(low, Math.min(high, 0));
  if (!Number.isFinite(nearest ** 2)) {
    throw new RangeError(
      `Cannot fill with truncNormal as a to b must lie within 1e154 std of the mean: mean ${mean}, std ${std}, a ${a}, b ${b}`,
    );
  }
  // Uniform numbers are kept with the density's probability. Beyond `reach` it is e^-40 of its largest value: never drawn.
  const reach = Math.sqrt(nearest ** 2 + 80), from = Math.max(low, -reach), to = Math.min(high, reach);
  const source = words(nextStream()), next = () => unit(source.next().value);
  const values = Float32Array.from({ length: t.size }, () => {
    for (;;) {
      const x = from + (to - from) * next();
      if (next() <= Math.exp((nearest ** 2 - x ** 2) / 2)) return Math.max(a, Math.min(b, mean + std * x));
    }
  });
  return write(t, values);
}

/** Makes vectors orthonormal (Gram and Schmidt), each twice, so that rounding leaves no angle. */
function orthonormalize(vectors: readonly Float64Array[]): void {
  vectors.forEach((v, i) => {
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors.slice(0, i)) {
        const share = dot(v, other);
        for (let k = 0; k < v.length; k++) v[k]! -= share * other[k]!;
      }
    }
    const length = Math.sqrt(dot(v, v));
    for (let k = 0; k < v.length; k++) v[k]! /= length;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function write(t: Tensor, values: Float32Array): Tensor {
  using source = tensor(values, { shape: t.shape });
  return noGrad(() => t.copy(source));
}

function expectMatrix(name: string, t: Tensor): void {
  if (t.shape.length === 2) return;
  throw new RangeError(`Cannot fill with ${name} as the tensor must have two dimensions: ${show(t.shape)}`);
}
