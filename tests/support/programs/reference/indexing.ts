/**
 * Operations with indices, products of matrices, and random zeros, as mathematics defines them.
 *
 * @module
 */
import { addTerm, broadcast, contract, leafValue, mix, placesIn, sizeOf, terms, Value } from "../tape.ts";
import { unit } from "../../../../ops/kernels/wgsl/philox.ts";
import { seedStream, words } from "../../../../ops/core/tensor/random.ts";
import { add, mul, to, valueOf } from "./pointwise.ts";
import { coordinates, expand, normal, placeOf, stridesOf } from "./shapes.ts";

export const matmul = (a: Value, b: Value): Value => {
  const p = a.shape.length === 1 ? a.view([1, ...a.shape]) : a;
  const q = b.shape.length === 1 ? b.view([...b.shape, 1]) : b;
  const [m, inner] = p.shape.slice(-2), n = q.shape.at(-1)!;
  const batch = broadcast(p.shape.slice(0, -2), q.shape.slice(0, -2)), shape = [...batch, m, n];
  const lefts = placesIn(p.shape.slice(0, -2), batch), rights = placesIn(q.shape.slice(0, -2), batch);
  const to: number[] = [], left: number[] = [], right: number[] = [];
  for (let i = 0; i < sizeOf(shape); i++) {
    const [k, row, column] = coordinates(i, [sizeOf(batch), m, n]);
    for (let j = 0; j < inner; j++) {
      to.push(i);
      left.push((lefts[k] * m + row) * inner + j);
      right.push((rights[k] * inner + j) * n + column);
    }
  }
  const y = contract([p, q], shape, { to, left, right });
  return y.view([...batch, ...(a.shape.length === 1 ? [] : [m]), ...(b.shape.length === 1 ? [] : [n])]);
};
export const linear = (x: Value, weight: Value, { bias }: { bias?: Value } = {}): Value => {
  const [out, inner] = weight.shape, shape = [...x.shape.slice(0, -1), out];
  const to: number[] = [], left: number[] = [], right: number[] = [];
  for (let i = 0; i < sizeOf(shape); i++) {
    for (let j = 0; j < inner; j++) {
      to.push(i);
      left.push(Math.floor(i / out) * inner + j);
      right.push(i % out * inner + j);
    }
  }
  const y = contract([x, weight], shape, { to, left, right });
  return bias ? add(y, bias) : y;
};

export const gather = (x: Value, index: Value, { dim }: { dim: number }): Value => {
  const d = normal(dim, x.shape.length), all = terms();
  index.data.forEach((k, i) => addTerm(all, i, placeOf(coordinates(i, index.shape).with(d, k), x.shape)));
  return mix([x], index.shape, all);
};
export const embedding = (
  input: Value,
  weight: Value,
  { paddingIdx }: { paddingIdx?: number } = {},
): Value => {
  const [rows, width] = weight.shape, padding = paddingIdx === undefined ? -1 : normal(paddingIdx, rows);
  const all = terms();
  input.data.forEach((row, i) => {
    // the padding's row is looked up in a copy, to which no gradient flows
    for (let k = 0; k < width; k++) addTerm(all, i * width + k, row * width + k, 1, row === padding ? 1 : 0);
  });
  return mix([weight, weight.detached()], [...input.shape, width], all);
};
export const oneHot = (x: Value, { numClasses }: { numClasses: number }): Value => {
  const data = Array.from(x.data, (v) => Array.from({ length: numClasses }, (_, k) => Number(k === v)))
    .flat();
  return leafValue([...x.shape, numClasses], data, "int32", false);
};

/** What is meant of a dimension. */
type Index = number | "all" | { start?: number; end?: number; step?: number } | Value;

/** A mask as the indices of its true elements, one list for each of its dimensions. */
function trueIndices(mask: Value): Value[] {
  const at = Array.from(mask.data.keys()).filter((i) => mask.data[i] !== 0).map((i) =>
    coordinates(i, mask.shape)
  );
  return mask.shape.map((_, d) => leafValue([at.length], at.map((c) => c[d]), "int32", false));
}

