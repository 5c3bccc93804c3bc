/**
 * Softmax and its logarithm as layers.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { Module } from "../module.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { logSoftmax } from "../../ops/activation/log_softmax.ts";
import { softmin } from "../../ops/activation/softmin.ts";
import { softmax } from "../../ops/activation/softmax.ts";
import { DIM, required } from "../../ops/core/kinds.ts";

const takesLog = signature<{ dim: number }>("make LogSoftmax", {}, { dim: required(DIM) }, "dim");
const takesMin = signature<{ dim: number }>("make Softmin", {}, { dim: required(DIM) }, "dim");
const takes = signature<{ dim: number }>("make Softmax", {}, { dim: required(DIM) }, "dim");

/**
 * Turns rows along a dimension into probabilities.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.Softmax({ dim: 0 }).forward(tensor([3, 3])).toArray(), [0.5, 0.5]);
 * ```
 */
export class Softmax extends Module {
  /** The dimension that sums to 1. */
  readonly dim: number;

  /**
   * Makes a layer.
   *
   * @param options The dimension that sums to 1. `dim` may stand alone.
   */
  constructor(options: { dim: number } | number) {
    super();
    options = takes(arguments);
    this.dim = options.dim;
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of any shape that has the dimension.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return softmax(x, { dim: this.dim });
  }

  /** `dim=…`, as PyTorch prints it. */
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/**
 * Turns rows along a dimension into logarithms of probabilities.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const [y] = await new nn.LogSoftmax({ dim: 0 }).forward(zeros([4])).data();
 * assertAlmostEquals(y, -Math.log(4), 1e-6);
 * ```
 */
export class LogSoftmax extends Softmax {
  /**
   * Makes the layer.
   *
   * @param options The dimension over which probabilities add up to 1; negative ones count from the end. `dim` may
   *   stand alone.
   */
  constructor(options: { dim: number } | number) {
    options = takesLog(arguments);
    super(options);
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of any shape that has the dimension.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return logSoftmax(x, { dim: this.dim });
  }
}

/**
 * Softmax of the negated elements: the smallest has the largest share.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.Softmin(1).forward(tensor([[7, 7]])).toArray(), [[0.5, 0.5]]);
 * ```
 */
export class Softmin extends Softmax {
  /**
   * Makes the layer.
   *
   * @param options The dimension that sums to 1. `dim` may stand alone.
   */
  constructor(options: { dim: number } | number) {
    options = takesMin(arguments);
    super(options);
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of any shape that has the dimension.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return softmin(x, { dim: this.dim });
  }
}
