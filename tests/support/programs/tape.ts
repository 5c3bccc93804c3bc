/**
 * Values in float64 that know how far float32 may lie from them, and their gradients: a small tape of four primitives.
 *
 * Every number comes with a bound on the distance of a float32 computation of it, to first order: what its inputs may be
 * off moves it by so much, and its own rounding adds units of 2^-24 of the size of what is added up or multiplied. Where
 * an input lies so near a kink, a tie or a step that its error reaches across, the bound is as large as the jump. All
 * that compares with these values takes its tolerance from there.
 *
 * @module
 */

/** The types of elements. */
export type DType = "float32" | "int32" | "bool";

/** Numbers, and how far float32 may be off each. */
export interface Numbers {
  readonly data: Float64Array;
  readonly err: Float64Array;
}

/** Half a unit in the last place of float32, of a number of size 1. */
export const UNIT = 2 ** -24;
/** What rounding may do to the smallest numbers, which adapters may take as zero. */
const TINY = 2 ** -126;

/** Numbers of a size, all 0. */
export function numbers(n: number): Numbers {
  return { data: new Float64Array(n), err: new Float64Array(n) };
}

type Gradient = (dy: Numbers) => (Numbers | null)[];

/** Numbers, what they were made of, and how gradients go there. */
class Node {
  static #made = 0;
  readonly order: number = Node.#made++;
  readonly requiresGrad: boolean;

  constructor(
    readonly value: Numbers,
    readonly inputs: readonly Node[],
    readonly gradient: Gradient | null,
    requiresGrad = false,
  ) {
    this.requiresGrad = requiresGrad || (gradient !== null && inputs.some((n) => n.requiresGrad));
  }
}

/** Memory that several views may share; a write puts another node into it. */
interface Cell {
  node: Node;
}

/** A tensor of the reference. */
export class Value {
  constructor(readonly shape: readonly number[], readonly dtype: DType, readonly cell: Cell) {}

  /** The elements. */
  get data(): Float64Array {
    return this.cell.node.value.data;
  }

  /** How far float32 may be off. */
  get err(): Float64Array {
    return this.cell.node.value.err;
  }

  /** How many elements there are. */
  get size(): number {
    return this.cell.node.value.data.length;
  }

  /** Whether gradients flow here. */
  get requiresGrad(): boolean {
    return this.cell.node.requiresGrad;
  }

  /** The same memory in another form. */
  view(shape: readonly number[]): Value {
    return new Value(shape, this.dtype, this.cell);
  }

  /** The same elements, of which nothing knows where they came from. */
  detached(): Value {
    return made(this.shape, this.cell.node.value, [], null, this.dtype);
  }

  /** Writes what `other`, of the same size, holds. */
  rewrite(other: Value): void {
    this.cell.node = other.cell.node;
  }
}

/** A value that begins a program; float32 values are given exactly. */
export function leafValue(
  shape: readonly number[],
  data: ArrayLike<number>,
  dtype: DType,
  requiresGrad: boolean,
): Value {
  const value = { data: Float64Array.from(data), err: new Float64Array(data.length) };
  return new Value(shape, dtype, { node: new Node(value, [], null, requiresGrad) });
}

function made(
  shape: readonly number[],
  value: Numbers,
  inputs: readonly Value[],
  gradient: Gradient | null,
  dtype: DType = "float32",
): Value {
  const nodes = inputs.map((v) => v.cell.node);
  return new Value(shape, dtype, { node: new Node(value, nodes, dtype === "float32" ? gradient : null) });
}

/** The gradients of leaves under a gradient in each of some values; null where none arrives. */
export function gradientsOf(
  leaves: readonly Value[],
  outputs: readonly (readonly [Value, Float64Array])[],
): (Numbers | null)[] {
  const arrived = new Map<Node, Numbers>(), waiting = new Set<Node>();
  const arrive = (node: Node, dy: Numbers) => {
    if (!node.requiresGrad) return;
    const before = arrived.get(node);
    arrived.set(node, before ? sumOf(before, dy) : dy);
    waiting.add(node);
  };
  for (const [y, dy] of outputs) arrive(y.cell.node, { data: dy, err: new Float64Array(dy.length) });
  while (waiting.size > 0) {
    const node = [...waiting].reduce((a, b) => (a.order > b.order ? a : b));
    waiting.delete(node);
    node.gradient?.(arrived.get(node)!).forEach((dx, k) => dx && arrive(node.inputs[k], dx));
  }
  return leaves.map((leaf) => arrived.get(leaf.cell.node) ?? null);
}

function sumOf(a: Numbers, b: Numbers): Numbers {
  const y = numbers(a.data.length);
  for (let i = 0; i < y.data.length; i++) {
    y.data[i] = a.data[i] + b.data[i];
    y.err[i] = a.err[i] + b.err[i] + UNIT * (Math.abs(a.data[i]) + Math.abs(b.data[i]));
  }
  return y;
}

