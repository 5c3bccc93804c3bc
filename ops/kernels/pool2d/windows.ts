/**
 * Where pooling windows lie, as WGSL functions of one axis each.
 *
 * @module
 */
import type { NumberDecl } from "../wgsl/source.ts";

/** Where windows lie and what they are divided by, as WGSL. */
export interface WindowText {
  /**
   * Functions of each axis, `H` and `W`: `firstH(o)`, `endH(o)` the places that window o covers, clipped to the image; `countH(o)` its
   * part of the divisor; `fromH(i)`, `toH(i)` the windows, end excluded, that may contain place i. All i32.
   */
  readonly axes: readonly [string, string];
  /** The divisor of window `oy`, `ox`. */
  readonly divisor: string;
}

/** Windows of both axes, for the scheme of one value an invocation. */
export interface PoolWindows {
  readonly planes: number;
  readonly h: number;
  readonly w: number;
  readonly outH: number;
  readonly outW: number;
  readonly dilation: readonly [number, number];
  /** The functions that say where windows lie, and the divisor; `prefix` begins the functions' names. */
  text(prefix: string): WindowText;
  /** The most rows and columns of a window. */
  readonly most: readonly [number, number];
  /** The most windows, down and across, that may contain a place. */
  readonly mostAround: readonly [number, number];
  /** Whether every window lies wholly inside the image. */
  readonly areInside: boolean;
  /** Whether the sizes are numbers of the dispatch, and do not stand in the text. */
  readonly areNumbers: boolean;
  /** Numbers that the functions or the divisor name. */
  readonly numbers: readonly (NumberDecl & { readonly value: number })[];
}

/** What the functions of an axis are called. */
type AxisNames = Readonly<Record<"first" | "end" | "count" | "from" | "to", string>>;

/** The names of the functions of the vertical axis, 0, or the horizontal one. */
export function axisNames(prefix: string, d: 0 | 1): AxisNames {
  const name = (what: string) => `${prefix}${what}${"HW"[d]}`;
  return {
    first: name("first"),
    end: name("end"),
    count: name("count"),
    from: name("from"),
    to: name("to"),
  };
}

/** The divisor that counts the places of a window. */
function countedDivisor(prefix: string): string {
  return `f32(${axisNames(prefix, 0).count}(oy) * ${axisNames(prefix, 1).count}(ox))`;
}

/** A divisor that was given, as the number `u.divisor` of a dispatch. */
export function divisorNumber(value: number | null | undefined): (NumberDecl & { readonly value: number })[] {
  return value ? [{ name: "divisor", type: "f32", value }] : [];
}

/** Windows of one size at a fixed stride. */
export function slidingWindows(
  g: Pool2dGeometry,
  { countIncludePad = true, divisorOverride }: AvgDivisor = {},
): PoolWindows {
  const dilation = g.dilation ?? [1, 1];
  const around = (d: 0 | 1) => Math.ceil(((g.kernel[d] - 1) * dilation[d] + 1) / g.stride[d]);
  const inImage = (size: number, d: 0 | 1) => Math.min(g.kernel[d], Math.ceil(size / dilation[d]));
  const axis = (prefix: string, d: 0 | 1, size: number, out: number) => {
    const names = axisNames(prefix, d);
    const [k, s, p, by] = [g.kernel[d], g.stride[d], g.padding[d], dilation[d]], extent = (k - 1) * by + 1;
    return `
fn ${names.first}(o: i32) -> i32 { let i = o * ${s} - ${p}; return select(i, i + (${
      by - 1
    } - i) / ${by} * ${by}, i < 0); }
fn ${names.end}(o: i32) -> i32 { return min(o * ${s} - ${p} + ${extent}, ${size}); }
fn ${names.count}(o: i32) -> i32 { return ${
      countIncludePad ? `min(${extent}, ${size + 2 * p} - o * ${s})` : `${names.end}(o) - ${names.first}(o)`
    }; }
fn ${names.from}(i: i32) -> i32 { return max(0, i + ${p + s - extent}) / ${s}; }
fn ${names.to}(i: i32) -> i32 { return min(${out}, (i + ${p}) / ${s} + 1); }`;
  };
  return {
    ...sizes(g),
    dilation,
    text: (prefix) => ({
      axes: [axis(prefix, 0, g.h, g.outH), axis(prefix, 1, g.w, g.outW)],
      divisor: divisorOverride ? "u.divisor" : countedDivisor(prefix),
    }),
    most: [inImage(g.h, 0), inImage(g.w, 1)],
    mostAround: [around(0), around(1)],
    areInside: isInside(g),
    areNumbers: false,
    numbers: divisorNumber(divisorOverride),
  };
}

