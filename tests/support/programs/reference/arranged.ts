/**
 * Further operations that move elements, pick and write them by indices, sort and scan, as mathematics defines them.
 *
 * @module
 */
import { addTerm, leafValue, mix, placesIn, terms, type Value } from "../tape.ts";
import { gather, matmul, set } from "./indexing.ts";
import { mul, type Operand, to, valueOf, where } from "./pointwise.ts";
import { amax, amin, logsumexp, mean, prod, std, sum, topk, var as variance } from "./reductions.ts";
import {
  coordinates,
  expand,
  flip,
  moved,
  normal,
  permute,
  placeOf,
  reshape,
  select,
  slice,
  split,
  stack,
  transpose,
} from "./shapes.ts";

export const repeat = (x: Value, sizes: readonly number[]): Value => {
  const shape = [...new Array<number>(sizes.length - x.shape.length).fill(1), ...x.shape];
  return moved(x.view(shape), shape.map((n, d) => n * sizes[d]), (at) => at.map((v, d) => v % shape[d]));
};
export const tile = (x: Value, dims: readonly number[]): Value =>
  repeat(x, [...new Array<number>(Math.max(0, x.shape.length - dims.length)).fill(1), ...dims]);
export const unbind = (x: Value, { dim = 0 } = {}): Value[] =>
  Array.from({ length: x.shape.at(dim)! }, (_, k) => select(x, dim, k));
export const chunk = (x: Value, chunks: number, { dim = 0 } = {}): Value[] =>
  split(x, Math.ceil(x.shape.at(dim)! / chunks), { dim });
export const narrow = (x: Value, dim: number, start: number, length: number): Value => {
  const first = normal(start, x.shape.at(dim)!);
  return slice(x, { dim, start: first, end: first + length });
};
export const roll = (x: Value, shift: number, { dims }: { dims: number }): Value => {
  const d = normal(dims, x.shape.length), n = x.shape[d];
  return moved(x, x.shape, (at) => at.with(d, ((at[d] - shift) % n + n) % n));
};
export const rot90 = (x: Value, { k = 1, dims = [0, 1] } = {}): Value => {
  let y = x.view(x.shape);
  for (let turn = 0; turn < ((k % 4) + 4) % 4; turn++) y = transpose(flip(y, dims[1]), dims[0], dims[1]);
  return mix([y], y.shape, identity(y));
};
function identity(x: Value) {
  const all = terms();
  for (let i = 0; i < x.size; i++) addTerm(all, i, i);
  return all;
}
export const movedim = (x: Value, source: number, destination: number): Value => {
  const [from, into] = [source, destination].map((d) => normal(d, x.shape.length));
  return permute(x, x.shape.map((_, d) => d).toSpliced(from, 1).toSpliced(into, 0, from));
};
export const unflatten = (x: Value, dim: number, sizes: readonly number[]): Value => {
  const d = normal(dim, x.shape.length);
  return reshape(x, x.shape.toSpliced(d, 1, ...sizes));
};
export const diagonal = (x: Value, { offset = 0 } = {}): Value => {
  const [n, m, ...rest] = x.shape, down = Math.max(-offset, 0), right = Math.max(offset, 0);
  const size = Math.max(0, Math.min(n - down, m - right));
  return moved(x, [...rest, size], (at) => [at.at(-1)! + down, at.at(-1)! + right, ...at.slice(0, -1)]);
};
export const diag = (x: Value, { diagonal: offset = 0 } = {}): Value => {
  if (x.shape.length === 2) return diagonal(x, { offset });
  const side = x.size + Math.abs(offset), down = Math.max(-offset, 0), right = Math.max(offset, 0);
  return moved(
    x,
    [side, side],
    ([i, j]) => i - down === j - right && i >= down && j >= right ? [i - down] : null,
  );
};
const triangle =
  (keeps: (above: number, diagonal: number) => boolean) => (x: Value, { diagonal = 0 } = {}): Value =>
    moved(x, x.shape, (at) => (keeps(at.at(-1)! - at.at(-2)!, diagonal) ? at : null));
export const tril = triangle((above, diagonal) => above <= diagonal);
export const triu = triangle((above, diagonal) => above >= diagonal);
export const outer = (a: Value, b: Value): Value => mul(a.view([a.size, 1]), b);
export const bmm = matmul;
export const pixelShuffle = (x: Value, r: number): Value => {
  const [n, channels, h, w] = x.shape, c = channels / (r * r);
  return permute(x.view([n, c, r, r, h, w]), [0, 1, 4, 2, 5, 3]).view([n, c, h * r, w * r]);
};
export const pixelUnshuffle = (x: Value, r: number): Value => {
  const [n, c, h, w] = x.shape;
  return permute(x.view([n, c, h / r, r, w / r, r]), [0, 1, 3, 5, 2, 4]).view([n, c * r * r, h / r, w / r]);
};

export const indexSelect = (x: Value, index: Value, { dim }: { dim: number }): Value => {
  const d = normal(dim, x.shape.length);
  return moved(x, x.shape.with(d, index.size), (at) => at.with(d, index.data[at[d]]));
};
export const takeAlongDim = (x: Value, index: Value, { dim }: { dim: number }): Value => {
  const d = normal(dim, x.shape.length), shape = x.shape.with(d, index.shape[d]);
  const spread = expand(index, shape);
  return gather(x, spread, { dim });
};
const copied = (x: Value): Value => mix([x], x.shape, identity(x));
const arange = (n: number, shape: number[]) =>
  leafValue(shape, Array.from({ length: n }, (_, k) => k), "int32", false);
