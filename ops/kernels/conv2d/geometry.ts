/**
 * The geometry of 2-D convolutions, and where along one axis a tile of results finds its sources.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { FirstOutput } from "../wgsl/epilogue.ts";

/** Sizes of a convolution `x [n, c, h, w]`, `weight [oc, c / groups, kh, kw]`, `y [n, oc, outH, outW]`. */
export interface Conv2dGeometry {
  /** Batch size; never baked into a text. */
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly oc: number;
  readonly kh: number;
  readonly kw: number;
  readonly strideH: number;
  readonly strideW: number;
  /** Zeros above and left of `x`; what lies below and right follows from `outH` and `outW`. */
  readonly padTop: number;
  readonly padLeft: number;
  readonly dilationH: number;
  readonly dilationW: number;
  readonly groups: number;
  readonly outH: number;
  readonly outW: number;
}

/**
 * One spatial axis of a convolution: each result sums `taps` sources.
 *
 * As written, result `j` and tap `t` read source `j stride + t dilation - pad`; transposed, they read
 * `(j + pad - t dilation) / stride` where that is whole.
 */
export interface ConvolutionAxis {
  readonly source: number;
  readonly out: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
  readonly transposed: boolean;
}

/** The axes of y as results of x. */
export function forwardAxes(g: Conv2dGeometry): { rows: ConvolutionAxis; cols: ConvolutionAxis } {
  return {
    rows: {
      source: g.h,
      out: g.outH,
      taps: g.kh,
      stride: g.strideH,
      dilation: g.dilationH,
      pad: g.padTop,
      transposed: false,
    },
    cols: {
      source: g.w,
      out: g.outW,
      taps: g.kw,
      stride: g.strideW,
      dilation: g.dilationW,
      pad: g.padLeft,
      transposed: false,
    },
  };
}

/** The axes of dx as results of dy. */
export function gradientAxes(g: Conv2dGeometry): { rows: ConvolutionAxis; cols: ConvolutionAxis } {
  const { rows, cols } = forwardAxes(g);
  return {
    rows: { ...rows, source: g.outH, out: g.h, transposed: true },
    cols: { ...cols, source: g.outW, out: g.w, transposed: true },
  };
}

/** Where result `j` of the first tile finds its source for `tap`, perhaps outside; null where there is none. */
export function sourceOffset(axis: ConvolutionAxis, j: number, tap: number): number | null {
  if (!axis.transposed) return j * axis.stride + tap * axis.dilation - axis.pad;
  const at = j + axis.pad - tap * axis.dilation;
  return at % axis.stride === 0 ? at / axis.stride : null;
}

/** How far the sources of neighbouring tiles lie apart; null where tiles of this size do not look alike. */
export function tileStride(axis: ConvolutionAxis, tile: number): number | null {
  if (tile >= axis.out) return 0;
  if (!axis.transposed) return tile * axis.stride;
  return tile % axis.stride === 0 ? tile / axis.stride : null;
}

/** Whether the sources at an offset lie inside the tensor, over all tiles. */
export type Presence = "never" | "always" | "sometimes";

/** Tells whether `offset + t stride` lies in `[0, size)` for all, some or none of the tiles `t`. */
export function presence(offset: number, stride: number, tiles: number, size: number): Presence {
  let inside = 0;
  for (let t = 0; t < tiles; t++) if (offset + t * stride >= 0 && offset + t * stride < size) inside++;
  return inside === 0 ? "never" : inside === tiles ? "always" : "sometimes";
}

/** A convolution of single points is the same on one long row, which has no ragged ends. */
export function flattenPoints(g: Conv2dGeometry): Conv2dGeometry {
  const points = g.kh === 1 && g.kw === 1 && g.strideH === 1 && g.strideW === 1 &&
    g.padTop === 0 && g.padLeft === 0 && g.outH === g.h && g.outW === g.w && g.h * g.w % 4 === 0;
  return points ? { ...g, h: 1, w: g.h * g.w, outH: 1, outW: g.h * g.w } : g;
}

/** `y = dw = epilogue(sum of dy x)` and, where it is wanted, `db = sum of dy`. */
export interface Conv2dWeightGradientCall extends FirstOutput {
  readonly x: Storage;
  readonly dy: Storage;
  readonly db: Storage | null;
  readonly geometry: Conv2dGeometry;
}

/** Weights as a convolution sees them: `sources` to `results` channels within each group. */
export interface WeightShape {
  readonly groups: number;
  readonly sources: number;
  readonly results: number;
  readonly kh: number;
  readonly kw: number;
  /** Whether the tensor is `[sources, results, kh, kw]` in each group, not `[results, sources, kh, kw]`. */
  readonly sourceMajor: boolean;
}

/** Weights from one result channel, and from one source channel, to the next. */
export function weightStrides({ sources, results, kh, kw, sourceMajor }: WeightShape) {
  const taps = kh * kw;
  return sourceMajor
    ? { strideO: taps, strideS: results * taps }
    : { strideO: sources * taps, strideS: taps };
}

/** A convolution, forward or in its input: `source [n, groups * sources, rows.source, cols.source]` to `[n, groups * results, …]`. */
export interface Convolution extends FirstOutput {
  readonly name: string;
  readonly n: number;
  readonly rows: ConvolutionAxis;
  readonly cols: ConvolutionAxis;
  readonly weights: WeightShape;
  readonly source: Storage;
  readonly weight: Storage;
  readonly bias: Storage | null;
}