/**
 * Windows that divide an image into `outH x outW` parts, which overlap by one where they do not come out even. Their sizes
 * are numbers of the dispatch, as any size is divided into any other.
 */
export function adaptiveWindows(g: AdaptivePool2dGeometry): PoolWindows {
  const axis = ({ first, end, count, from, to }: AxisNames, size: string, out: string) => `
fn ${first}(o: i32) -> i32 { return o * ${size} / ${out}; }
fn ${end}(o: i32) -> i32 { return ((o + 1) * ${size} + ${out} - 1) / ${out}; }
fn ${count}(o: i32) -> i32 { return ${end}(o) - ${first}(o); }
fn ${from}(i: i32) -> i32 { return i * ${out} / ${size}; }
fn ${to}(i: i32) -> i32 { return ((i + 1) * ${out} + ${size} - 1) / ${size}; }`;
  const wholes = { wholeH: g.h, wholeW: g.w, partsH: g.outH, partsW: g.outW };
  return {
    ...sizes(g),
    dilation: [1, 1],
    text: (prefix) => ({
      axes: [
        axis(axisNames(prefix, 0), "u.wholeH", "u.partsH"),
        axis(axisNames(prefix, 1), "u.wholeW", "u.partsW"),
      ],
      divisor: countedDivisor(prefix),
    }),
    most: [Math.ceil(g.h / g.outH) + 1, Math.ceil(g.w / g.outW) + 1],
    mostAround: [Math.ceil(g.outH / g.h) + 1, Math.ceil(g.outW / g.w) + 1],
    areInside: false,
    areNumbers: true,
    numbers: Object.entries(wholes).map(([name, value]) => ({ name, type: "i32", value })),
  };
}

/** Whether every window lies wholly inside the image. */
export function isInside(
  { h, w, outH, outW, kernel, stride, padding, dilation = [1, 1] }: Pool2dGeometry,
): boolean {
  const fits = (size: number, out: number, d: 0 | 1) =>
    padding[d] === 0 && (out - 1) * stride[d] + (kernel[d] - 1) * dilation[d] < size;
  return fits(h, outH, 0) && fits(w, outW, 1);
}

function sizes({ n, c, h, w, outH, outW }: AdaptivePool2dGeometry) {
  return { planes: n * c, h, w, outH, outW };
}

/** Sizes of a pooling: `x [n, c, h, w]`, `y [n, c, outH, outW]`. Pairs are height, width. */
export interface Pool2dGeometry {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly outH: number;
  readonly outW: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  /** Distance of neighbouring elements of a window; for maxima only. */
  readonly dilation?: readonly [number, number];
}

/** Sizes of an adaptive pooling. */
export type AdaptivePool2dGeometry = Pick<Pool2dGeometry, "n" | "c" | "h" | "w" | "outH" | "outW">;

/** How PyTorch divides the sums of an average pooling. */
export interface AvgDivisor {
  /** Whether padding counts; what lies beyond the padding never does. True unless given. */
  readonly countIncludePad?: boolean;
  /** Divides every sum, whatever the window covers. */
  readonly divisorOverride?: number | null | undefined;
}
