/**
 * PyTorch's answers, as files: where they are, how inputs are made, and how results are compared.
 *
 * Every value was computed in float64 from float32 inputs; a record says how far float32 may lie from it.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { type DType, type Tensor, tensor } from "../../mod.ts";

/** An input of a case. */
export interface InputSpec {
  name: string;
  shape: number[];
  dtype?: DType;
  seed?: number;
  scale?: number;
  offset?: number;
  mod?: number;
  values?: (number | string)[];
  grad?: boolean;
}

/** What is stored of a large tensor. */
interface Digest {
  first: number[];
  last: number[];
  sampled: number[];
  sum: number;
  sumAbs: number;
  l2: number;
  dot: number;
}

/** A stored tensor. */
export interface TensorRecord {
  shape: number[];
  dtype?: DType;
  values?: (number | string)[];
  digest?: Digest;
  maxAbs: number;
  atol?: number;
}

/** One call of one operation. */
export interface Case {
  id: string;
  op: string;
  inputs: InputSpec[];
  args: Record<string, unknown>;
  outputs: TensorRecord[];
  gradSeed?: number;
  grads: (TensorRecord | null)[];
  tolerance: { rtol: number; atol: number };
}

/** The folders that may hold the whole oracle, and the one that holds what is always there. */
const FOLDERS = [
  Deno.env.get("PLUNGE_ORACLE"),
  fromFileUrl(new URL("../../../shared/oracle", import.meta.url)),
];
const FIXTURES = fromFileUrl(new URL("../fixtures/oracle", import.meta.url));

/** Where `file` of the oracle is: in the whole oracle if it is at hand, else among the fixtures. */
export function oraclePath(file: string): string {
  for (const folder of FOLDERS) {
    if (!folder) continue;
    try {
      Deno.statSync(join(folder, file));
      return join(folder, file);
    } catch {
      // the next folder may have it
    }
  }
  return join(FIXTURES, file);
}

/** A JSON file of the oracle. */
export function readOracle<T>(file: string): T {
  return JSON.parse(Deno.readTextFileSync(oraclePath(file))) as T;
}

/** The cases of the oracle, and those that `tests/reference/make_cases.py` adds. */
export function readCases(): Case[] {
  const more = fromFileUrl(new URL("../fixtures/cases.json", import.meta.url));
  const added = JSON.parse(Deno.readTextFileSync(more)) as { cases: Case[] };
  return [...readOracle<{ cases: Case[] }>("oracle.json").cases, ...added.cases];
}

/** Hashes 0 to n - 1: the murmur3 finaliser over a Weyl sequence. */
function hashes(seed: number, n: number): Uint32Array {
  const start = Math.imul(seed, 0x85ebca6b), out = new Uint32Array(n);
  for (let i = 0; i < n; i++) { // a loop, as networks have millions of these
    let h = (Math.imul(i, 0x9e3779b9) + start) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    out[i] = h ^ (h >>> 16);
  }
  return out;
}

/** Reproducible values in [-0.5, 0.5]. */
export function noise(seed: number, n: number): Float32Array<ArrayBuffer> {
  const h = hashes(seed, n), out = new Float32Array(n);
  for (let i = 0; i < n; i++) out[i] = h[i] / 2 ** 32 - 0.5;
  return out;
}

/** The tensor that an input describes. */
export function materialise(spec: InputSpec): Tensor {
  const n = spec.shape.reduce((a, b) => a * b, 1), dtype = spec.dtype ?? "float32";
  return tensor(inputValues(spec, n), { shape: spec.shape, dtype });
}

function inputValues(spec: InputSpec, n: number): Float64Array | Float32Array | Int32Array {
  const { seed = 0, scale = 1, offset = 0 } = spec;
  if (spec.values) return Float64Array.from(spec.values, Number);
  if (spec.mod !== undefined) return Int32Array.from(hashes(seed, n), (h) => (h % spec.mod!) + offset);
  if (spec.dtype === "bool") return Int32Array.from(noise(seed, n), (v) => (v > 0 ? 1 : 0));
  const values = noise(seed, n);
  for (let i = 0; i < n; i++) values[i] = values[i] * scale + offset;
  return values;
}

function digest(v: ArrayLike<number>): Omit<Digest, "first" | "last" | "sampled"> {
  const w = noise(0x5eee, v.length);
  let sum = 0, sumAbs = 0, sumSq = 0, dot = 0;
  for (let i = 0; i < v.length; i++) {
    sum += v[i];
    sumAbs += Math.abs(v[i]);
    sumSq += v[i] * v[i];
    dot += v[i] * w[i];
  }
  return { sum, sumAbs, l2: Math.sqrt(sumSq), dot };
}

/**
 * Compares a result with a record: `|got - want| <= rtol |want| + atol` for every stored element, and what follows from
 * that for the sums of a digest.
 *
 * @returns What differs, at most eight lines; nothing if all agrees.
 */
