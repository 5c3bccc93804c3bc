/**
 * Operations that move elements, as mathematics defines them.
 *
 * @module
 */
import { addTerm, type DType, mix, placesIn, sizeOf, terms, type Value } from "../tape.ts";

/** A dimension counted from the front. */
export function normal(dim: number, rank: number): number {
  return dim < 0 ? dim + rank : dim;
}

/** Row-major distances of neighbours along each dimension. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, d) => sizeOf(shape.slice(d + 1)));
}

/** Where an element is, along each dimension. */
export function coordinates(i: number, shape: readonly number[]): number[] {
  return stridesOf(shape).map((stride, d) => Math.floor(i / stride) % shape[d]);
}

/** The place of an element. */
export function placeOf(at: readonly number[], shape: readonly number[]): number {
  return at.reduce((sum, v, d) => sum * shape[d] + v, 0);
}

/** Each element of `shape` is that of `x` at `from(coordinates)`, or `rest` where that is null. */
export function moved(
  x: Value,
  shape: readonly number[],
  from: (at: number[]) => readonly number[] | null,
  rest = 0,
): Value {
  const all = terms();
  for (let i = 0; i < sizeOf(shape); i++) {
    const source = from(coordinates(i, shape));
    if (source) addTerm(all, i, placeOf(source, x.shape));
  }
  return mix([x], shape, all, { rest });
}

export const reshape = (x: Value, shape: readonly number[]): Value => {
  const known = shape.reduce((n, size) => (size === -1 ? n : n * size), 1);
  return x.view(shape.map((size) => (size === -1 ? x.size / known : size)));
};
export const flatten = (x: Value, { startDim = 0, endDim = -1 } = {}): Value => {
  const rank = x.shape.length;
  if (rank === 0) return x.view([1]);
  const [a, b] = [startDim, endDim].map((d) => normal(d, rank));
  return x.view(x.shape.toSpliced(a, b - a + 1, sizeOf(x.shape.slice(a, b + 1))));
};
export const squeeze = (x: Value, dim?: number | readonly number[]): Value => {
  const dims = (dim === undefined ? x.shape.map((_, d) => d) : [dim].flat()).map((d) =>
    normal(d, x.shape.length)
  );
  return x.view(x.shape.filter((size, d) => size !== 1 || !dims.includes(d)));
};
export const unsqueeze = (x: Value, dim: number): Value =>
  x.view(x.shape.toSpliced(normal(dim, x.shape.length + 1), 0, 1));

export const permute = (x: Value, dims: readonly number[]): Value => {
  const order = dims.map((d) => normal(d, x.shape.length));
  return moved(x, order.map((d) => x.shape[d]), (at) => x.shape.map((_, d) => at[order.indexOf(d)]));
};
export const transpose = (x: Value, a: number, b: number): Value => {
  const [p, q] = [a, b].map((d) => normal(d, x.shape.length));
  return permute(x, x.shape.map((_, d) => (d === p ? q : d === q ? p : d)));
};
export const expand = (x: Value, size: readonly number[]): Value => {
  const lead = size.length - x.shape.length, shape = size.map((n, d) => (n === -1 ? x.shape[d - lead] : n));
  const all = terms();
  placesIn(x.shape, shape).forEach((from, to) => addTerm(all, to, from));
  return mix([x], shape, all);
};
export const flip = (x: Value, dims: number | readonly number[]): Value => {
  const turned = [dims].flat().map((d) => normal(d, x.shape.length));
  return moved(x, x.shape, (at) => at.map((v, d) => (turned.includes(d) ? x.shape[d] - 1 - v : v)));
};
export const select = (x: Value, dim: number, index: number): Value => {
  const d = normal(dim, x.shape.length), k = normal(index, x.shape[d]);
  return moved(x, x.shape.toSpliced(d, 1), (at) => at.toSpliced(d, 0, k));
};
export const slice = (
  x: Value,
  { dim = 0, start = 0, end = Infinity, step = 1 }: {
    dim?: number;
    start?: number;
    end?: number;
    step?: number;
  },
): Value => {
  const d = normal(dim, x.shape.length), size = x.shape[d];
  const bound = (v: number) => Math.min(Math.max(v < 0 ? v + size : v, 0), size);
  const count = Math.max(0, Math.ceil((bound(end) - bound(start)) / step));
  return moved(x, x.shape.with(d, count), (at) => at.with(d, bound(start) + at[d] * step));
};
export const split = (x: Value, sizes: number | readonly number[], { dim = 0 } = {}): Value[] => {
  const d = normal(dim, x.shape.length), size = x.shape[d];
  const parts = typeof sizes === "number"
    ? Array.from({ length: Math.ceil(size / sizes) }, (_, k) => Math.min(sizes, size - k * sizes))
    : sizes;
  let start = 0;
  return parts.map((n) => slice(x, { dim: d, start, end: start += n }));
};
export const pad = (
  x: Value,
  sides: readonly number[],
  { mode = "constant", value = 0 }: { mode?: string; value?: number } = {},
): Value => {
  const rank = x.shape.length, before = x.shape.map((_, d) => sides[2 * (rank - 1 - d)] ?? 0);
  const shape = x.shape.map((n, d) => n + before[d] + (sides[2 * (rank - 1 - d) + 1] ?? 0));
  const inside = (v: number, n: number) => {
    if (mode === "replicate") return Math.min(Math.max(v, 0), n - 1);
    if (mode === "reflect") return v < 0 ? -v : v >= n ? 2 * (n - 1) - v : v;
    return v;
  };
  return moved(x, shape, (at) => {
    const from = at.map((v, d) => inside(v - before[d], x.shape[d]));
    return from.every((v, d) => v >= 0 && v < x.shape[d]) ? from : null;
  }, value);
};
export const cat = (parts: readonly Value[], { dim = 0 } = {}): Value => {
  const d = normal(dim, parts[0].shape.length), all = terms();
  const shape = parts[0].shape.with(d, parts.reduce((n, p) => n + p.shape[d], 0));
  let start = 0;
  parts.forEach((p, k) => {
    for (let i = 0; i < p.size; i++) {
      const at = coordinates(i, p.shape);
      addTerm(all, placeOf(at.with(d, at[d] + start), shape), i, 1, k);
    }
    start += p.shape[d];
  });
  return mix(parts, shape, all, { dtype: commonType(parts) });
};
export const stack = (parts: readonly Value[], { dim = 0 } = {}): Value => {
  const d = normal(dim, parts[0].shape.length + 1);
  return cat(parts.map((p) => unsqueeze(p, d)), { dim: d });
};

function commonType(parts: readonly Value[]): DType {
  const types = parts.map((p) => p.dtype);
  return types.includes("float32") ? "float32" : types.includes("int32") ? "int32" : "bool";
}
