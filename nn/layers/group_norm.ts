/**
 * The group normalisation layer.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { Module, type Parameter, parameter } from "../module.ts";
import { bool, float } from "../repr.ts";
import { ones, zeros } from "../../ops/core/tensor/create.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { groupNorm } from "../../ops/normalization/group_norm.ts";
import { BOOLEAN, EPS, whole } from "../../ops/core/kinds.ts";

/** Options of {@linkcode GroupNorm}. */
export interface GroupNormLayerOptions {
  /** Added to the variance, so that nothing is divided by 0; 1e-5 unless given. */
  eps?: number;
  /** Whether channels are scaled and shifted by what the layer learns, true unless given. */
  affine?: boolean;
}

const takes = signature<GroupNormLayerOptions>("make GroupNorm", {
  numGroups: whole(1),
  numChannels: whole(0),
}, { eps: EPS, affine: BOOLEAN });

/**
 * Normalises groups of channels in each example (Wu and He, 2018): `y = (x - mean) / sqrt(var + eps) * weight + bias`, with
 * the biased variance.
 *
 * `weight` and `bias` are `[numChannels]` and begin as ones and zeros.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, rand } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const norm = new nn.GroupNorm(3, 6);
 * assertEquals(norm.forward(rand([4, 6, 10, 10])).shape, [4, 6, 10, 10]);
 * assertEquals(String(norm), "GroupNorm(3, 6, eps=1e-05, affine=True)");
 * ```
 */
export class GroupNorm extends Module {
  /** Into how many groups the channels fall. */
  readonly numGroups: number;
  /** Channels of the input. */
  readonly numChannels: number;
  /** What is added to the variance. */
  readonly eps: number;
  /** Factor of each channel, `[numChannels]`, or null. */
  weight: Parameter | null;
  /** What is added to each channel, `[numChannels]`, or null. */
  bias: Parameter | null;

  /**
   * Makes a layer with new parameters.
   *
   * @param numGroups Into how many groups the channels fall.
   * @param numChannels Channels of the input.
   * @param options Eps, and whether to scale and shift.
   * @throws {RangeError} If the groups do not divide the channels.
   */
  constructor(numGroups: number, numChannels: number, options: GroupNormLayerOptions = {}) {
    super();
    takes(arguments);
    if (numChannels % numGroups !== 0) {
      throw new RangeError(
        `Cannot make GroupNorm as numGroups must divide numChannels ${numChannels}: ${numGroups}`,
      );
    }
    const affine = options.affine ?? true;
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = options.eps ?? 1e-5;
    this.weight = affine ? parameter(() => ones([numChannels])) : null;
    this.bias = affine ? parameter(() => zeros([numChannels])) : null;
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, numChannels, …]`.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this;
    return groupNorm(x, this.numGroups, { weight: weight ?? undefined, bias: bias ?? undefined, eps });
  }

  /** Groups, channels and options, as PyTorch prints them. */
  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${float(this.eps)}, affine=${
      bool(this.weight !== null)
    }`;
  }
}
