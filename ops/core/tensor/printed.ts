/**
 * The values of a tensor as text, in the form of PyTorch's `torch/_tensor_str.py`: columns aligned, numbers rounded, and of
 * many elements the first and the last of each dimension.
 *
 * @module
 */
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { BOOLEAN, whole } from "../kinds.ts";
import { show, sizeOf } from "../shape.ts";
import type { OptionKinds } from "../signature.ts";
import { exponential, fixed } from "./_numerals.ts";

/** Options of a tensor's text, under the names of `torch.set_printoptions`. */
export interface FormatOptions {
  /** Digits behind the point, 4 unless given. */
  precision?: number | undefined;
  /** A tensor of more elements is shown in part, 1000 unless given; `Infinity` shows all. */
  threshold?: number | undefined;
  /** How many elements stand at either end of a dimension that is shown in part, 3 unless given. */
  edgeitems?: number | undefined;
  /** Letters of a line, 80 unless given. */
  linewidth?: number | undefined;
  /** Whether numbers are written with powers of ten; unless given where they differ a lot, or are very large or small. */
  sciMode?: boolean | undefined;
}

/** The kinds of the options. */
export const FORMAT_OPTIONS: OptionKinds<FormatOptions> = {
  precision: whole(0, 50),
  threshold: {
    ...whole(0),
    objection: (v) => v === Infinity ? null : whole(0).objection(v),
  },
  edgeitems: whole(1),
  linewidth: whole(1),
  sciMode: BOOLEAN,
};

/** What is printed. */
export interface Printable {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly requiresGrad: boolean;
  /** Reads `count` elements from the place `from` on. */
  read(from: number, count: number): Promise<ArrayLike<number>>;
}

/** A number as text. */
type Write = (value: number) => string;

/** Elements that are read in one piece, though not all of them are shown: 1 MiB. */
const PIECE = 2 ** 18;

const PREFIX = "tensor(";

/** The text of a tensor. */
export async function printed(x: Printable, options: FormatOptions): Promise<string> {
  const { precision = 4, threshold = 1000, edgeitems = 3, linewidth = 80, sciMode } = options;
  const { shape } = x, size = sizeOf(shape), isPart = size > threshold;
  const edges = isPart ? edgeitems : Infinity, suffixes: string[] = [];
  if (size === 0 && shape.length !== 1) suffixes.push(`shape=${show(shape)}`);
  if (size === 0 && x.dtype !== "float32") suffixes.push(`dtype=${x.dtype}`);
  if (x.requiresGrad) suffixes.push("requiresGrad=true");
  const values = size === 0 ? [] : await shownValues(x, edges);
  const write = x.dtype === "float32"
    ? floatWriter(values, precision, sciMode)
    : plainWriter(values, x.dtype);
  const text = size === 0 ? "[]" : arrayText(shape, values, { edges, linewidth, ...write });
  return PREFIX + withSuffixes(text, suffixes, linewidth);
}

/** The places of a dimension that are shown. */
function shownPlaces(size: number, edges: number): number[] {
  const isPart = size > 2 * edges, count = isPart ? 2 * edges : size;
  return Array.from({ length: count }, (_, k) => isPart && k >= edges ? size - count + k : k);
}

/** The values that are shown, in order. Pieces between them are not read, unless they are small. */
async function shownValues({ shape, read }: Printable, edges: number): Promise<number[]> {
  const reads: { from: number; data: Promise<ArrayLike<number>> }[] = [], starts: number[] = [];
  const sizes = shape.map((_, d) => sizeOf(shape.slice(d + 1)));
  const visit = (d: number, at: number, isRead: boolean): void => {
    const count = d === 0 ? sizeOf(shape) : sizes[d - 1]!;
    if (!isRead && (count <= PIECE || d === shape.length)) {
      reads.push({ from: at, data: read(at, count) });
      isRead = true;
    }
    if (d === shape.length) starts.push(at);
    else for (const k of shownPlaces(shape[d]!, edges)) visit(d + 1, at + k * sizes[d]!, isRead);
  };
  visit(0, 0, false);
  const pieces = await Promise.all(reads.map(async ({ from, data }) => ({ from, data: await data })));
  let piece = 0;
  return starts.map((at) => {
    while (at >= pieces[piece]!.from + pieces[piece]!.data.length) piece++;
    return pieces[piece]!.data[at - pieces[piece]!.from]!;
  });
}

