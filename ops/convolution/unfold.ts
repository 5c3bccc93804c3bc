/**
 * Windows of images as columns, which a product with a matrix turns into a convolution, and columns
 * added up to images.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { columnsOf, imagesOf, type Windows } from "../core/families/columns.ts";
import { expectCountable, outputSize } from "../core/families/pool_window.ts";
import { required, wholeOrTwo } from "../core/kinds.ts";
import { eachOf, type Pair, pair, show, type Sizes3, type Sizes4 } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** Options of {@linkcode unfold}. */
export interface UnfoldOptions {
  /** Height and width of the window; a number for both. */
  kernelSize: number | Pair;
  /** Distance of the window's elements, 1 unless given. */
  dilation?: number | Pair;
  /** Zeros on each side, 0 unless given. */
  padding?: number | Pair;
  /** Step of the window, 1 unless given. */
  stride?: number | Pair;
}

/** Options of {@linkcode fold}. */
export interface FoldOptions extends UnfoldOptions {
  /** Height and width of the images; a number for both. */
  outputSize: number | Pair;
}

function windowsOf(op: string, [n, c, h, w]: Sizes4, options: UnfoldOptions): Windows {
  const kernel = pair(options.kernelSize), stride = pair(options.stride ?? 1);
  const padding = pair(options.padding ?? 0), dilation = pair(options.dilation ?? 1);
  const [outH, outW] = eachOf([h, w], (size, d) => {
    expectCountable(op, size, kernel[d], stride[d], 2 * padding[d], dilation[d]);
    return outputSize(size, kernel[d], stride[d], padding[d], padding[d], dilation[d]);
  });
  if (outH < 1 || outW < 1) {
    throw new RangeError(
      `Cannot apply ${op} as the window must fit into the padded images: kernelSize ${
        show(kernel)
      }, padding ${show(padding)}, dilation ${show(dilation)}, images ${show([h, w])}`,
    );
  }
  return { n, c, h, w, kernel, stride, padding, dilation, outH, outW };
}

const takesUnfold = signature<UnfoldOptions>("apply unfold", { x: FLOAT_TENSOR }, {
  kernelSize: required(wholeOrTwo(1)),
  dilation: wholeOrTwo(1),
  padding: wholeOrTwo(0),
  stride: wholeOrTwo(1),
}, "kernelSize");

/**
 * Takes the windows of images apart: each becomes a column, channel by channel and row by row.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param options The window. `kernelSize` may stand alone.
 * @returns `[n, c kh kw, windows]`.
 * @throws {RangeError} If `x` has another rank, or the window does not fit.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, unfold } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[[[1, 2, 3]]]]);
 * assertEquals(await unfold(x, [1, 2]).toArray(), [[[1, 2], [2, 3]]]);
 * ```
 */
export function unfold(x: Tensor, options: UnfoldOptions | number | Pair): Tensor {
  options = takesUnfold(arguments);
  if (x.shape.length !== 4) {
    throw new RangeError(
      `Cannot apply unfold as x must be images [n, c, h, w]: x has shape ${show(x.shape)}`,
    );
  }
  const windows = windowsOf("unfold", x.shape as Sizes4, options);
  return differentiable("unfold", columnsOf("unfold", x, windows), [x], {
    gradient: (dy) => [imagesOf("unfold gradient", dy, windows)],
  });
}

const takesFold = signature<FoldOptions>("apply fold", { x: FLOAT_TENSOR }, {
  kernelSize: required(wholeOrTwo(1)),
  dilation: wholeOrTwo(1),
  padding: wholeOrTwo(0),
  stride: wholeOrTwo(1),
  outputSize: required(wholeOrTwo(1)),
});

/**
 * Adds columns up to images: each is a window, and where windows overlap they are added.
 *
 * @param x Columns `[n, c kh kw, windows]`, float32, as `unfold` gives them.
 * @param options The window, and the size of the images.
 * @returns Images `[n, c, h, w]`.
 * @throws {RangeError} If `x` has another shape than the windows ask for.
 *
 * @example Usage
 * ```ts
 * import { fold, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[[1, 2], [10, 20]]]);
 * assertEquals(await fold(x, { outputSize: [1, 3], kernelSize: [1, 2] }).toArray(), [[[[1, 12, 20]]]]);
 * ```
 */
export function fold(x: Tensor, options: FoldOptions): Tensor {
  takesFold(arguments);
  const [n, rows, columns] = x.shape as Sizes3, [kh, kw] = pair(options.kernelSize), c = rows / (kh * kw);
  const [h, w] = pair(options.outputSize);
  const windows = windowsOf("fold", [n ?? 0, c, h, w], options);
  if (x.shape.length !== 3 || !Number.isInteger(c) || columns !== windows.outH * windows.outW) {
    throw new RangeError(
      `Cannot apply fold as x must be [n, c ${kh * kw}, ${windows.outH * windows.outW}]: x has shape ${
        show(x.shape)
      }`,
    );
  }
  return differentiable("fold", imagesOf("fold", x, windows), [x], {
    gradient: (dy) => [columnsOf("fold gradient", dy, windows)],
  });
}
