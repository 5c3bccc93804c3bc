/**
 * Random programs: steps are drawn one by one, each is run in the reference at once, and one whose result float32 could
 * not have to three digits, or that would be a matter of luck, is drawn again.
 *
 * @module
 */
import { mulberry32 } from "../random_numbers.ts";
import { DRAWS, OFTEN } from "./draws/mod.ts";
import { Rejected } from "./draws/rejected.ts";
import {
  type Arg,
  type Layer,
  type Leaf,
  type LeafOptions,
  type Program,
  pruned,
  Ref,
  type Step,
} from "./program.ts";
import { Reference } from "./reference/mod.ts";
import { broadcast, sizeOf, type Value } from "./tape.ts";

/** Most elements of a value. */
const MOST = 3000;
/** Largest size of an element. */
const LARGEST = 1e3;
/** Share of the largest element that a value may be off. */
const SHARPNESS = 3e-4;

/** Shapes of which a reduction or a product is more than one workgroup's work. */
const LARGE = [[1100], [2500], [40, 60], [3, 700], [700, 3]];

/** A value that exists, and what is known of it. */
export interface Known {
  readonly ref: Ref;
  readonly value: Value;
}

/** A program in the making. */
export class Generator {
  readonly leaves: Leaf[] = [];
  readonly layers: Layer[] = [];
  readonly steps: Step[] = [];
  readonly seed: number;
  readonly #reference: Reference;
  readonly #known: Known[] = [];
  /** Memory of which a gradient may need the elements, so that nothing is written there. */
  readonly #kept = new Set<object>();
  /** A number in [0, 1). */
  readonly random: () => number;

  constructor(seed: number) {
    this.seed = seed;
    this.random = mulberry32(Math.imul(seed, 0x9e3779b9) ^ 0x5bd1e995);
    this.#reference = new Reference(seed);
  }

  /** A whole number from `low` to `high`. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }

  chance(p: number): boolean {
    return this.random() < p;
  }

  oneOf<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)];
  }

  /** Some options, each there or not. */
  options(all: Readonly<Record<string, Arg | undefined>>): Record<string, Arg> {
    const there = Object.entries(all).filter(([, v]) => v !== undefined && this.chance(0.5));
    return Object.fromEntries(there) as Record<string, Arg>;
  }

  /** Options as the last argument, if there are any. */
  optional(options: Record<string, Arg>): Arg[] {
    return Object.keys(options).length > 0 ? [options] : [];
  }

  /** A shape, small but for one in thirty, whose sums and sorts take more than one pass. */
  shape(rank = this.oneOf([0, 1, 1, 2, 2, 2, 3, 3, 4])): number[] {
    if ((rank === 1 || rank === 2) && this.chance(1 / 30)) {
      return this.oneOf(LARGE.filter((s) => s.length === rank));
    }
    return Array.from({ length: rank }, () => this.oneOf(rank > 3 ? [1, 2, 3, 4] : [1, 2, 3, 4, 5, 6, 8]));
  }

  /** A new leaf. */
  leaf(shape: readonly number[], options: Partial<LeafOptions> = {}): Ref {
    const { dtype = "float32" } = options, isFloat = dtype === "float32";
    const name = `a${this.leaves.length}`, requiresGrad = isFloat && this.chance(0.8);
    const grid = isFloat && this.chance(0.15) ? 0.5 : undefined;
    const kind = { ...(isFloat ? { requiresGrad } : {}), ...(grid ? { grid, low: -2, high: 2 } : {}) };
    const leaf = { name, shape, seed: this.whole(1, 9999), ...kind, ...options };
    this.leaves.push(leaf);
    this.#reference.addLeaf(leaf);
    return this.#add(name);
  }