export const scatter = (x: Value, index: Value, src: Operand, { dim }: { dim: number }): Value => {
  const d = normal(dim, x.shape.length);
  const at = index.shape.map((n, k) =>
    k === d ? index : arange(n, index.shape.map((_, j) => (j === k ? n : 1)))
  );
  return set(copied(x), at, valueOf(src));
};
/** `x` with the elements of `values` added where `at` says. */
function added(x: Value, values: Value, at: (i: number) => number, factor = 1): Value {
  const all = identity(x);
  for (let i = 0; i < values.size; i++) addTerm(all, at(i), i, factor, 1);
  return mix([x, values], x.shape, all);
}
export const scatterAdd = (x: Value, index: Value, src: Value, { dim }: { dim: number }): Value => {
  const d = normal(dim, x.shape.length);
  return added(x, src, (i) => placeOf(coordinates(i, index.shape).with(d, index.data[i]), x.shape));
};
export const indexAdd = (
  x: Value,
  index: Value,
  source: Value,
  { dim, alpha = 1 }: { dim: number; alpha?: number },
): Value => {
  const d = normal(dim, x.shape.length);
  return added(x, source, (i) => {
    const at = coordinates(i, source.shape);
    return placeOf(at.with(d, index.data[at[d]]), x.shape);
  }, Math.fround(alpha));
};
export const indexCopy = (x: Value, index: Value, source: Value, { dim }: { dim: number }): Value => {
  const d = normal(dim, x.shape.length);
  return set(copied(x), [...new Array<"all">(d).fill("all"), index], source);
};
export const indexPut = (
  x: Value,
  indices: readonly Value[],
  values: Operand,
  { accumulate = false } = {},
): Value => {
  if (!accumulate) return set(copied(x), indices, valueOf(values));
  const [index] = indices,
    shape = [...index.shape, ...x.shape.slice(1)],
    all = identity(x),
    given = valueOf(values);
  placesIn(given.shape, shape).forEach((from, i) => {
    const at = coordinates(i, shape), row = index.data[placeOf(at.slice(0, index.shape.length), index.shape)];
    addTerm(all, placeOf([row, ...at.slice(index.shape.length)], x.shape), from, 1, 1);
  });
  return mix([x, given], x.shape, all);
};
export const maskedFill = (x: Value, mask: Value, value: Operand): Value =>
  where(mask, to(valueOf(value), x.dtype), x);

type Pair = { values: Value; indices: Value };
export const sort = (x: Value, { dim = -1, descending = false } = {}): Pair =>
  topk(x, x.shape.at(dim)!, { dim, largest: descending });
export const argsort = (x: Value, options: { dim?: number; descending?: boolean } = {}): Value =>
  sort(x, options).indices;
export const median = (x: Value, options: { dim?: number; keepdim?: boolean } = {}): Value | Pair => {
  const { dim, keepdim = false } = options;
  if (dim === undefined) return select(sort(x.view([x.size])).values, 0, (x.size - 1) >> 1);
  const { values, indices } = sort(x, { dim }), middle = (x.shape.at(dim)! - 1) >> 1;
  const [v, i] = [values, indices].map((t) => select(t, dim, middle));
  const shape = keepdim ? x.shape.with(normal(dim, x.shape.length), 1) : v.shape;
  return { values: v.view(shape), indices: i.view(shape) };
};
export const quantile = (x: Value, q: number, { dim }: { dim: number }): Value => {
  const { values } = sort(x, { dim }), rank = q * (x.shape.at(dim)! - 1), low = Math.floor(rank);
  const [a, b] = [low, Math.ceil(rank)].map((k) => select(values, dim, k)), w = rank - low;
  const all = terms();
  for (let i = 0; i < a.size; i++) {
    addTerm(all, i, i, 1 - w, 0);
    addTerm(all, i, i, w, 1);
  }
  return mix([a, b], a.shape, all);
};
export const histc = (x: Value, { bins, min, max }: { bins: number; min: number; max: number }): Value => {
  const y = leafValue([bins], new Array<number>(bins).fill(0), "float32", false);
  x.data.forEach((v, i) => {
    const at = (v - min) * bins / (max - min), near = x.err[i] * bins / (max - min) + 1e-5;
    if (Math.abs(at - Math.round(at)) < near) y.err[Math.min(Math.max(Math.round(at), 0), bins - 1)] = 1e3;
    if (v >= min && v <= max) y.data[Math.min(Math.floor(at), bins - 1)]++;
  });
  return y;
};

/** What is computed of all elements of a row up to each, put together. */
const upTo = (x: Value, dim: number, of: (part: Value) => Value): Value =>
  stack(
    Array.from({ length: x.shape.at(dim)! }, (_, k) => of(slice(x, { dim, end: k + 1 }))),
    { dim: normal(dim, x.shape.length) },
  );
export const cumprod = (x: Value, { dim }: { dim: number }): Value =>
  upTo(x, dim, (part) => prod(part, { dim }));
export const logcumsumexp = (x: Value, { dim }: { dim: number }): Value =>
  upTo(x, dim, (part) => logsumexp(part, { dim }));
export const nansum = sum;
export const nanmean = mean;
export const varMean = (x: Value, options: Parameters<typeof variance>[1]): Value[] => [
  variance(x, options),
  mean(x, { dim: options.dim, keepdim: options.keepdim }),
];
export const stdMean = (x: Value, options: Parameters<typeof variance>[1] = {}): Value[] => [
  std(x, options),
  mean(x, { dim: options.dim, keepdim: options.keepdim }),
];
export const countNonzero = (x: Value, options: { dim?: number | readonly number[] } = {}): Value => {
  const { shape, data } = sum(to(x, "bool"), options);
  return leafValue(shape, data, "int32", false); // whole numbers are added without error
};
export const aminmax = (x: Value, options: Parameters<typeof amin>[1] = {}): { min: Value; max: Value } => ({
  min: amin(x, options),
  max: amax(x, options),
});