export function differences(
  record: TensorRecord,
  got: ArrayLike<number>,
  shape: readonly number[],
  tolerance: { rtol: number; atol: number },
): string[] {
  const { rtol } = tolerance, atol = record.atol ?? tolerance.atol;
  const bad: string[] = [];
  if (shape.join() !== record.shape.join()) return [`shape [${shape}], expected [${record.shape}]`];
  const n = got.length;
  const near = (label: string, value: number, wanted: number | string, limit?: number) => {
    const want = limit === undefined ? Math.fround(Number(wanted)) : Number(wanted);
    const ok = Number.isFinite(want)
      ? Math.abs(value - want) <= (limit ?? rtol * Math.abs(want) + atol)
      : Object.is(value, want);
    if (!ok && bad.length < 8) bad.push(`${label}: ${value}, expected ${want}`);
  };
  if (record.values) {
    record.values.forEach((want, i) => near(`[${i}]`, got[i], want));
    return bad;
  }
  const d = record.digest!, e = digest(got);
  d.first.forEach((want, i) => near(`[${i}]`, got[i], want));
  d.last.forEach((want, i) => near(`[${n - 16 + i}]`, got[n - 16 + i], want));
  hashes(0x5eed, 64).forEach((h, i) => near(`[${h % n}]`, got[h % n], d.sampled[i]));
  const relative = rtol + 1.2e-7, limit = relative * d.sumAbs + atol * n + 1e-30;
  near("sum", e.sum, d.sum, limit);
  near("sumAbs", e.sumAbs, d.sumAbs, limit);
  near("dot", e.dot, d.dot, limit / 2);
  near("l2", e.l2, d.l2, relative * d.l2 + atol * Math.sqrt(n) + 1e-30);
  return bad;
}

/** The elements of a tensor of `n` that a record stores, each with its place and once; numbers as float32. */
export function storedElements(record: TensorRecord, n: number): [place: number, value: number][] {
  const { values, digest } = record, stored = new Map<number, number>();
  values?.forEach((v, i) => stored.set(i, Number(v)));
  digest?.first.forEach((v, i) => stored.set(i, v));
  digest?.last.forEach((v, i) => stored.set(n - digest.last.length + i, v));
  hashes(0x5eed, digest?.sampled.length ?? 0).forEach((h, i) => stored.set(h % n, digest!.sampled[i]));
  return [...stored].map(([i, v]) => [i, Math.fround(v)]);
}

/** Tensors that go into the options object. */
const OPTIONAL: Record<string, string[]> = {
  linear: ["bias"],
  conv2d: ["bias"],
  convTranspose2d: ["bias"],
  crossEntropy: ["weight"],
  nllLoss: ["weight"],
  binaryCrossEntropyWithLogits: ["weight", "posWeight"],
  batchNorm1d: ["runningMean", "runningVar", "weight", "bias"],
  batchNorm2d: ["runningMean", "runningVar", "weight", "bias"],
  layerNorm: ["weight", "bias"],
  groupNorm: ["weight", "bias"],
  bincount: ["weights"],
  conv1d: ["bias"],
  convTranspose1d: ["bias"],
  instanceNorm: ["weight", "bias"],
  rmsNorm: ["weight"],
  binaryCrossEntropy: ["weight"],
  multilabelSoftMarginLoss: ["weight"],
};

/** Arguments that go by position, after the tensors. */
const POSITIONAL: Record<string, string[]> = {
  reshape: ["shape"],
  permute: ["dims"],
  expand: ["size"],
  transpose: ["dim0", "dim1"],
  unsqueeze: ["dim"],
  squeeze: ["dim"],
  pad: ["pad"],
  pow: ["exponent"],
  flip: ["dims"],
  groupNorm: ["numGroups"],
  select: ["dim", "index"],
  split: ["splitSizeOrSections"],
  topk: ["k"],
  lerp: ["weight"],
  repeat: ["sizes"],
  tile: ["dims"],
  chunk: ["chunks"],
  narrow: ["dim", "start", "length"],
  roll: ["shifts"],
  movedim: ["source", "destination"],
  unflatten: ["dim", "sizes"],
  scatter: ["value"],
  maskedFill: ["value"],
  quantile: ["q"],
  pixelShuffle: ["upscaleFactor"],
  pixelUnshuffle: ["downscaleFactor"],
  affineGrid: ["size"],
  localResponseNorm: ["size"],
};

/** Operations that take a list of tensors. */
const OF_LISTS = ["cat", "stack", "meshgrid"];

/** Calls the operation of a case by our convention; the outputs come in the order of the case. */
export async function callOperation(
  // deno-lint-ignore no-explicit-any
  api: Record<string, any>,
  c: Case,
  tensors: readonly Tensor[],
): Promise<Tensor[]> {
  const options: Record<string, unknown> = {};
  const required: Tensor[] = [];
  c.inputs.forEach(({ name }, i) => {
    if (OPTIONAL[c.op]?.includes(name)) options[name] = tensors[i];
    else required.push(tensors[i]);
  });
  const byPosition = POSITIONAL[c.op] ?? [];
  for (const [name, value] of Object.entries(c.args)) {
    if (name === "stable") continue; // as every sort is here
    if (!byPosition.includes(name)) options[name] = isInfinite(value) ? Number(value) : value;
  }
  if (c.op === "maxPool2d" && c.outputs.length === 2) options.returnIndices = true;
  if (c.op === "einsum") return [api.einsum(c.args.equation, ...required)];
  if (c.op === "indexPut") {
    return [api.indexPut(required[0], required.slice(1, -1), required.at(-1), options)];
  }
  const first = OF_LISTS.includes(c.op) ? [required] : required;
  const rest = byPosition.filter((name) => name in c.args).map((name) => c.args[name]);
  const result = await api[c.op](...first, ...rest, ...(Object.keys(options).length > 0 ? [options] : []));
  if (c.op.startsWith("batchNorm") && c.outputs.length === 3) {
    return [result, options.runningMean as Tensor, options.runningVar as Tensor];
  }
  if (Array.isArray(result)) return result;
  return c.outputs.length > 1 ? Object.values(result) : [result];
}

/** Whether an argument is an infinity, which JSON has as a string. */
function isInfinite(value: unknown): boolean {
  return value === "Infinity" || value === "-Infinity";
}
