/**
 * Activation functions of single elements as layers. None has parameters.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { Module } from "../module.ts";
import { float } from "../repr.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { elu, type EluOptions } from "../../ops/activation/elu.ts";
import { gelu, type GeluOptions } from "../../ops/activation/gelu.ts";
import { leakyRelu, type LeakyReluOptions } from "../../ops/activation/leaky_relu.ts";
import { relu } from "../../ops/activation/relu.ts";
import { sigmoid } from "../../ops/activation/sigmoid.ts";
import { silu } from "../../ops/activation/silu.ts";
import { softplus, type SoftplusOptions } from "../../ops/activation/softplus.ts";
import { tanh } from "../../ops/activation/tanh.ts";
import { NUMBER, oneOf } from "../../ops/core/kinds.ts";

/**
 * Sets every element below 0 to 0: `y = max(x, 0)`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.ReLU().forward(tensor([-2])).item(), 0, 1e-6);
 * ```
 */
export class ReLU extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}

const takesLeakyReLU = signature<LeakyReluOptions>(
  "make LeakyReLU",
  {},
  { negativeSlope: NUMBER },
  "negativeSlope",
);

/**
 * Makes every element below 0 smaller: `y = x` above 0, `y = negativeSlope x` from 0 down.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.LeakyReLU({ negativeSlope: 0.5 }).forward(tensor([-2])).item(), -1, 1e-6);
 * ```
 */
export class LeakyReLU extends Module {
  /** Slope from 0 down. */
  readonly negativeSlope: number;

  /**
   * Makes a layer.
   *
   * @param options The slope below 0. `negativeSlope` may stand alone.
   */
  constructor(options: LeakyReluOptions | number = {}) {
    super();
    options = takesLeakyReLU(arguments);
    this.negativeSlope = options.negativeSlope ?? 0.01;
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return leakyRelu(x, { negativeSlope: this.negativeSlope });
  }

  /** `negative_slope=…`, as PyTorch prints it. */
  override extraRepr(): string {
    return `negative_slope=${float(this.negativeSlope)}`;
  }
}

const takesELU = signature<EluOptions>("make ELU", {}, { alpha: NUMBER }, "alpha");

/**
 * Bends every element below 0 towards `-alpha`: `y = x` above 0, `y = alpha (e^x - 1)` from 0 down.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.ELU().forward(tensor([-1])).item(), 1 / Math.E - 1, 1e-6);
 * ```
 */
export class ELU extends Module {
  /** `y` approaches `-alpha` far below 0. */
  readonly alpha: number;

  /**
   * Makes a layer.
   *
   * @param options The limit below 0. `alpha` may stand alone.
   */
  constructor(options: EluOptions | number = {}) {
    super();
    options = takesELU(arguments);
    this.alpha = options.alpha ?? 1;
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return elu(x, { alpha: this.alpha });
  }

  /** `alpha=…`, as PyTorch prints it. */
  override extraRepr(): string {
    return `alpha=${float(this.alpha)}`;
  }
}

const takesGELU = signature<GeluOptions>("make GELU", {}, { approximate: oneOf("none", "tanh") });

/**
 * Weights every element with the probability that a normal number lies below it: `y = x Φ(x)`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.GELU().forward(tensor([1])).item(), 0.8413447, 1e-6);
 * ```
 */
export class GELU extends Module {
  /** How `Φ` is computed. */
  readonly approximate: "none" | "tanh";

  /**
   * Makes a layer.
   *
   * @param options Whether to approximate.
   */
  constructor(options: GeluOptions = {}) {
    super();
    takesGELU(arguments);
    this.approximate = options.approximate ?? "none";
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  /** `approximate=…`, as PyTorch prints it. */
  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/**
 * Weights every element with its sigmoid: `y = x / (1 + e^-x)`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.SiLU().forward(tensor([1])).item(), 0.7310586, 1e-6);
 * ```
 */
export class SiLU extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return silu(x);
  }
}

const takesSoftplus = signature<SoftplusOptions>("make Softplus", {}, { beta: NUMBER, threshold: NUMBER });

/**
 * Makes every element positive: `y = ln(1 + e^(beta x)) / beta`, and `y = x` where `beta x` is above the threshold.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.Softplus().forward(tensor([0])).item(), Math.LN2, 1e-6);
 * ```
 */
export class Softplus extends Module {
  /** Sharpness of the bend at 0. */
  readonly beta: number;
  /** `y = x` where `beta x` is above the threshold. */
  readonly threshold: number;

  /**
   * Makes a layer.
   *
   * @param options Sharpness, and where the function becomes linear.
   */
  constructor(options: SoftplusOptions = {}) {
    super();
    takesSoftplus(arguments);
    this.beta = options.beta ?? 1;
    this.threshold = options.threshold ?? 20;
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return softplus(x, { beta: this.beta, threshold: this.threshold });
  }

  /** `beta=…, threshold=…`, as PyTorch prints them. */
  override extraRepr(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`;
  }
}

/**
 * Squashes every element into (0, 1): `y = 1 / (1 + e^-x)`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.Sigmoid().forward(tensor([0])).item(), 0.5, 1e-6);
 * ```
 */
export class Sigmoid extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}

/**
 * Squashes every element into (-1, 1).
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.Tanh().forward(tensor([1])).item(), Math.tanh(1), 1e-6);
 * ```
 */
export class Tanh extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }
}
