/**
 * Whether a kernel on trial is right.
 *
 * What it gives for a small, odd batch must lie where sums in float64 on the CPU say, with room for rounding; where
 * something is done to the sums in the same kernel (an activation, a pooling), it is done to both ends of that room.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Output, Problem } from "../../kernels/tuning.ts";
import { type Epilogue, IDENTITY } from "../../kernels/wgsl/epilogue.ts";
import { dispatch } from "../../kernels/wgsl/source.ts";
import { read, u32s, write } from "../../kernels/wgsl/text.ts";
import { type Bench, UNWRITTEN } from "./bench.ts";

type Floats = Float32Array<ArrayBuffer>;
/** The least, the expected and the greatest values of an output. */
type Versions = readonly [Floats, Floats, Floats];

/** What an epilogue makes of the three. */
interface Applied {
  readonly storage: Storage;
  readonly isFloat: boolean;
  readonly versions: readonly [
    Float32Array | Int32Array,
    Float32Array | Int32Array,
    Float32Array | Int32Array,
  ];
}

/** Room for rounding, as a share of the terms' magnitudes, and of the value once something was done to it. */
const ROUNDING = 1e-5;
/** Products that are computed on the CPU for one output; where there are more, a sample of its elements is checked. */
const MOST_PRODUCTS = 4e6;
/** What a kernel must give at some places: between `low` and `high`. Elsewhere they are NaN. */
interface Expected {
  readonly storage: Storage;
  readonly isFloat: boolean;
  readonly count: number;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Where maxima lie in their planes: values there must reach up to the least that a maximum may be. */
interface ExpectedIndices {
  readonly indices: Storage;
  readonly least: Float64Array;
  readonly high: Float64Array;
  readonly plane: number;
}

/** Checks kernels against what they must give for a small batch. */
export class Checker {
  readonly #device: Device;
  readonly #bench: Bench;
  readonly #expected: (Expected | ExpectedIndices)[] = [];

  private constructor(device: Device, bench: Bench) {
    this.#device = device;
    this.#bench = bench;
  }

  /** Computes what must come out. */
  static async of(problem: Problem, device: Device, bench: Bench): Promise<Checker> {
    const checker = new Checker(device, bench);
    for (const output of problem.outputs) await checker.#expect(output);
    return checker;
  }

