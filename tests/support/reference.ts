/**
 * Naive float64 references: plain loops over row-major arrays, to hold the kernels against.
 *
 * Each takes shapes and options and gives a function of the operands' elements, as `gradcheck` takes it.
 *
 * @module
 */

/** A function of the inputs' elements. */
export type Reference = (inputs: Float64Array[]) => Float64Array;

type Shape = readonly number[];
type Pair = readonly [number, number];

/** The number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Calls `visit` with the coordinates of every element of a shape, in row-major order. */
export function eachIndex(shape: Shape, visit: (at: number[], i: number) => void): void {
  const n = sizeOf(shape);
  for (let i = 0; i < n; i++) {
    const at = new Array<number>(shape.length);
    for (let d = shape.length - 1, rest = i; d >= 0; d--) {
      at[d] = rest % shape[d];
      rest = Math.floor(rest / shape[d]);
    }
    visit(at, i);
  }
}

/** The place of coordinates in a shape; dimensions of size 1 broadcast, leading ones that it lacks are ignored. */
function offset(shape: Shape, at: readonly number[]): number {
  const lead = at.length - shape.length;
  return shape.reduce((sum, size, d) => sum * size + (size === 1 ? 0 : at[lead + d]), 0);
}

function broadcast(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, d) => {
    const [p, q] = [a, b].map((s) => s[d - rank + s.length] ?? 1);
    return p === 1 ? q : p;
  });
}

/** A function of each element. */
export function unary(f: (x: number) => number): Reference {
  return ([x]) => x.map(f);
}

/** A function of each pair of elements of two operands that broadcast. */
export function binary(a: Shape, b: Shape, f: (a: number, b: number) => number): Reference {
  const shape = broadcast(a, b);
  return ([x, y]) => {
    const out = new Float64Array(sizeOf(shape));
    eachIndex(shape, (at, i) => out[i] = f(x[offset(a, at)], y[offset(b, at)]));
    return out;
  };
}

/** The dimensions in another order. */
export function permute(shape: Shape, dims: readonly number[]): Reference {
  return ([x]) => {
    const out = new Float64Array(x.length);
    eachIndex(dims.map((d) => shape[d]), (at, i) => {
      const from = new Array<number>(dims.length);
      dims.forEach((d, k) => from[d] = at[k]);
      out[i] = x[offset(shape, from)];
    });
    return out;
  };
}

/** The sum over some dimensions, divided by `divisor` of their extent. */
export function sum(shape: Shape, dims: readonly number[], divisor = (_: number) => 1): Reference {
  const kept = shape.map((size, d) => (dims.includes(d) ? 1 : size));
  const by = divisor(sizeOf(dims.map((d) => shape[d])));
  return ([x]) => {
    const out = new Float64Array(sizeOf(kept));
    eachIndex(shape, (at, i) => out[offset(kept, at)] += x[i] / by);
    return out;
  };
}

/** The mean over some dimensions. */
export function mean(shape: Shape, dims: readonly number[]): Reference {
  return sum(shape, dims, (n) => n);
}

/** The matrix product, batches broadcasting; an operand of one dimension is a row on the left, a column on the right. */
export function matmul(a: Shape, b: Shape): Reference {
  const left = a.length === 1 ? [1, ...a] : a, right = b.length === 1 ? [...b, 1] : b;
  const [m, k] = left.slice(-2), n = right.at(-1)!;
  const batchA = left.slice(0, -2), batchB = right.slice(0, -2), batch = broadcast(batchA, batchB);
  return ([x, y]) => {
    const out = new Float64Array(sizeOf(batch) * m * n);
    eachIndex([...batch, m, n], (at, i) => {
      const where = at.slice(0, -2), [row, column] = at.slice(-2);
      const p = offset(batchA, where) * m * k + row * k, q = offset(batchB, where) * k * n + column;
      for (let j = 0; j < k; j++) out[i] += x[p + j] * y[q + j * n];
    });
    return out;
  };
}

/** `x Wᵀ + b`; the bias is the third input, if there are three. */
export function linear(x: Shape, outFeatures: number): Reference {
  const inFeatures = x.at(-1)!, rows = sizeOf(x.slice(0, -1));
  return ([x, w, b]) => {
    const out = new Float64Array(rows * outFeatures);
    eachIndex([rows, outFeatures], ([r, o], i) => {
      out[i] = b?.[o] ?? 0;
      for (let j = 0; j < inFeatures; j++) out[i] += x[r * inFeatures + j] * w[o * inFeatures + j];
    });
    return out;
  };
}