/** The shape of what several shapes broadcast to. */
export function broadcast(...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, d) => {
    const sizes = shapes.map((s) => s[d - rank + s.length] ?? 1);
    return sizes.find((n) => n !== 1) ?? 1;
  });
}

/** How many elements a shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** For each element of `shape` the place of the element of `own` that it takes when that broadcasts. */
export function placesIn(own: readonly number[], shape: readonly number[]): Int32Array {
  const n = sizeOf(shape), places = new Int32Array(n), lead = shape.length - own.length;
  for (let i = 0; i < n; i++) {
    for (let d = shape.length - 1, rest = i, stride = 1; d >= lead; d--) {
      const at = rest % shape[d];
      rest = (rest - at) / shape[d];
      if (own[d - lead] === 1) continue;
      places[i] += at * stride;
      stride *= own[d - lead];
    }
  }
  return places;
}

/** What is known of a function of numbers. */
export interface Pointwise {
  /** The function. */
  readonly f: (...x: number[]) => number;
  /** Its slope in each input; without them no gradient flows. */
  readonly slopes?: readonly ((...x: number[]) => number)[];
  /** How many units its own rounding may be off, of the size of the result; 4 unless given. */
  readonly ulps?: number;
  /** The size of what cancels on the way to the result, and to the slopes; 0 unless given. */
  readonly terms?: number;
  readonly dtype?: DType;
}

/** How far a function moves when each of its arguments is off by its error. */
function movement(f: (...x: number[]) => number, x: readonly number[], err: readonly number[]): number {
  const y = f(...x);
  return x.reduce((sum, v, k) => {
    if (err[k] === 0) return sum;
    const [up, down] = [v + err[k], v - err[k]].map((moved) => Math.abs(f(...x.with(k, moved)) - y));
    const most = Math.max(up, down);
    return sum + (Number.isNaN(most) ? Infinity : most);
  }, 0);
}

/** A function of each element of some values that broadcast. */
export function pointwise(inputs: readonly Value[], fn: Pointwise): Value {
  const { f, slopes, ulps = 4, terms = 0, dtype = "float32" } = fn;
  const shape = broadcast(...inputs.map((v) => v.shape)), y = numbers(sizeOf(shape));
  const places = inputs.map((v) => placesIn(v.shape, shape)), before = inputs.map((v) => v.cell.node.value);
  const at = (i: number) => places.map((p, k) => before[k].data[p[i]]);
  const errAt = (i: number) => places.map((p, k) => before[k].err[p[i]]);
  const needs = inputs.map((v) => v.requiresGrad), sizes = inputs.map((v) => v.size);
  for (let i = 0; i < y.data.length; i++) {
    const x = at(i);
    y.data[i] = f(...x);
    y.err[i] = movement(f, x, errAt(i)) + (ulps > 0 ? ulps * UNIT * (Math.abs(y.data[i]) + terms) + TINY : 0);
  }
  const gradient = slopes && ((dy: Numbers) =>
    slopes.map((slope, k) => {
      if (!needs[k]) return null;
      const sum = new Sum(sizes[k]);
      for (let i = 0; i < y.data.length; i++) {
        const x = at(i), s = slope(...x);
        const off = movement(slope, x, errAt(i)) + (ulps > 0 ? (ulps + 4) * UNIT * (Math.abs(s) + terms) : 0);
        const lost = Math.abs(s) * dy.err[i] + off * (Math.abs(dy.data[i]) + dy.err[i]);
        sum.add(places[k][i], dy.data[i] * s, ulps > 0 ? lost + TINY : lost);
      }
      return sum.total();
    }));
  return made(shape, y, inputs, gradient ?? null, dtype);
}

/** Sums of terms, whose rounding is bounded by the number of terms and their sizes. */
class Sum {
  readonly #y: Numbers;
  readonly #sizes: Float64Array;
  readonly #counts: Int32Array;

  constructor(n: number) {
    this.#y = numbers(n);
    this.#sizes = new Float64Array(n);
    this.#counts = new Int32Array(n);
  }

  add(i: number, term: number, err: number): void {
    this.#y.data[i] += term;
    this.#y.err[i] += err;
    this.#sizes[i] += Math.abs(term);
    this.#counts[i]++;
  }