/** The shape that is selected, and where each of its elements lies; -1 where an index does not exist. */
export function selected(
  shape: readonly number[],
  where: Index | readonly Index[],
): { shape: number[]; places: number[] } {
  const parts = ([where].flat() as Index[]).flatMap((index) =>
    index instanceof Value && index.dtype === "bool" ? trueIndices(index) : [index]
  );
  while (parts.length < shape.length) parts.push("all");
  const lists = parts.map((part, d) => {
    if (part instanceof Value) return null;
    if (typeof part === "number") return [normal(part, shape[d])];
    const { start = 0, end = shape[d], step = 1 } = part === "all" ? {} : part;
    const bound = (v: number) => Math.min(Math.max(normal(v, shape[d]), 0), shape[d]);
    const found: number[] = [];
    for (let k = bound(start); k < bound(end); k += step) found.push(k);
    return found;
  });
  const indices = parts.filter((p) => p instanceof Value),
    own = broadcast([], ...indices.map((p) => p.shape));
  const walked = parts.map((p, d) => ({ d, isWalked: typeof p !== "number" && !(p instanceof Value) }))
    .filter(({ isWalked }) => isWalked).map(({ d }) => d);
  const tensors = parts.map((p, d) => (p instanceof Value && p.shape.length > 0 ? d : -1)).filter((d) =>
    d >= 0
  );
  // index tensors stand where the first stands if no walked dimension is between them, and else in front
  const isTogether = !walked.some((d) => d > tensors[0] && d < tensors.at(-1)!);
  const at = isTogether ? walked.filter((d) => d < tensors[0]).length : 0;
  const result = walked.map((d) => lists[d]!.length).toSpliced(at, 0, ...own), strides = stridesOf(shape);
  const places = Array.from({ length: sizeOf(result) }, (_, i) => {
    const c = coordinates(i, result), item = c.slice(at, at + own.length), rest = c.toSpliced(at, own.length);
    let place = 0;
    for (const [d, part] of parts.entries()) {
      const k = part instanceof Value
        ? part.data[placesIn(part.shape, own)[placeOf(item, own)]]
        : lists[d]![walked.includes(d) ? rest[walked.indexOf(d)] : 0];
      if (k < 0 || k >= shape[d]) return -1;
      place += k * strides[d];
    }
    return place;
  });
  return { shape: result, places };
}

export const set = (x: Value, where: Index | readonly Index[], value: Value | number): Value => {
  const { shape, places } = selected(x.shape, where), given = to(valueOf(value), x.dtype);
  const dropped = given.shape.slice(0, Math.max(0, given.shape.length - shape.length)).length;
  const written = placesIn(given.shape.slice(dropped), shape), last = new Map<number, number>();
  places.forEach((place, i) => place >= 0 && last.set(place, written[i])); // of several the last counts
  const all = terms();
  for (let i = 0; i < x.size; i++) {
    if (last.has(i)) addTerm(all, i, last.get(i)!, 1, 1);
    else addTerm(all, i, i);
  }
  x.rewrite(mix([x, given], x.shape, all));
  return x;
};
export const copy = (x: Value, source: Value): Value => {
  x.rewrite(to(expand(source, x.shape), x.dtype));
  return x;
};
export const fill = (x: Value, value: number): Value => copy(x, valueOf(value));
export const detach = (x: Value): Value => new Value(x.shape, x.dtype, x.detached().cell);

/** Random zeros, by the seed of the program and the number of the draw. */
export class Random {
  #draws = 0;
  constructor(readonly seed: number) {}

  dropout(x: Value, { p = 0.5, training = true } = {}): Value {
    if (!training || p === 0) return x.view(x.shape);
    const source = words(seedStream(this.seed, this.#draws++)),
      scale = p === 1 ? 0 : Math.fround(1 / (1 - p));
    const factors = Array.from(
      { length: x.size },
      () => (unit(source.next().value) < Math.fround(p) ? 0 : scale),
    );
    return mul(x, leafValue(x.shape, factors, "float32", false));
  }

  /** What each of `n` elements is drawn to be: 0 with probability `p`, and else 1. */
  #kept(n: number, p: number): number[] {
    const source = words(seedStream(this.seed, this.#draws++));
    return Array.from({ length: n }, () => (unit(source.next().value) < Math.fround(p) ? 0 : 1));
  }

  dropout2d(x: Value, { p = 0.5, training = true } = {}): Value {
    if (!training || p === 0) return x.view(x.shape);
    const channels = x.shape.map((n, d) => (d < 2 ? n : 1)), scale = p === 1 ? 0 : Math.fround(1 / (1 - p));
    const factors = this.#kept(sizeOf(channels), p).map((v) => v * scale);
    return mul(x, leafValue(channels, factors, "float32", false));
  }

  alphaDropout(x: Value, { p = 0.5, training = true } = {}): Value {
    if (!training || p === 0) return x.view(x.shape);
    const depth = 1.7580993408473766, a = p === 1 ? 0 : 1 / Math.sqrt((depth * depth * p + 1) * (1 - p));
    const kept = this.#kept(x.size, p);
    const scaled = mul(x, leafValue(x.shape, kept.map((v) => v * a), "float32", false));
    const moved = kept.map((v) => v * depth * a + depth * a * (p - 1));
    const by = leafValue(x.shape, moved, "float32", false);
    by.err.forEach((_, i) => by.err[i] = 2 ** -21);
    return add(scaled, by);
  }

  bernoulli(x: Value): Value {
    const source = words(seedStream(this.seed, this.#draws++));
    const y = leafValue(
      x.shape,
      Array.from(x.data, (p) => Number(unit(source.next().value) < p)),
      "float32",
      false,
    );
    x.err.forEach((e, i) => y.err[i] = e > 0 ? 1 : 0); // a coin that an error may turn is not drawn
    return y;
  }
}
