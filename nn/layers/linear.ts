/**
 * The fully connected layer.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { kaimingUniform, uniform } from "../init.ts";
import { Module, type Parameter, parameter } from "../module.ts";
import { bool } from "../repr.ts";
import { empty } from "../../ops/core/tensor/create.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { linear } from "../../ops/matrix/linear.ts";
import { BOOLEAN, whole } from "../../ops/core/kinds.ts";

/** Options of {@linkcode Linear}. */
export interface LinearLayerOptions {
  /** Whether a bias is added, true unless given. */
  bias?: boolean;
}

const takes = signature<LinearLayerOptions>("make Linear", { inFeatures: whole(0), outFeatures: whole(0) }, {
  bias: BOOLEAN,
});

/**
 * Multiplies by a weight and adds a bias: `y = x Wᵀ + b`.
 *
 * `weight` is `[outFeatures, inFeatures]`, `bias` `[outFeatures]`; both begin uniform within ± 1 / √inFeatures.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const fc = new nn.Linear(20, 30);
 * assertEquals(fc.forward(zeros([128, 20])).shape, [128, 30]);
 * ```
 */
export class Linear extends Module {
  /** Size of the last dimension of the input. */
  readonly inFeatures: number;
  /** Size of the last dimension of the output. */
  readonly outFeatures: number;
  /** The weight, `[outFeatures, inFeatures]`. */
  weight: Parameter;
  /** The bias, `[outFeatures]`, or null. */
  bias: Parameter | null;

  /**
   * Makes a layer with new parameters.
   *
   * @param inFeatures Size of the last dimension of the input.
   * @param outFeatures Size of the last dimension of the output.
   * @param options Whether there is a bias.
   */
  constructor(inFeatures: number, outFeatures: number, options: LinearLayerOptions = {}) {
    super();
    takes(arguments);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = parameter(() => kaimingUniform(empty([outFeatures, inFeatures]), { a: Math.sqrt(5) }));
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    this.bias = options.bias ?? true
      ? parameter(() => uniform(empty([outFeatures]), { a: -bound, b: bound }))
      : null;
  }

  /**
   * Applies the layer.
   *
   * @param x `[…, inFeatures]`.
   * @returns `[…, outFeatures]`.
   */
  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, { bias: this.bias ?? undefined });
  }

  /** `in_features=…, out_features=…, bias=…`, as PyTorch prints it. */
  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${
      bool(this.bias !== null)
    }`;
  }
}
