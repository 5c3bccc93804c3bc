/**
 * Max pooling to a given size, and the way back from maxima to their places.
 *
 * Window i of n over h rows begins at `floor(i h / n)` and ends before `ceil((i + 1) h / n)`. Where
 * windows differ in size, the rows and columns of each are picked first, the last one again where a
 * window is short: a maximum does not mind.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { ADAPTIVE_SIZE } from "./adaptive_size.ts";
import type { AdaptiveSize } from "./adaptive_avg_pool2d.ts";
import { maxPool2d, type MaxPool2dResult } from "./max_pool2d.ts";
import { BOOLEAN, required, wholeOrTwo } from "../core/kinds.ts";
import { eachOf, type Pair, pair, sameShape, show, type Sizes4 } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { expectRoom, full, tensor } from "../core/tensor/create.ts";
import { FLOAT_TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { gather } from "../indexing/gather.ts";
import { indexSelect } from "../indexing/index_select.ts";
import { scatter } from "../indexing/scatter.ts";
import { viewAs } from "../shape/view_as.ts";

/** Options of {@linkcode adaptiveMaxPool2d}. */
export interface AdaptiveMaxPool2dOptions {
  /** Height and width of the result; a number for both, null to keep one. */
  outputSize: AdaptiveSize;
  /** Whether the places of the maxima are returned too. */
  returnIndices?: boolean;
}

/** Options of {@linkcode maxUnpool2d}. */
export interface MaxUnpool2dOptions {
  /** Height and width of the window; a number for both. */
  kernelSize: number | Pair;
  /** Step of the window; the window's size unless given. */
  stride?: number | Pair;
  /** What was added on each side, 0 unless given. */
  padding?: number | Pair;
  /** Height and width of the result. */
  outputSize?: number | Pair;
}

const takesPool = signature<AdaptiveMaxPool2dOptions>("apply adaptiveMaxPool2d", { x: FLOAT_TENSOR }, {
  outputSize: required(ADAPTIVE_SIZE),
  returnIndices: BOOLEAN,
}, "outputSize");

/**
 * Takes the largest value of each window, and its place.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param options The size of the result, with `returnIndices: true`.
 * @returns Maxima and places.
 */
export function adaptiveMaxPool2d(
  x: Tensor,
  options: AdaptiveMaxPool2dOptions & { returnIndices: true },
): MaxPool2dResult;
/**
 * Takes the largest value of each of so many windows that the result has a given size.
 *
 * @param x Images `[n, c, h, w]` of one element or more, float32.
 * @param options The size. `outputSize` may stand alone.
 * @returns `[n, c, outH, outW]`.
 * @throws {RangeError} If `x` has another rank or no elements in a plane.
 *
 * @example Usage
 * ```ts
 * import { adaptiveMaxPool2d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await adaptiveMaxPool2d(tensor([[[[1, 3, 2]]]]), [1, 2]).toArray(), [[[[3, 3]]]]);
 * ```
 */
export function adaptiveMaxPool2d(x: Tensor, options: AdaptiveMaxPool2dOptions | AdaptiveSize): Tensor;
export function adaptiveMaxPool2d(
  x: Tensor,
  options: AdaptiveMaxPool2dOptions | AdaptiveSize,
): Tensor | MaxPool2dResult {
  const { outputSize, returnIndices = false } = takesPool([x, options]), [h, w] = x.shape.slice(2);
  if (x.shape.length !== 4 || h === 0 || w === 0) {
    throw new RangeError(
      `Cannot apply adaptiveMaxPool2d as x must be images [n, c, h, w] of one element or more: x has shape ${
        show(x.shape)
      }`,
    );
  }
  const [outH, outW] = Array.isArray(outputSize) ? outputSize : [outputSize, outputSize];
  const sizes: Pair = [outH ?? h, outW ?? w];
  if (sizes.includes(0)) return nothing(x, sizes, returnIndices);
  for (const n of sizes) expectRoom([n]); // before tables as long are made
  expectRoom([...x.shape.slice(0, 2), ...sizes]);
  return composed(() => pooled(x, sizes, returnIndices));
}

function nothing(x: Tensor, sizes: Pair, returnIndices: boolean): Tensor | MaxPool2dResult {
  const shape = [...x.shape.slice(0, 2), ...sizes], values = full(shape, 0);
  return returnIndices ? { values, indices: full(shape, 0, { dtype: "int32" }) } : values;
}