  /** Runs the dispatches once; says what is wrong with them, or null. */
  async fault(work: Work): Promise<string | null> {
    const device = this.#device, bench = this.#bench, dispatches = bench.dispatches(work);
    try {
      for (const { kernel } of dispatches) device.pipelines.get(kernel);
      await device.sync(); // an invalid kernel is reported here, before anything is made of it
      for (const e of this.#expected) if ("count" in e) bench.blank(e.storage, e.count);
      for (const each of dispatches) device.queue.run(each);
      for (const e of this.#expected) {
        const fault = "count" in e ? await this.#compare(e) : await this.#compareIndices(e);
        if (fault) return fault;
      }
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  async #compare({ storage, isFloat, count, low, high }: Expected): Promise<string | null> {
    const bytes = await this.#bench.read(storage, count), words = new Uint32Array(bytes);
    const values = isFloat ? new Float32Array(bytes) : new Int32Array(bytes);
    for (let i = 0; i < count; i++) {
      if (!Number.isFinite(low[i]) || !Number.isFinite(high[i])) continue;
      const room = ROUNDING * (1 + Math.max(Math.abs(low[i]!), Math.abs(high[i]!)));
      if (values[i]! >= low[i]! - room && values[i]! <= high[i]! + room) continue;
      const found = words[i] === UNWRITTEN ? "was not written" : `is ${values[i]}`;
      return `element ${i} ${found} and must lie between ${low[i]} and ${high[i]}`;
    }
    const beyond = words.findIndex((w, i) => i >= count && w !== UNWRITTEN);
    return beyond < 0 ? null : `element ${beyond} of ${count} was written`;
  }

  async #compareIndices({ indices, least, high, plane }: ExpectedIndices): Promise<string | null> {
    const at = new Uint32Array(await this.#bench.read(indices, least.length));
    const perPlane = least.length / (high.length / plane);
    for (let i = 0; i < least.length; i++) {
      if (!Number.isFinite(least[i])) continue;
      const there = at[i]! < plane ? high[Math.floor(i / perPlane) * plane + at[i]!]! : NaN;
      if (!(there >= least[i]! - ROUNDING * (1 + Math.abs(least[i]!)))) return `index ${i} is ${at[i]}`;
    }
    return null;
  }

  /** Notes what must come out of one output: its values, what its epilogue writes beside them, what it pools. */
  async #expect(output: Output): Promise<void> {
    const { count, pooling: pool, storage, epilogue = IDENTITY } = output;
    const unknown = () => new Float32Array(count).fill(NaN),
      room: Versions = [unknown(), unknown(), unknown()];
    for (const i of sample(output)) {
      const { value, magnitude } = output.sum(i, (s) => this.#bench.noise(s));
      room.forEach((values, k) => values[i] = value + (k - 1) * ROUNDING * magnitude);
    }
    const results = epilogue === IDENTITY
      ? [{ storage, isFloat: true, versions: room }]
      : await this.#apply(epilogue, storage, room);
    const [y, ...others] = results.map(({ storage, isFloat, versions: [a, b, c] }): Expected => ({
      storage,
      isFloat,
      count,
      low: Float64Array.from(b, (v, i) => Math.min(a[i]!, v, c[i]!)),
      high: Float64Array.from(b, (v, i) => Math.max(a[i]!, v, c[i]!)),
    })) as [Expected, ...Expected[]];
    if (!pool || pool.storeFull) this.#expected.push(y);
    this.#expected.push(...others);
    if (!pool) return;
    const { height, width, kind } = pool;
    const low = pooled(y.low, height, width, kind), high = pooled(y.high, height, width, kind);
    this.#expected.push({ storage: pool.y, isFloat: true, count: low.length, low, high });
    if (pool.indices) {
      this.#expected.push({ indices: pool.indices, least: low, high: y.high, plane: height * width });
    }
  }

  /** What an epilogue makes of values, by a kernel that does nothing else. */
  async #apply(epilogue: Epilogue, y: Storage, versions: Versions) {
    const device = this.#device, bench = this.#bench, count = versions[0]!.length, text = epilogue.text(1);
    const given = new Storage(device, 4 * count), { code, values } = text.apply(["v"], "id", "");
    const expected = dispatch(
      {
        name: "autotune expectation",
        bindings: [
          read("given", "f32"),
          write("y", "f32"),
          ...text.bindings,
        ],
        numberDecls: [...u32s("count"), ...text.numberDecls],
        declarations: text.functions,
        workgroupSize: 64,
        body: `if (id < u.count) { let v = given[id];\n${code}\ny[id] = ${values[0]}; }`,
      },
      [given, y, ...epilogue.reads, ...epilogue.writes],
      [count, ...epilogue.numbers],
      count,
    );
    const dispatches = bench.dispatches({ dispatches: [expected], temporaries: [given] });
    const written = text.bindings.filter((b) => b.access === "read_write");
    const results = [
      { storage: y, isFloat: true },
      ...epilogue.writes.map((storage, k) => ({ storage, isFloat: written[k]!.type === "f32" })),
    ];
    const apply = async (version: Float32Array<ArrayBuffer>) => {
      device.queue.upload(given, version);
      for (const each of dispatches) device.queue.run(each);
      return await Promise.all(results.map(async ({ storage, isFloat }) => {
        const bytes = await bench.read(storage, count);
        return isFloat ? new Float32Array(bytes, 0, count) : new Int32Array(bytes, 0, count);
      }));
    };
    const [a, b, c] = [await apply(versions[0]), await apply(versions[1]), await apply(versions[2])];
    return results.map((result, k): Applied => ({ ...result, versions: [a[k]!, b[k]!, c[k]!] }));
  }
}

/** The elements of an output that are checked: all, or some from everywhere; with a pooling, whole windows. */
function sample({ count, terms, pooling: pool }: Output): number[] {
  const height = pool ? pool.height >> 1 : 0, width = pool ? pool.width >> 1 : 0;
  const plane = pool ? pool.height * pool.width : 1;
  const units = pool ? count / plane * height * width : count;
  const some = Math.min(units, Math.max(64, Math.floor(MOST_PRODUCTS / terms / (pool ? 4 : 1))));
  const chosen = Array.from({ length: some }, (_, k) => {
    const first = Math.floor(k * units / some), last = Math.floor((k + 1) * units / some) - 1;
    return k === some - 1 ? last : first + Math.imul(k, 40503) % (last - first + 1);
  });
  if (!pool) return chosen;
  return chosen.flatMap((k) => {
    const column = k % width, row = Math.floor(k / width) % height;
    const at = Math.floor(k / (width * height)) * plane + 2 * row * pool.width + 2 * column;
    return [at, at + 1, at + pool.width, at + pool.width + 1];
  });
}

/** Maxima or means of windows of two by two in planes of `height` by `width`. */
function pooled(v: Float64Array, height: number, width: number, kind: "max" | "avg"): Float64Array {
  const h = height >> 1, w = width >> 1;
  return Float64Array.from({ length: v.length / (height * width) * h * w }, (_, k) => {
    const at = Math.floor(k / (w * h)) * height * width + 2 * (Math.floor(k / w) % h) * width + 2 * (k % w);
    const window = [v[at]!, v[at + 1]!, v[at + width]!, v[at + width + 1]!];
    return kind === "max" ? Math.max(...window) : window.reduce((a, b) => a + b) / 4;
  });
}