  #add(name: string): Ref {
    const ref = new Ref(name);
    this.#known.push({ ref, value: this.#reference.get(name) });
    return ref;
  }

  /** The value of a name. */
  valueOf(ref: Ref): Value {
    return this.#reference.get(ref.name);
  }

  shapeOf(ref: Ref): readonly number[] {
    return this.valueOf(ref).shape;
  }

  /** The values that fit, the latest last. */
  known(fits: (v: Value) => boolean): Known[] {
    return this.#known.filter(({ value }) => fits(value));
  }

  /** A value that fits, rather a late one; else, or at times, what `make` makes. */
  find(fits: (v: Value) => boolean, make: () => Ref, fresh = 0.1): Ref {
    const all = this.known(fits), made = all.filter(({ ref }) => ref.name.startsWith("v"));
    const fitting = made.length > 0 && this.chance(0.85) ? made : all;
    if (fitting.length === 0 || this.chance(fresh)) return make();
    const late = Math.floor(fitting.length * (1 - this.random() ** 4));
    return fitting[Math.min(late, fitting.length - 1)].ref;
  }

  /** A float32 value whose shape fits. */
  float(fits: (shape: readonly number[]) => boolean = () => true, make = () => this.shape()): Ref {
    return this.find((v) => v.dtype === "float32" && fits(v.shape), () => this.leaf(make()));
  }

  /** A float32 value of some ranks. */
  ranked(low: number, high = low, make = () => this.shape(this.whole(low, high))): Ref {
    return this.float((s) => s.length >= low && s.length <= high, make);
  }

  /** A value of some ranks and, at times, of another type. */
  anyRanked(low: number, high: number): Ref {
    if (this.chance(0.85)) return this.ranked(low, high);
    const fits = ({ dtype, shape }: Value) =>
      dtype !== "float32" && shape.length >= low && shape.length <= high;
    const make = () => this.shape(this.whole(low, high));
    return this.find(
      fits,
      () => this.chance(0.5) ? this.int(make(), 4) : this.leaf(make(), { dtype: "bool" }),
    );
  }

  /** Images, of at least `least` by `least`. */
  images(least = 2, fits: (shape: readonly number[]) => boolean = () => true): Ref {
    const make =
      () => [this.whole(1, 2), this.oneOf([1, 2, 3, 4]), this.whole(least, 7), this.whole(least, 7)];
    return this.float(
      (s) => s.length === 4 && s[2] >= least && s[3] >= least && s[2] * s[3] < 80 && fits(s),
      () => {
        for (;;) {
          const shape = make();
          if (fits(shape)) return shape;
        }
      },
    );
  }

  /** Makes images of an earlier result, if one has as many elements. */
  #reshapeToImages(fits: (shape: readonly number[]) => boolean): void {
    const made = this.known((v) => v.dtype === "float32" && v.shape.length < 4).filter(({ ref }) =>
      ref.name[0] === "v"
    );
    for (const { ref, value: { size } } of made.toReversed()) {
      for (const channels of [2, 1, 3]) {
        const height = [6, 5, 4, 3, 2].find((h) =>
          size % (h * channels) === 0 && fits([1, channels, h, size / (h * channels)])
        );
        if (height === undefined) continue;
        return void this.step("reshape", [ref, [1, channels, height, size / (height * channels)]]);
      }
    }
  }

  /** A float32 value whose elements are positive. */
  positive(shape?: readonly number[]): Ref {
    const isPositive = (v: Value) =>
      v.dtype === "float32" && (!shape || v.shape.join() === shape.join()) &&
      v.data.every((x) => x > 0.1 && x < 20);
    return this.find(isPositive, () => {
      if (shape || this.chance(0.5)) return this.leaf(shape ?? this.shape(), { low: 0.25, high: 2 });
      const [size] = this.step("abs", [this.float()]);
      return this.step("add", [size, 0.5])[0];
    });
  }

  bool(shape?: readonly number[]): Ref {
    const fits = (v: Value) => v.dtype === "bool" && (!shape || v.shape.join() === shape.join());
    return this.find(fits, () => this.leaf(shape ?? this.shape(), { dtype: "bool" }));
  }

  /** Whole numbers from 0 up. */
  int(shape: readonly number[], limit: number): Ref {
    return this.leaf(shape, { dtype: "int32", low: 0, high: limit });
  }

  /** What broadcasts with a value: one that is there, a leaf, or a number. */
  partner(a: Ref): Arg {
    const own = this.shapeOf(a);
    if (this.chance(0.2)) return this.oneOf([0.5, 2, -1.5, 3, 0.7]);
    const fits = (v: Value) => {
      if (v.dtype !== "float32" || (v === this.valueOf(a) && this.chance(0.8))) return false;
      const both = broadcast(own, v.shape), lead = (s: readonly number[]) => both.length - s.length;
      const agrees = (s: readonly number[]) => s.every((n, d) => n === 1 || n === both[d + lead(s)]);
      return agrees(own) && agrees(v.shape) && sizeOf(both) <= MOST;
    };
    const fitting = this.chance(0.5) ? this.known(fits) : [];
    if (fitting.length > 0) return this.oneOf(fitting).ref;
    const shape = own.map((n) => this.chance(0.3) ? 1 : n);
    return this.leaf(
      this.chance(0.2) ? shape.slice(1) : this.chance(0.1) && own.length < 4 ? [2, ...shape] : shape,
    );
  }

  /** Makes a layer, or takes one that is there. */
  layer(kind: string, args: readonly Arg[]): string {
    const alike = this.layers.filter((l) =>
      l.kind === kind && JSON.stringify(l.args) === JSON.stringify(args)
    );
    if (alike.length > 0 && this.chance(0.7)) return alike[0].name;
    const name = `l${this.layers.length}`;
    const layer = { name, kind, args, training: this.chance(0.7), seed: this.whole(1, 9999) };
    this.layers.push(layer);
    this.#reference.addLayer(layer);
    return name;
  }

  /** Runs a step and keeps it, unless its result is no good. */
  step(fn: string, args: readonly Arg[], { layer, result = "one", parts = 2 }: StepOptions = {}): Ref[] {
    const count = result === "none" ? 0 : result === "one" ? 1 : result === "pair" ? 2 : parts;
    const first = this.steps.reduce((n, s) => n + s.names.length, 0);
    const names = Array.from({ length: count }, (_, k) => `v${first + k}`);
    const step: Step = { names, result, fn, ...(layer ? { layer } : {}), args };
    this.#reference.run(step);
    for (const name of names) {
      if (isGood(this.#reference.get(name))) continue;
      names.forEach((n) => this.#reference.values.delete(n));
      throw new Rejected();
    }
    this.steps.push(step);
    const refs = names.map((name) => this.#add(name));
    if (refs.some((r) => this.valueOf(r).requiresGrad)) this.#keep(args);
    return refs;
  }

  /** Of the arguments of what has a gradient, nothing may be overwritten any more. */
  #keep(args: readonly Arg[]): void {
    const visit = (arg: Arg): void => {
      if (arg instanceof Ref) this.#kept.add(this.valueOf(arg).cell);
      else if (Array.isArray(arg)) arg.forEach(visit);
      else if (typeof arg === "object" && arg !== null) Object.values(arg).forEach(visit);
    };
    args.forEach(visit);
  }

  /** Whether no gradient needs the elements of a value as they are. */
  isFree(ref: Ref): boolean {
    return !this.#kept.has(this.valueOf(ref).cell);
  }

  /** The program as it is. */
  program(): Program {
    const { seed, leaves, layers, steps } = this;
    return pruned({ seed, leaves, layers, steps });
  }
}

interface StepOptions {
  readonly layer?: string;
  readonly result?: Step["result"];
  readonly parts?: number;
}

/** Whether a result says something: it is finite, not large, and float32 can have it. */
function isGood({ data, err, dtype, size }: Value): boolean {
  if (size === 0 || size > MOST) return false;
  if (dtype !== "float32") return err.every((e) => e === 0) && data.every((v) => Math.abs(v) < 1e6);
  const most = data.reduce((m, v) => Math.max(m, Math.abs(v)), 0),
    off = err.reduce((m, v) => Math.max(m, v), 0);
  return most < LARGEST && off <= SHARPNESS * (most + 0.01) && !data.some(Number.isNaN);
}

/** The names of all that is drawn: the operations, and the layers as `nn.…`. */
export const DRAWN: readonly string[] = Object.keys(DRAWS);

/** The program of a seed. Programs of neighbouring seeds are about different operations, each in its turn. */
export function randomProgram(seed: number, length = 2 + seed % 5): Program {
  const g = new Generator(seed), about = DRAWN[seed % DRAWN.length], turn = g.whole(0, length - 1);
  for (let k = 0, tries = 0; k < length; k++) {
    const draw = k === turn ? DRAWS[about] : g.chance(0.12) ? g.oneOf(OFTEN) : DRAWS[g.oneOf(DRAWN)];
    try {
      draw(g);
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      if (tries++ < 20) k--;
    }
  }
  return g.program();
}