/** How numbers are written, and how wide a column is. */
interface Writer {
  readonly write: Write;
  readonly width: number;
}

function widest(values: readonly number[], write: Write): number {
  return values.reduce((most, value) => Math.max(most, write(value).length), 1);
}

function plainWriter(values: readonly number[], dtype: DType): Writer {
  const write: Write = dtype === "bool" ? (v) => `${v !== 0}` : (v) => `${v}`;
  return { write, width: widest(values, write) };
}

/** Chooses among whole numbers with a point, digits behind the point, and powers of ten. */
function floatWriter(values: readonly number[], precision: number, sciMode: boolean | undefined): Writer {
  const usual = values.filter((v) => Number.isFinite(v) && v !== 0), sizes = usual.map(Math.abs);
  const isWhole = usual.every(Number.isInteger);
  const [least, most] = [
    sizes.reduce((a, b) => Math.min(a, b), Infinity),
    sizes.reduce((a, b) => Math.max(a, b), 0),
  ];
  const isWide = usual.length > 0 && (most / least > 1000 || most > 1e8 || !isWhole && least < 1e-4);
  const scientific: Write = (v) => exponential(v, precision);
  const plain: Write = isWhole
    ? (v) => fixed(v, 0) + (Number.isFinite(v) ? "." : "")
    : (v) => fixed(v, precision);
  const width = widest(usual, isWide ? scientific : plain); // zeros and what is not finite count for nothing
  return { write: sciMode ?? isWide ? scientific : plain, width };
}

/** How an array is set. */
interface Setting extends Writer {
  readonly edges: number;
  readonly linewidth: number;
}

/** The array of values, in brackets: a row a line, or several lines where it is too long. */
function arrayText(shape: readonly number[], values: readonly number[], setting: Setting): string {
  const { edges, linewidth, write, width } = setting, texts = values.map((v) => write(v).padStart(width));
  let next = 0;
  const row = (size: number, indent: number): string => {
    const count = shownPlaces(size, edges).length, own = texts.slice(next, next += count);
    if (count < size) own.splice(edges, 0, " ...");
    const inLine = Math.max(1, Math.floor((linewidth - indent) / (width + 2)));
    const lines = Array.from({ length: Math.ceil(own.length / inLine) }, (_, k) => {
      return own.slice(k * inLine, (k + 1) * inLine).join(", ");
    });
    return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
  };
  const set = (d: number): string => {
    const indent = PREFIX.length + d, left = shape.length - d;
    if (left === 0) return texts[next++]!;
    if (left === 1) return row(shape[d]!, indent);
    const count = shownPlaces(shape[d]!, edges).length,
      parts = Array.from({ length: count }, () => set(d + 1));
    if (count < shape[d]!) parts.splice(edges, 0, "...");
    return `[${parts.join(`,${"\n".repeat(left - 1)}${" ".repeat(indent + 1)}`)}]`;
  };
  return set(0);
}

/** Sets what is told beside the values behind them, on lines of their own where there is no room. */
function withSuffixes(text: string, suffixes: readonly string[], linewidth: number): string {
  let all = text, last = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (last + suffix.length + 2 > linewidth) {
      all += `,\n${" ".repeat(PREFIX.length)}${suffix}`;
      last = PREFIX.length + suffix.length;
    } else {
      all += `, ${suffix}`;
      last += suffix.length + 2;
    }
  }
  return `${all})`;
}
