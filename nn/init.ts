/**
 * Initial values for parameters. All overwrite their tensor and return it.
 *
 * @module
 */
import { noGrad } from "../ops/core/autograd.ts";
import { fillUniform } from "../ops/core/random.ts";
import { show, sizeOf } from "../ops/core/shape.ts";
import type { Tensor } from "../ops/core/tensor.ts";

/** Options of {@linkcode xavierUniform}. */
export interface XavierOptions {
  /** Factor on the bound, 1 unless given. */
  gain?: number;
}

/** Options of {@linkcode kaimingUniform}. */
export interface KaimingOptions {
  /** Negative slope of the leaky ReLU that follows, 0 unless given. */
  a?: number;
  /** Which side keeps its variance: "fanIn" going forward, "fanOut" going back. "fanIn" unless given. */
  mode?: "fanIn" | "fanOut";
  /** What follows the layer, "leakyRelu" unless given. */
  nonlinearity?: Nonlinearity;
}

/** What {@linkcode calculateGain} knows. */
export type Nonlinearity = "linear" | "conv2d" | "sigmoid" | "tanh" | "relu" | "leakyRelu";

/**
 * Computes the recommended factor for what follows a layer, as PyTorch does.
 *
 * @param nonlinearity What follows.
 * @param negativeSlope Slope of a leaky ReLU, 0.01 unless given.
 *
 * @example Usage
 * ```ts
 * import { nn } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nn.init.calculateGain("relu"), Math.SQRT2);
 * ```
 */
export function calculateGain(nonlinearity: Nonlinearity, negativeSlope = 0.01): number {
  switch (nonlinearity) {
    case "linear":
    case "conv2d":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + negativeSlope ** 2));
    default:
      throw new RangeError(`Cannot calculate a gain as the nonlinearity must be known: "${nonlinearity}"`);
  }
}

/**
 * Counts the inputs and outputs that one weight connects.
 *
 * @param t A weight of at least two dimensions, `[out, in, …]`; further dimensions are the receptive field.
 * @throws {RangeError} If it has fewer dimensions.
 */
export function calculateFans(t: Tensor): { fanIn: number; fanOut: number } {
  if (t.shape.length < 2) {
    throw new RangeError(
      `Cannot calculate fans as the tensor must have two dimensions or more: ${show(t.shape)}`,
    );
  }
  const field = sizeOf(t.shape.slice(2));
  return { fanIn: t.shape[1] * field, fanOut: t.shape[0] * field };
}

/**
 * Fills a tensor with zeros.
 *
 * @param t The tensor.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await nn.init.zeros(ones([2])).toArray(), [0, 0]);
 * ```
 */
export function zeros(t: Tensor): Tensor {
  return noGrad(() => t.fill(0));
}

/**
 * Fills a tensor with numbers uniform in [a, b).
 *
 * @param t The tensor, float32.
 * @param options The range, [0, 1) unless given.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assert } from "@std/assert";
 *
 * await openDevice();
 * const t = nn.init.uniform(zeros([50]), { a: 2, b: 3 });
 * assert((await t.data()).every((v) => v >= 2 && v <= 3));
 * ```
 */
export function uniform(t: Tensor, options: { a?: number; b?: number } = {}): Tensor {
  fillUniform(t, options.a ?? 0, options.b ?? 1);
  return t;
}

/**
 * Fills a weight uniformly within ± gain √(6 / (fanIn + fanOut)).
 *
 * Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks (2010).
 *
 * @param t A weight of at least two dimensions.
 * @param options The gain.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assert } from "@std/assert";
 *
 * await openDevice();
 * const t = nn.init.xavierUniform(zeros([3, 3]));
 * assert((await t.data()).every((v) => Math.abs(v) <= 1));
 * ```
 */
export function xavierUniform(t: Tensor, options: XavierOptions = {}): Tensor {
  const { fanIn, fanOut } = calculateFans(t);
  const bound = (options.gain ?? 1) * Math.sqrt(6 / (fanIn + fanOut));
  return uniform(t, { a: -bound, b: bound });
}

/**
 * Fills a weight uniformly within ± gain √(3 / fan).
 *
 * He, Zhang, Ren, Sun: Delving deep into rectifiers (2015).
 *
 * @param t A weight of at least two dimensions.
 * @param options The mode and what follows.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assert } from "@std/assert";
 *
 * await openDevice();
 * const t = nn.init.kaimingUniform(zeros([4, 6]), { nonlinearity: "relu" });
 * assert((await t.data()).every((v) => Math.abs(v) <= 1));
 * ```
 */
export function kaimingUniform(t: Tensor, options: KaimingOptions = {}): Tensor {
  const { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  const bound = calculateGain(nonlinearity, a) * Math.sqrt(3 / calculateFans(t)[mode]);
  return uniform(t, { a: -bound, b: bound });
}