function pooled(x: Tensor, sizes: Pair, returnIndices: boolean): Tensor | MaxPool2dResult {
  const [, , h, w] = x.shape as Sizes4, rows = windowsOf(h, sizes[0]), columns = windowsOf(w, sizes[1]);
  const pick = (t: Tensor, dim: number, places: number[]) =>
    indexSelect(t, tensor(places, { dtype: "int32" }), { dim });
  const picked = pick(pick(x, 2, rows.places), 3, columns.places);
  const { values, indices } = maxPool2d(picked, {
    kernelSize: [rows.length, columns.length],
    returnIndices: true,
  });
  if (!returnIndices) return values;
  const table = tensor(
    rows.places.flatMap((row) => columns.places.map((column) => row * w + column)),
    { dtype: "int32" },
  );
  const at = gather(table, viewAs("adaptiveMaxPool2d", indices, [indices.size]), { dim: 0 });
  return { values, indices: viewAs("adaptiveMaxPool2d", at, indices.shape) };
}

/** The rows, or columns, that each of `n` windows takes, all as many as the largest. */
function windowsOf(size: number, n: number): { places: number[]; length: number } {
  const start = (i: number) => Math.floor(i * size / n), end = (i: number) => Math.ceil((i + 1) * size / n);
  const windows = Array.from({ length: n }, (_, i) => i),
    length = Math.max(...windows.map((i) => end(i) - start(i)));
  expectRoom([n * length]);
  return {
    places: windows.flatMap((i) => Array.from({ length }, (_, k) => Math.min(start(i) + k, end(i) - 1))),
    length,
  };
}

const takesUnpool = signature<MaxUnpool2dOptions>("apply maxUnpool2d", {
  x: FLOAT_TENSOR,
  indices: tensorOf("int32"),
}, {
  kernelSize: required(wholeOrTwo(1)),
  stride: wholeOrTwo(1),
  padding: wholeOrTwo(0),
  outputSize: wholeOrTwo(1),
}, "kernelSize");

/**
 * Puts maxima back to their places, with zeros elsewhere: the way back of `maxPool2d`.
 *
 * @param x Maxima `[n, c, h, w]`, float32.
 * @param indices Their places in the plane of the result, int32, of the same shape. Of several for one
 *   place the last counts; those that do not exist are passed over.
 * @param options The window that the maxima came from. `kernelSize` may stand alone.
 * @returns Images `[n, c, h', w']`; with `h' = (h - 1) stride - 2 padding + kernel`, unless
 *   `outputSize` says otherwise.
 * @throws {RangeError} If the shapes do not fit.
 *
 * @example Usage
 * ```ts
 * import { maxPool2d, maxUnpool2d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const { values, indices } = maxPool2d(tensor([[[[1, 3, 2, 0]]]]), { kernelSize: [1, 2], returnIndices: true });
 * assertEquals(await maxUnpool2d(values, indices, [1, 2]).toArray(), [[[[0, 3, 2, 0]]]]);
 * ```
 */
export function maxUnpool2d(x: Tensor, indices: Tensor, options: MaxUnpool2dOptions | number | Pair): Tensor {
  options = takesUnpool(arguments);
  if (x.shape.length !== 4 || !sameShape(x.shape, indices.shape)) {
    throw new RangeError(
      `Cannot apply maxUnpool2d as x and indices must be [n, c, h, w] of one shape: x has shape ${
        show(x.shape)
      }, indices ${show(indices.shape)}`,
    );
  }
  const kernel = pair(options.kernelSize),
    stride = pair(options.stride ?? kernel),
    padding = pair(options.padding ?? 0);
  const [n, c, h, w] = x.shape as Sizes4;
  const usual = eachOf([h, w], (size, d) => Math.max(0, (size - 1) * stride[d] - 2 * padding[d] + kernel[d]));
  const [outH, outW] = options.outputSize === undefined ? usual : pair(options.outputSize);
  return composed(() => {
    const flat = (t: Tensor) => viewAs("maxUnpool2d", t, [n, c, h * w]);
    const y = scatter(full([n, c, outH * outW], 0), flat(indices), flat(x), { dim: 2 });
    return viewAs("maxUnpool2d", y, [n, c, outH, outW]);
  });
}