/** Options of {@linkcode conv2d}. `padding` is before and after, down and across. */
export interface Conv2dReferenceOptions {
  stride?: Pair;
  padding?: readonly [top: number, bottom: number, left: number, right: number];
  dilation?: Pair;
  groups?: number;
}

/** Cross-correlation of images with kernels; the bias is the third input, if there are three. */
export function conv2d(x: Shape, weight: Shape, options: Conv2dReferenceOptions = {}): Reference {
  const [n, , h, w] = x, [oc, perGroup, kh, kw] = weight;
  const { stride = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1], groups = 1 } = options;
  const [top, bottom, left, right] = padding;
  const outH = Math.floor((h + top + bottom - dilation[0] * (kh - 1) - 1) / stride[0]) + 1;
  const outW = Math.floor((w + left + right - dilation[1] * (kw - 1) - 1) / stride[1]) + 1;
  return ([image, kernel, bias]) => {
    const out = new Float64Array(n * oc * outH * outW);
    eachIndex([n, oc, outH, outW], ([b, o, i, j], k) => {
      out[k] = bias?.[o] ?? 0;
      const firstChannel = Math.floor(o / (oc / groups)) * perGroup;
      eachIndex([perGroup, kh, kw], ([c, p, q]) => {
        const row = i * stride[0] + p * dilation[0] - top, column = j * stride[1] + q * dilation[1] - left;
        if (row < 0 || row >= h || column < 0 || column >= w) return;
        out[k] += image[offset(x, [b, firstChannel + c, row, column])] *
          kernel[offset(weight, [o, c, p, q])];
      });
    });
    return out;
  };
}

/** Options of {@linkcode convTranspose2d}. */
export interface ConvTranspose2dReferenceOptions {
  stride?: Pair;
  padding?: Pair;
  outputPadding?: Pair;
  dilation?: Pair;
  groups?: number;
}

/** Transposed convolution: every element of x adds its window; the bias is the third input, if there are three. */
export function convTranspose2d(
  x: Shape,
  weight: Shape,
  options: ConvTranspose2dReferenceOptions = {},
): Reference {
  const [n, c, h, w] = x, [, perGroup, kh, kw] = weight;
  const { stride = [1, 1], padding = [0, 0], outputPadding = [0, 0], dilation = [1, 1], groups = 1 } =
    options;
  const size = (d: 0 | 1) =>
    (x[2 + d] - 1) * stride[d] - 2 * padding[d] + dilation[d] * (weight[2 + d] - 1) + outputPadding[d] + 1;
  const y = [n, perGroup * groups, size(0), size(1)];
  return ([image, kernel, bias]) => {
    const out = new Float64Array(sizeOf(y));
    eachIndex(y, ([, o], k) => out[k] = bias?.[o] ?? 0);
    eachIndex([n, c, h, w], ([b, channel, i, j], at) => {
      const firstOut = Math.floor(channel / (c / groups)) * perGroup;
      eachIndex([perGroup, kh, kw], ([o, p, q]) => {
        const row = i * stride[0] + p * dilation[0] - padding[0];
        const column = j * stride[1] + q * dilation[1] - padding[1];
        if (row < 0 || row >= y[2] || column < 0 || column >= y[3]) return;
        out[offset(y, [b, firstOut + o, row, column])] += image[at] *
          kernel[offset(weight, [channel, o, p, q])];
      });
    });
    return out;
  };
}

/**
 * Normalisation of x, seen as `shape`: statistics have the shape `stats`, weight and bias, the second and third inputs if
 * they are there, the shape `affine`.
 */
export function normalize(shape: Shape, stats: Shape, affine: Shape, eps = 1e-5): Reference {
  const n = sizeOf(shape) / sizeOf(stats);
  return ([x, weight, bias]) => {
    const mean = new Float64Array(sizeOf(stats)), variance = new Float64Array(sizeOf(stats));
    eachIndex(shape, (at, i) => mean[offset(stats, at)] += x[i] / n);
    eachIndex(shape, (at, i) => variance[offset(stats, at)] += (x[i] - mean[offset(stats, at)]) ** 2 / n);
    const y = new Float64Array(x.length);
    eachIndex(shape, (at, i) => {
      const s = offset(stats, at), a = offset(affine, at);
      y[i] = (x[i] - mean[s]) / Math.sqrt(variance[s] + eps) * (weight?.[a] ?? 1) + (bias?.[a] ?? 0);
    });
    return y;
  };
}

