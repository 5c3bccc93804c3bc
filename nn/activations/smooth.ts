/**
 * Layers of curves, of slopes that are learnt, and of gates.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { Module, type Parameter, parameter } from "../module.ts";
import { float } from "../repr.ts";
import { glu } from "../../ops/activation/glu.ts";
import { logSigmoid } from "../../ops/activation/log_sigmoid.ts";
import { mish } from "../../ops/activation/mish.ts";
import { prelu } from "../../ops/activation/prelu.ts";
import { celu, type CeluOptions, selu } from "../../ops/activation/selu.ts";
import { softsign } from "../../ops/activation/softsign.ts";
import { DIM, FINITE, type Kind, whole } from "../../ops/core/kinds.ts";
import { full } from "../../ops/core/tensor/create.ts";

const ALPHA: Kind = {
  example: "0.5",
  objection: (v) =>
    typeof v === "number" && v !== 0 ? null : { must: "a number other than 0", isRange: v === 0 },
};

/**
 * Weights every element with the hyperbolic tangent of its softplus: `y = x tanh(ln(1 + e^x))`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.Mish().forward(tensor([1])).item(), 0.8650984, 1e-6);
 * ```
 */
export class Mish extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return mish(x);
  }
}

/**
 * Applies the self-normalizing unit: `1.0507 x` above 0, `1.7581 (e^x - 1)` below.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.SELU().forward(tensor([-1])).item(), -1.1113307, 1e-6);
 * ```
 */
export class SELU extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return selu(x);
  }
}

const takesCELU = signature<CeluOptions>("make CELU", {}, { alpha: ALPHA }, "alpha");

/**
 * Applies `y = x` above 0 and `y = alpha (e^(x / alpha) - 1)` below.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.CELU({ alpha: 2 }).forward(tensor([-1])).item(), -0.7869387, 1e-6);
 * ```
 */
export class CELU extends Module {
  /** `y` approaches `-alpha` far below 0. */
  readonly alpha: number;

  /**
   * Makes a layer.
   *
   * @param options The limit below 0. `alpha` may stand alone.
   */
  constructor(options: CeluOptions | number = {}) {
    super();
    options = takesCELU(arguments);
    this.alpha = options.alpha ?? 1;
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return celu(x, { alpha: this.alpha });
  }

  /** `alpha=…`, as PyTorch prints it. */
  override extraRepr(): string {
    return `alpha=${float(this.alpha)}`;
  }
}

/**
 * Squashes every element into (-1, 1): `y = x / (1 + |x|)`.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.Softsign().forward(tensor([3])).item(), 0.75);
 * ```
 */
export class Softsign extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return softsign(x);
  }
}

/**
 * Takes the logarithm of the sigmoid of every element.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * assertAlmostEquals(await new nn.LogSigmoid().forward(tensor([0])).item(), -Math.LN2, 1e-6);
 * ```
 */
export class LogSigmoid extends Module {
  /**
   * Applies the function.
   *
   * @param x A tensor of any shape, float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return logSigmoid(x);
  }
}

const takesGLU = signature<{ dim?: number }>("make GLU", {}, { dim: DIM }, "dim");

/**
 * Cuts its input into two halves along a dimension and weights the first with the sigmoid of the second.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.GLU().forward(tensor([3, 0])).item(), 1.5);
 * ```
 */
export class GLU extends Module {
  /** The dimension that is cut. */
  readonly dim: number;

  /**
   * Makes a layer.
   *
   * @param options The dimension, the last unless given. `dim` may stand alone.
   */
  constructor(options: { dim?: number } | number = {}) {
    super();
    options = takesGLU(arguments);
    this.dim = options.dim ?? -1;
  }

  /**
   * Applies the function.
   *
   * @param x A tensor of an even size along the dimension, float32.
   * @returns A tensor of half the size along the dimension.
   */
  override forward(x: Tensor): Tensor {
    return glu(x, { dim: this.dim });
  }

  /** `dim=…`, as PyTorch prints it. */
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

const takesPReLU = signature<PReLUOptions>(
  "make PReLU",
  {},
  { numParameters: whole(1), init: FINITE },
  "numParameters",
);

/** Options of {@linkcode PReLU}. */
export interface PReLUOptions {
  /** One slope for all channels, unless given; or one for each of so many. */
  numParameters?: number;
  /** What slopes begin with, 0.25 unless given. */
  init?: number;
}

/**
 * Multiplies what is not above 0 with a slope that is learnt. `weight` is `[numParameters]`, and begins
 * with `init`. He et al. (arXiv 1502.01852).
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await new nn.PReLU().forward(tensor([-4])).item(), -1);
 * ```
 */
export class PReLU extends Module {
  /** The slopes, `[numParameters]`. */
  weight: Parameter;

  /**
   * Makes a layer with new slopes.
   *
   * @param options How many slopes, and what they begin with. `numParameters` may stand alone.
   */
  constructor(options: PReLUOptions | number = {}) {
    super();
    options = takesPReLU(arguments);
    const { numParameters = 1, init = 0.25 } = options;
    this.weight = parameter(() => full([numParameters], init));
  }

  /**
   * Applies the layer.
   *
   * @param x `[n, c, …]`, or any shape where there is one slope; float32.
   * @returns A tensor of the same shape.
   */
  override forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }

  /** `num_parameters=…`, as PyTorch prints it. */
  override extraRepr(): string {
    return `num_parameters=${this.weight.size}`;
  }
}
