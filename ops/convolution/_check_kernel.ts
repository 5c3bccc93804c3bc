/**
 * What both convolutions ask of their tensors, and the part of the geometry that follows from it.
 *
 * @module
 */
import type { Conv2dGeometry } from "../kernels/conv2d/geometry.ts";
import { type Pair, pair, sameShape, show, type Sizes2, type Sizes4 } from "../core/shape.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** The options that both convolutions have. */
export interface KernelOptions {
  readonly bias?: Tensor | undefined;
  readonly stride?: number | Pair | undefined;
  readonly dilation?: number | Pair | undefined;
  readonly groups?: number | undefined;
}

/** A geometry without the sizes of the images and the padding. */
export type KernelGeometry = Omit<Conv2dGeometry, "h" | "w" | "padTop" | "padLeft" | "outH" | "outW">;

/**
 * Checks types, ranks, channels, groups, bias, stride and dilation of a convolution or of a transposed one, whose geometry is
 * that of the convolution from y to x.
 *
 * @throws {RangeError} If something does not fit; {@linkcode TypeError} if a tensor is not float32.
 */
export function checkKernel(
  op: "conv2d" | "convTranspose2d",
  x: Tensor,
  weight: Tensor,
  options: KernelOptions,
): KernelGeometry {
  const { bias, groups = 1 } = options, isTransposed = op === "convTranspose2d";
  const refuse = (problem: string) => new RangeError(`Cannot apply ${op} as ${problem}`);
  const its = `x has shape ${show(x.shape)}`, both = `weight ${show(weight.shape)}, ${its}`;
  if (x.shape.length !== 4 || weight.shape.length !== 4) {
    const layout = isTransposed ? "[c, out / groups, kh, kw]" : "[out, c / groups, kh, kw]";
    throw refuse(`x must be [n, c, h, w] and weight ${layout}: ${both}`);
  }
  const [n, channels] = x.shape as Sizes2,
    [oc, perGroup, kh, kw] = weight.shape as Sizes4,
    c = perGroup * groups;
  if (isTransposed && channels !== oc) {
    throw refuse(`weight must begin with the channels of x: ${both}`);
  }
  if (oc % groups !== 0) {
    throw refuse(`groups must divide the ${oc} ${isTransposed ? "input" : "output"} channels: ${groups}`);
  }
  if (!isTransposed && channels !== c) {
    throw refuse(`weight ${show(weight.shape)} needs ${c} input channels: ${its}`);
  }
  const out = isTransposed ? c : oc;
  if (bias && !sameShape(bias.shape, [out])) {
    throw refuse(`bias must have shape [${out}]: it has ${show(bias.shape)}`);
  }
  const [strideH, strideW] = pair(options.stride ?? 1);
  const [dilationH, dilationW] = pair(options.dilation ?? 1);
  return { n, c, oc, kh, kw, strideH, strideW, dilationH, dilationW, groups };
}

/** The whole geometry. Its fields come in the order in which files of measured tiles name them. */
export function geometryOf(
  { n, c, oc, kh, kw, strideH, strideW, dilationH, dilationW, groups }: KernelGeometry,
  { h, w, padTop, padLeft, outH, outW }: Omit<Conv2dGeometry, keyof KernelGeometry>,
): Conv2dGeometry {
  const window = { oc, kh, kw, strideH, strideW, padTop, padLeft, dilationH, dilationW };
  return { n, c, h, w, ...window, groups, outH, outW };
}