/** Options of the pooling references. */
export interface PoolReferenceOptions {
  kernel: Pair;
  stride?: Pair;
  padding?: Pair;
  dilation?: Pair;
  ceilMode?: boolean;
  countIncludePad?: boolean;
}

/** What a window covers: values inside the image, and how many places count in a mean. */
function pool(
  x: Shape,
  options: PoolReferenceOptions,
  result: (inside: number[], places: number) => number,
): Reference {
  const { kernel, stride = kernel, padding = [0, 0], dilation = [1, 1], ceilMode = false } = options;
  const [n, c, h, w] = x, size = [h, w];
  const out = [0, 1].map((d) => {
    const room = (size[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d];
    const places = (ceilMode ? Math.ceil(room) : Math.floor(room)) + 1;
    return ceilMode && (places - 1) * stride[d] >= size[d] + padding[d] ? places - 1 : places;
  });
  return ([image]) => {
    const y = new Float64Array(n * c * out[0] * out[1]);
    eachIndex([n, c, ...out], ([b, channel, ...at], k) => {
      const inside: number[] = [];
      let places = 0;
      eachIndex(kernel, (step) => {
        const p = at.map((v, d) => v * stride[d] + step[d] * dilation[d] - padding[d]);
        if (p.every((v, d) => v < size[d] + padding[d])) places++; // what sticks out in ceil mode does not count
        if (p.every((v, d) => v >= 0 && v < size[d])) inside.push(image[offset(x, [b, channel, ...p])]);
      });
      y[k] = result(inside, options.countIncludePad ?? true ? places : inside.length);
    });
    return y;
  };
}

/** The largest value of each window. */
export function maxPool2d(x: Shape, options: PoolReferenceOptions): Reference {
  return pool(x, options, (inside) => Math.max(...inside));
}

/** The mean of each window. */
export function avgPool2d(x: Shape, options: PoolReferenceOptions): Reference {
  return pool(x, options, (inside, places) => inside.reduce((a, b) => a + b, 0) / places);
}

/** Log-softmax along a dimension. */
export function logSoftmax(shape: Shape, dim: number): Reference {
  const kept = shape.map((size, d) => (d === dim ? 1 : size));
  return ([x]) => {
    const top = new Float64Array(sizeOf(kept)).fill(-Infinity), total = new Float64Array(sizeOf(kept));
    const out = new Float64Array(x.length);
    eachIndex(shape, (at, i) => top[offset(kept, at)] = Math.max(top[offset(kept, at)], x[i]));
    eachIndex(shape, (at, i) => total[offset(kept, at)] += Math.exp(x[i] - top[offset(kept, at)]));
    eachIndex(shape, (at, i) => {
      const row = offset(kept, at);
      out[i] = x[i] - top[row] - Math.log(total[row]);
    });
    return out;
  };
}

/** Softmax along a dimension. */
export function softmax(shape: Shape, dim: number): Reference {
  return (inputs) => logSoftmax(shape, dim)(inputs).map(Math.exp);
}

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyReferenceOptions {
  weight?: readonly number[];
  reduction?: "mean" | "sum" | "none";
  labelSmoothing?: number;
  ignoreIndex?: number;
}

/** Cross-entropy of logits `[n, classes, …]` (or `[classes]`) against class indices. */
export function crossEntropy(
  shape: Shape,
  target: readonly number[],
  options: CrossEntropyReferenceOptions = {},
): Reference {
  const { weight, reduction = "mean", labelSmoothing = 0, ignoreIndex = -100 } = options;
  const dim = shape.length > 1 ? 1 : 0, classes = shape[dim];
  const rows = shape.map((size, d) => (d === dim ? 1 : size)), w = (k: number) => weight?.[k] ?? 1;
  return (inputs) => {
    const logs = logSoftmax(shape, dim)(inputs), losses = new Float64Array(sizeOf(rows));
    let total = 0;
    eachIndex(rows, (at, row) => {
      const label = target[row];
      if (label === ignoreIndex) return;
      total += w(label);
      for (let k = 0; k < classes; k++) {
        const log = logs[offset(shape, at.map((v, d) => (d === dim ? k : v)))];
        const share = (k === label ? 1 - labelSmoothing : 0) * w(label) + labelSmoothing / classes * w(k);
        losses[row] -= share * log;
      }
    });
    if (reduction === "none") return losses;
    const all = losses.reduce((a, b) => a + b, 0);
    return Float64Array.of(reduction === "mean" ? all / total : all);
  };
}
