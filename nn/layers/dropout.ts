/**
 * Dropout as a layer.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { Module } from "../module.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { alphaDropout, dropout, dropout2d } from "../../ops/sampling/dropout.ts";
import { numberFrom } from "../../ops/core/kinds.ts";

/** Options of {@linkcode Dropout}. */
export interface DropoutLayerOptions {
  /** Probability that an element is dropped, 0.5 unless given. */
  p?: number;
}

const takes = signature<DropoutLayerOptions>("make Dropout", {}, { p: numberFrom(0, 1) }, "p");

/**
 * Sets elements to 0 at random in training mode: `y = x r / (1 - p)`, where each `r` is 0 with probability `p` and 1
 * otherwise. In evaluation mode `y = x`.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice } from "@plunge/plunge";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const layer = new nn.Dropout({ p: 0.5 }), x = ones([50]);
 * assert((await layer.forward(x).data()).every((v) => v === 0 || v === 2));
 * assertEquals(await layer.eval().forward(x).data(), await x.data());
 * ```
 */
export class Dropout extends Module {
  /** Probability that an element is dropped. */
  readonly p: number;

  /**
   * Makes a layer.
   *
   * @param options How probable it is that an element is dropped. `p` may stand alone.
   * @throws {RangeError} If `p` is not from 0 to 1.
   */
  constructor(options: DropoutLayerOptions | number = {}) {
    super();
    options = takes(arguments);
    this.p = options.p ?? 0.5;
  }

  /**
   * Drops elements, other ones in each call.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return dropout(x, { p: this.p, training: this.training });
  }

  /** `p=…, inplace=False`, as PyTorch prints them. */
  override extraRepr(): string {
    return `p=${this.p}, inplace=False`;
  }
}

const takesDropout2d = signature<DropoutLayerOptions>("make Dropout2d", {}, { p: numberFrom(0, 1) }, "p");

/**
 * Drops whole channels in training: each becomes 0 with probability `p`, and what is left is multiplied
 * with `1 / (1 - p)`.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const layer = new nn.Dropout2d(0.25).eval();
 * assertEquals(await layer.forward(ones([1, 1, 2])).toArray(), [[[1, 1]]]);
 * ```
 */
export class Dropout2d extends Dropout {
  /**
   * Makes a layer.
   *
   * @param options How probable it is that something is dropped. `p` may stand alone.
   * @throws {RangeError} If `p` is not from 0 to 1.
   */
  constructor(options: DropoutLayerOptions | number = {}) {
    options = takesDropout2d(arguments);
    super(options);
  }

  /**
   * Drops, other things in each call.
   *
   * @param x `[n, c, …]` of three dimensions or more, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return dropout2d(x, { p: this.p, training: this.training });
  }
}

const takesAlphaDropout = signature<DropoutLayerOptions>(
  "make AlphaDropout",
  {},
  { p: numberFrom(0, 1) },
  "p",
);

/**
 * Drops elements in training so that mean and variance stay, for networks of `SELU`.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const layer = new nn.AlphaDropout(0.25).eval();
 * assertEquals(await layer.forward(ones([1, 1, 2])).toArray(), [[[1, 1]]]);
 * ```
 */
export class AlphaDropout extends Dropout {
  /**
   * Makes a layer.
   *
   * @param options How probable it is that something is dropped. `p` may stand alone.
   * @throws {RangeError} If `p` is not from 0 to 1.
   */
  constructor(options: DropoutLayerOptions | number = {}) {
    options = takesAlphaDropout(arguments);
    super(options);
  }

  /**
   * Drops, other things in each call.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return alphaDropout(x, { p: this.p, training: this.training });
  }
}
