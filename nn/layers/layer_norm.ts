/**
 * The layer normalisation layer.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { Module, type Parameter, parameter } from "../module.ts";
import { bool, float, list } from "../repr.ts";
import { ones, zeros } from "../../ops/core/tensor/create.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { layerNorm } from "../../ops/normalization/layer_norm.ts";
import { BOOLEAN, either, EPS, SHAPE, whole } from "../../ops/core/kinds.ts";

/** Options of {@linkcode LayerNorm}. */
export interface LayerNormLayerOptions {
  /** Added to the variance, so that nothing is divided by 0; 1e-5 unless given. */
  eps?: number;
  /** Whether elements are scaled and shifted by what the layer learns, true unless given. */
  elementwiseAffine?: boolean;
}

const takes = signature<LayerNormLayerOptions>(
  "make LayerNorm",
  { normalizedShape: either(whole(0), SHAPE) },
  { eps: EPS, elementwiseAffine: BOOLEAN },
);

/**
 * Normalises each example over its last dimensions (Ba, Kiros and Hinton, 2016):
 * `y = (x - mean) / sqrt(var + eps) * weight + bias`, with the biased variance.
 *
 * `weight` and `bias` have the shape `normalizedShape` and begin as ones and zeros.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, rand } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const norm = new nn.LayerNorm(64);
 * assertEquals(norm.forward(rand([2, 10, 64])).shape, [2, 10, 64]);
 * assertEquals(String(norm), "LayerNorm((64,), eps=1e-05, elementwise_affine=True)");
 * ```
 */
export class LayerNorm extends Module {
  /** Sizes of the last dimensions. */
  readonly normalizedShape: readonly number[];
  /** What is added to the variance. */
  readonly eps: number;
  /** Factor of each element, of shape `normalizedShape`, or null. */
  weight: Parameter | null;
  /** What is added to each element, of shape `normalizedShape`, or null. */
  bias: Parameter | null;

  /**
   * Makes a layer with new parameters.
   *
   * @param normalizedShape Sizes of the last dimensions; a number for the last one alone.
   * @param options Eps, and whether to scale and shift.
   */
  constructor(normalizedShape: number | readonly number[], options: LayerNormLayerOptions = {}) {
    super();
    takes(arguments);
    const shape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    const affine = options.elementwiseAffine ?? true;
    this.normalizedShape = shape;
    this.eps = options.eps ?? 1e-5;
    this.weight = affine ? parameter(() => ones(shape)) : null;
    this.bias = affine ? parameter(() => zeros(shape)) : null;
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, ...normalizedShape]`.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    const { normalizedShape, weight, bias, eps } = this;
    return layerNorm(x, { normalizedShape, weight: weight ?? undefined, bias: bias ?? undefined, eps });
  }

  /** The normalized shape and the options, as PyTorch prints them. */
  override extraRepr(): string {
    return `${list(this.normalizedShape)}, eps=${float(this.eps)}, elementwise_affine=${
      bool(this.weight !== null)
    }`;
  }
}
