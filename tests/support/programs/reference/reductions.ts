/**
 * Operations along dimensions, as mathematics defines them.
 *
 * @module
 */
import { addTerm, choose, mix, pointwise, sizeOf, terms, type Value } from "../tape.ts";
import { abs, add, div, exp, log, mul, ne, pow, sqrt, square, sub, to } from "./pointwise.ts";
import { coordinates, normal, placeOf, select } from "./shapes.ts";

interface Reduce {
  dim?: number | readonly number[];
  keepdim?: boolean;
}

/** The dimensions that are meant; all unless given. */
function dimsOf(x: Value, dim: Reduce["dim"]): number[] {
  return dim === undefined ? x.shape.map((_, d) => d) : [dim].flat().map((d) => normal(d, x.shape.length));
}

/** The shape that is left, and which elements of `x` belong to each of its elements, in order. */
function groups(x: Value, { dim, keepdim = false }: Reduce): { shape: number[]; lists: number[][] } {
  const dims = dimsOf(x, dim), kept = x.shape.map((n, d) => (dims.includes(d) ? 1 : n));
  const lists = Array.from({ length: sizeOf(kept) }, (): number[] => []);
  for (let i = 0; i < x.size; i++) {
    const at = coordinates(i, x.shape).map((v, d) => (dims.includes(d) ? 0 : v));
    lists[placeOf(at, kept)].push(i);
  }
  return { shape: keepdim ? kept : x.shape.filter((_, d) => !dims.includes(d)), lists };
}

function floats(x: Value): Value {
  return x.dtype === "float32" ? x : to(x, "float32");
}

export const sum = (x: Value, options: Reduce = {}): Value => {
  const { shape, lists } = groups(x, options), all = terms();
  lists.forEach((list, i) => list.forEach((j) => addTerm(all, i, j)));
  return mix([x], shape, all, { dtype: x.dtype === "bool" ? "int32" : x.dtype });
};
export const mean = (x: Value, options: Reduce = {}): Value => {
  const n = x.size / sizeOf(groups(x, options).shape);
  return div(sum(floats(x), options), n);
};
const extreme = (sign: 1 | -1) => (x: Value, options: Reduce = {}): Value => {
  const { shape, lists } = groups(x, options);
  return choose(x, shape, { candidates: lists, sign, even: true }).values;
};
export const amax = extreme(1);
export const amin = extreme(-1);
const placed =
  (sign: 1 | -1) => (x: Value, options: Reduce = {}): Value | { values: Value; indices: Value } => {
    if (options.dim === undefined) return extreme(sign)(x);
    const { shape, lists } = groups(x, options);
    const { values, places } = choose(x, shape, { candidates: lists, sign });
    return { values, indices: places };
  };
export const max = placed(1);
export const min = placed(-1);
const place = (sign: 1 | -1) => (x: Value, options: Reduce = {}): Value => {
  const { shape, lists } = groups(x, options);
  return choose(x, shape, { candidates: lists, sign }).places;
};
export const argmax = place(1);
export const argmin = place(-1);
export const any = (x: Value, options: Reduce = {}): Value => to(amax(to(x, "bool"), options), "bool");
export const all = (x: Value, options: Reduce = {}): Value => to(amin(to(x, "bool"), options), "bool");
export const topk = (
  x: Value,
  k: number,
  { dim = -1, largest = true } = {},
): { values: Value; indices: Value } => {
  const d = normal(dim, x.shape.length), { shape, lists } = groups(x, { dim: d, keepdim: true });
  const result = shape.with(d, k), n = sizeOf(result);
  const at = Array.from({ length: n }, (_, i) => coordinates(i, result));
  const candidates = at.map((c) => lists[placeOf(c.with(d, 0), shape)]), rank = at.map((c) => c[d]);
  const { values, places } = choose(x, result, { candidates, sign: largest ? 1 : -1, rank });
  return { values, indices: places };
};
export const prod = (x: Value, { dim, keepdim = false }: { dim?: number; keepdim?: boolean } = {}): Value => {
  const line = dim === undefined ? x.view([x.size]) : x,
    d = dim === undefined ? 0 : normal(dim, x.shape.length);
  const parts = Array.from({ length: line.shape[d] }, (_, k) => select(line, d, k));
  // the gradient of each factor is the product of the others, which is what the chain of products gives
  const y = parts.slice(1).reduce((a, b) => mul(a, b), x.dtype === "bool" ? to(parts[0], "int32") : parts[0]);
  return keepdim ? y.view(dim === undefined ? x.shape.map(() => 1) : x.shape.with(d, 1)) : y;
};
export const cumsum = (x: Value, { dim }: { dim: number }): Value => {
  const { lists } = groups(x, { dim }), all = terms();
  for (const list of lists) {
    list.forEach((to, k) => list.slice(0, k + 1).forEach((from) => addTerm(all, to, from)));
  }
  return mix([x], x.shape, all, { dtype: x.dtype === "bool" ? "int32" : x.dtype });
};
export const logsumexp = (x: Value, options: Reduce = {}): Value => {
  const values = floats(x), top = amax(values.detached(), { ...options, keepdim: true });
  const y = log(sum(exp(sub(values, top)), { ...options, keepdim: true }));
  return add(y, top).view(groups(x, options).shape);
};
const variance = (
  x: Value,
  { dim, keepdim = false, unbiased = true }: Reduce & { unbiased?: boolean },
): Value => {
  const { shape, lists } = groups(x, { dim, keepdim }), centred = sub(x, mean(x, { dim, keepdim: true }));
  return div(sum(square(centred), { dim, keepdim: true }), lists[0].length - (unbiased ? 1 : 0)).view(shape);
};
export { variance as var };
export const std = (x: Value, options: Reduce & { unbiased?: boolean } = {}): Value =>
  sqrt(variance(x, options));

/** The norm's slope at 0 is taken as 0. */
const rootOrZero = (p: number) => (x: Value): Value =>
  pointwise([x], {
    f: (v) => v ** (1 / p),
    slopes: [(v) => v === 0 ? 0 : v ** (1 / p - 1) / p],
    ulps: 16,
  });
export const norm = (x: Value, { p = 2, ...options }: Reduce & { p?: number } = {}): Value => {
  if (p === Infinity) return amax(abs(x), options);
  if (p === -Infinity) return amin(abs(x), options);
  if (p === 0) return sum(to(ne(x, 0), "float32"), options);
  const sizes = abs(x);
  if (p === 1) return sum(sizes, options);
  return rootOrZero(p)(sum(p === 2 ? square(x) : pow(sizes, p), options));
};

export const softmax = (x: Value, { dim }: { dim: number }): Value => {
  const e = exp(sub(x, amax(x.detached(), { dim, keepdim: true })));
  return div(e, sum(e, { dim, keepdim: true }));
};
export const logSoftmax = (x: Value, { dim }: { dim: number }): Value =>
  sub(x, logsumexp(x, { dim, keepdim: true }));