  total(): Numbers {
    for (let i = 0; i < this.#counts.length; i++) {
      if (this.#counts[i] > 1) this.#y.err[i] += this.#counts[i] * UNIT * this.#sizes[i];
    }
    return this.#y;
  }
}

/** Weighted sums of elements: term `t` adds `weight[t]` times element `from[t]` of input `of[t]` to element `to[t]`. */
export interface Terms {
  readonly to: number[];
  readonly of: number[];
  readonly from: number[];
  readonly weight: number[];
}

/** No terms yet. */
export function terms(): Terms {
  return { to: [], of: [], from: [], weight: [] };
}

/** Adds a term. */
export function addTerm(all: Terms, to: number, from: number, weight = 1, of = 0): void {
  all.to.push(to);
  all.of.push(of);
  all.from.push(from);
  all.weight.push(weight);
}

/** Options of {@linkcode mix}. */
interface MixOptions {
  /** The value of elements that no term reaches. */
  rest?: number;
  dtype?: DType;
  /** How far the weights themselves may be off. */
  off?: number;
}

/** Every linear map of the library: elements that move, sums, means, interpolation. */
export function mix(
  inputs: readonly Value[],
  shape: readonly number[],
  all: Terms,
  { rest = 0, dtype = inputs[0].dtype, off = 0 }: MixOptions = {},
): Value {
  const { to, of, from, weight } = all,
    sum = new Sum(sizeOf(shape)),
    before = inputs.map((v) => v.cell.node.value);
  const rounding = (w: number) => (w === 1 ? 0 : 4 * UNIT * Math.abs(w) + off);
  for (let t = 0; t < to.length; t++) {
    const { data, err } = before[of[t]], x = data[from[t]], w = weight[t];
    sum.add(to[t], w * x, Math.abs(w) * err[from[t]] + rounding(w) * Math.abs(x));
  }
  const y = sum.total();
  if (rest !== 0) {
    const reached = new Set(to);
    for (let i = 0; i < y.data.length; i++) if (!reached.has(i)) y.data[i] = Math.fround(rest);
  }
  return made(shape, y, inputs, (dy) => {
    const sums = inputs.map((v) => new Sum(v.size));
    for (let t = 0; t < to.length; t++) {
      const d = dy.data[to[t]], w = weight[t];
      sums[of[t]].add(from[t], w * d, Math.abs(w) * dy.err[to[t]] + rounding(w) * Math.abs(d));
    }
    return sums.map((s) => s.total());
  }, dtype);
}

/** Products of pairs, added up: element `to[t]` gets element `left[t]` of `a` times element `right[t]` of `b`. */
export function contract(
  [a, b]: readonly [Value, Value],
  shape: readonly number[],
  { to, left, right }: { to: number[]; left: number[]; right: number[] },
): Value {
  const products = (n: number, at: number[], p: Numbers, i: number[], q: Numbers, j: number[]) => {
    const sum = new Sum(n);
    for (let t = 0; t < at.length; t++) {
      const u = p.data[i[t]], v = q.data[j[t]], eu = p.err[i[t]], ev = q.err[j[t]];
      sum.add(at[t], u * v, Math.abs(u) * ev + Math.abs(v) * eu + eu * ev + UNIT * Math.abs(u * v) + TINY);
    }
    return sum.total();
  };
  const [x, w] = [a, b].map((v) => v.cell.node.value), needs = [a, b].map((v) => v.requiresGrad);
  return made(shape, products(sizeOf(shape), to, x, left, w, right), [a, b], (dy) => [
    needs[0] ? products(a.size, left, dy, to, w, right) : null,
    needs[1] ? products(b.size, right, dy, to, x, left) : null,
  ]);
}

/** Which of several candidates are taken, and how their gradient is shared. */
export interface Choice {
  /** The candidates of each element of the result, in order. */
  readonly candidates: readonly (readonly number[])[];
  /** 1 for the largest, -1 for the smallest. */
  readonly sign: 1 | -1;
  /** Which in order is taken, by element: 0 the best. */
  readonly rank?: readonly number[];
  /** Whether all that equal the best share the gradient, rather than the first having it. */
  readonly even?: boolean;
}

/** Chooses the best of candidates: values, and the places in the lists of candidates. */
export function choose(x: Value, shape: readonly number[], choice: Choice): { values: Value; places: Value } {
  const { candidates, sign, rank, even = false } = choice, { data, err } = x;
  const y = numbers(sizeOf(shape)), places = numbers(y.data.length);
  const takers = candidates.map((list, i) => {
    const order = list.map((j, k) => ({ j, k })).sort((a, b) => sign * (data[b.j] - data[a.j]) || a.k - b.k);
    const { j, k } = order[rank?.[i] ?? 0];
    const near = list.filter((c) => Math.abs(data[c] - data[j]) <= err[c] + err[j]);
    const isSure = near.every((c) => err[c] === 0 && err[j] === 0);
    y.data[i] = data[j];
    y.err[i] = Math.max(...near.map((c) => Math.abs(data[c] - data[j]) + err[c]));
    places.data[i] = k;
    places.err[i] = isSure || near.length === 1 ? 0 : Infinity;
    return { taken: even && isSure ? near : [j], near: isSure || near.length === 1 ? [] : near };
  });
  const values = made(shape, y, [x], (dy) => {
    const sum = new Sum(x.size);
    takers.forEach(({ taken, near }, i) => {
      const share = dy.data[i] / taken.length;
      for (const j of taken) sum.add(j, share, (dy.err[i] + 2 * UNIT * Math.abs(dy.data[i])) / taken.length);
      for (const j of near) sum.add(j, 0, Math.abs(dy.data[i]));
    });
    return [sum.total()];
  }, x.dtype);
  return { values, places: made(shape, places, [], null, "int32") };
}
