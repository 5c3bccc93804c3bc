/**
 * One-dimensional convolutions: those of images that are one row high, by the same kernels.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { either, oneOf, whole } from "../core/kinds.ts";
import { type Pair, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { viewAs } from "../shape/view_as.ts";
import { conv2d } from "./conv2d.ts";
import { convTranspose2d } from "./conv_transpose2d.ts";

/** Options of {@linkcode conv1d}. */
export interface Conv1dOptions {
  /** Added to every channel of the output, `[out]`. */
  bias?: Tensor | undefined;
  /** Step of the window, 1 unless given. */
  stride?: number;
  /** Zeros on each side, 0 unless given; "same" keeps the size at stride 1, "valid" adds none. */
  padding?: number | "same" | "valid";
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number;
  /** Into how many groups the channels fall, 1 unless given. */
  groups?: number;
}

/** Options of {@linkcode convTranspose1d}. */
export interface ConvTranspose1dOptions {
  /** Added to every channel of the output, `[out]`. */
  bias?: Tensor | undefined;
  /** Distance of neighbouring windows in the output, 1 unless given. */
  stride?: number;
  /** What is cut off on each side of the output, 0 unless given. */
  padding?: number;
  /** What is added at the end of the output, 0 unless given; less than stride or dilation. */
  outputPadding?: number;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number;
  /** Into how many groups the channels fall, 1 unless given. */
  groups?: number;
}

const COMMON = { bias: FLOAT_TENSOR, stride: whole(1), dilation: whole(1), groups: whole(1) };
const BOTH = { x: FLOAT_TENSOR, weight: FLOAT_TENSOR };
const takesConv = signature<Conv1dOptions>("apply conv1d", BOTH, {
  ...COMMON,
  padding: either(whole(0), oneOf("same", "valid")),
});

/**
 * Convolves sequences with kernels.
 *
 * @param x Sequences `[n, c, l]`, float32.
 * @param weight Kernels `[out, c / groups, k]`, float32.
 * @param options Bias, stride, padding, dilation, groups.
 * @returns `[n, out, l']` with `l' = floor((l + padding - dilation (k - 1) - 1) / stride) + 1`.
 * @throws {RangeError} If ranks, channels or sizes do not fit; those of the kernels' images then are
 *   one row high.
 *
 * @example Usage
 * ```ts
 * import { conv1d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await conv1d(tensor([[[1, 2, 3]]]), tensor([[[1, 10]]])).toArray(), [[[21, 32]]]);
 * ```
 */
export function conv1d(x: Tensor, weight: Tensor, options: Conv1dOptions = {}): Tensor {
  takesConv(arguments);
  expectSequences("conv1d", "[out, c / groups, k]", x, weight);
  const { bias, stride, padding = 0, dilation, groups } = options;
  return ofOneRow("conv1d", x, weight, (x, weight) =>
    conv2d(x, weight, {
      bias,
      stride: inWidth(stride, 1),
      padding: typeof padding === "number" ? [0, padding] : padding,
      dilation: inWidth(dilation, 1),
      groups,
    }));
}

const takesTransposed = signature<ConvTranspose1dOptions>("apply convTranspose1d", BOTH, {
  ...COMMON,
  padding: whole(0),
  outputPadding: whole(0),
});

/**
 * Spreads sequences with kernels: the shapes of a conv1d the other way round.
 *
 * @param x Sequences `[n, c, l]`, float32.
 * @param weight Kernels `[c, out / groups, k]`, float32.
 * @param options Bias, stride, padding, output padding, dilation, groups.
 * @returns `[n, out, l']` with `l' = (l - 1) stride - 2 padding + dilation (k - 1) + outputPadding +
 *   1`.
 * @throws {RangeError} If ranks, channels or sizes do not fit; those of the kernels' images then are
 *   one row high.
 *
 * @example Usage
 * ```ts
 * import { convTranspose1d, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 10]]])).toArray(), [[[1, 12, 20]]]);
 * ```
 */
export function convTranspose1d(x: Tensor, weight: Tensor, options: ConvTranspose1dOptions = {}): Tensor {
  takesTransposed(arguments);
  expectSequences("convTranspose1d", "[c, out / groups, k]", x, weight);
  const { bias, stride, padding, outputPadding, dilation, groups } = options;
  return ofOneRow("convTranspose1d", x, weight, (x, weight) =>
    convTranspose2d(x, weight, {
      bias,
      stride: inWidth(stride, 1),
      padding: inWidth(padding, 0),
      outputPadding: inWidth(outputPadding, 0),
      dilation: inWidth(dilation, 1),
      groups,
    }));
}

/** An option of both dimensions that says nothing of the height. */
function inWidth(value: number | undefined, none: number): Pair {
  return [none, value ?? none];
}

function ofOneRow(
  op: string,
  x: Tensor,
  weight: Tensor,
  convolve: (x: Tensor, weight: Tensor) => Tensor,
): Tensor {
  const high = (t: Tensor) => viewAs(op, t, [...t.shape.slice(0, 2), 1, t.shape[2]!]);
  return composed(() => {
    const y = convolve(high(x), high(weight));
    return viewAs(op, y, y.shape.toSpliced(2, 1));
  });
}

function expectSequences(op: string, layout: string, x: Tensor, weight: Tensor): void {
  if (x.shape.length === 3 && weight.shape.length === 3) return;
  throw new RangeError(
    `Cannot apply ${op} as x must be [n, c, l] and weight ${layout}: x has shape ${show(x.shape)}, weight ${
      show(weight.shape)
    }`,
  );
}
