/**
 * Initial values for parameters. All overwrite their tensor and return it.
 *
 * @module
 */
import { type OptionKinds, signature } from "../ops/core/signature.ts";
import { FLOAT_TENSOR, TENSOR } from "../ops/core/tensor/kinds.ts";
import "../ops/methods.ts";
import { show, sizeOf } from "../ops/core/shape.ts";
import { noGrad } from "../ops/core/autograd/autograd.ts";
import { tensor } from "../ops/core/tensor/create.ts";
import { fillUniform, nextStream, normals } from "../ops/core/tensor/random.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { type Kind, NUMBER, numberFrom, oneOf, optional } from "../ops/core/kinds.ts";

export {
  dirac,
  type DiracOptions,
  eye,
  orthogonal,
  type OrthogonalOptions,
  sparse,
  type SparseOptions,
  truncNormal,
  type TruncNormalOptions,
} from "./init_structured.ts";

/** Options of {@linkcode uniform}. */
export interface UniformOptions {
  /** Smallest number, 0 unless given. */
  a?: number;
  /** Bound that every number is below, 1 unless given. */
  b?: number;
}

/** Options of {@linkcode normal}. */
export interface NormalOptions {
  /** Mean, 0 unless given. */
  mean?: number;
  /** Standard deviation, 1 unless given. */
  std?: number;
}

/** Options of {@linkcode xavierUniform} and {@linkcode xavierNormal}. */
export interface XavierOptions {
  /** Factor on bound or standard deviation, 1 unless given. */
  gain?: number;
}

/** Options of {@linkcode kaimingUniform} and {@linkcode kaimingNormal}. */
export interface KaimingOptions {
  /** Negative slope of the leaky ReLU that follows, 0 unless given. */
  a?: number;
  /** Which side keeps its variance: "fanIn" in the forward pass, "fanOut" in the backward pass. "fanIn" unless given. */
  mode?: "fanIn" | "fanOut";
  /** What follows the layer, "leakyRelu" unless given. */
  nonlinearity?: Nonlinearity;
}

/** What {@linkcode calculateGain} knows. */
export type Nonlinearity =
  | "linear"
  | `conv${1 | 2 | 3}d`
  | `convTranspose${1 | 2 | 3}d`
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leakyRelu"
  | "selu";

const NONLINEARITY: Kind = oneOf(
  "linear",
  "conv1d",
  "conv2d",
  "conv3d",
  "convTranspose1d",
  "convTranspose2d",
  "convTranspose3d",
  "sigmoid",
  "tanh",
  "relu",
  "leakyRelu",
  "selu",
);
const KAIMING: OptionKinds<KaimingOptions> = {
  a: NUMBER,
  mode: oneOf("fanIn", "fanOut"),
  nonlinearity: NONLINEARITY,
};
const takesGain = signature("calculate a gain", {
  nonlinearity: NONLINEARITY,
  negativeSlope: optional(NUMBER),
});

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
  takesGain(arguments);
  switch (nonlinearity) {
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + negativeSlope ** 2));
    case "selu":
      return 3 / 4;
    default:
      return 1; // of linear functions, convolutions among them, and of the sigmoid
  }
}

const takesFans = signature("calculate fans", { t: TENSOR });

/**
 * Counts the inputs and outputs that one weight connects.
 *
 * @param t A weight of at least two dimensions, `[out, in, …]`; further dimensions are the receptive field.
 * @throws {RangeError} If the weight has fewer dimensions.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(nn.init.calculateFans(zeros([6, 3, 5, 5])), { fanIn: 75, fanOut: 150 });
 * ```
 */
export function calculateFans(t: Tensor): { fanIn: number; fanOut: number } {
  takesFans(arguments);
  if (t.shape.length < 2) {
    throw new RangeError(
      `Cannot calculate fans as the tensor must have two dimensions or more: ${show(t.shape)}`,
    );
  }
  const field = sizeOf(t.shape.slice(2));
  return { fanIn: t.shape[1]! * field, fanOut: t.shape[0]! * field };
}

const takesConstant = signature("fill with a constant", { t: TENSOR, value: NUMBER });

/**
 * Fills a tensor with one number.
 *
 * @param t The tensor.
 * @param value The number.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await nn.init.constant(zeros([2]), 0.5).toArray(), [0.5, 0.5]);
 * ```
 */
export function constant(t: Tensor, value: number): Tensor {
  takesConstant(arguments);
  return noGrad(() => t.fill(value));
}

const takesZeros = signature("fill with zeros", { t: TENSOR });

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
  takesZeros(arguments);
  return constant(t, 0);
}

const takesOnes = signature("fill with ones", { t: TENSOR });

/**
 * Fills a tensor with ones.
 *
 * @param t The tensor.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await nn.init.ones(zeros([2])).toArray(), [1, 1]);
 * ```
 */
export function ones(t: Tensor): Tensor {
  takesOnes(arguments);
  return constant(t, 1);
}

const takesUniform = signature<UniformOptions>("fill with uniform numbers", { t: FLOAT_TENSOR }, {
  a: NUMBER,
  b: NUMBER,
});

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
export function uniform(t: Tensor, options: UniformOptions = {}): Tensor {
  takesUniform(arguments);
  fillUniform(t, options.a ?? 0, options.b ?? 1);
  return t;
}

const takesNormal = signature<NormalOptions>("fill with normal numbers", { t: TENSOR }, {
  mean: NUMBER,
  std: numberFrom(0),
});

/**
 * Fills a tensor with normal numbers.
 *
 * @param t The tensor, float32.
 * @param options Mean and standard deviation.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const t = nn.init.normal(zeros([1000]), { mean: 3, std: 0.01 });
 * assertAlmostEquals(await t.mean().item(), 3, 0.01);
 * ```
 */
export function normal(t: Tensor, options: NormalOptions = {}): Tensor {
  takesNormal(arguments);
  const { mean = 0, std = 1 } = options;
  using source = tensor(normals(t.size, nextStream()).map((v) => mean + std * v), { shape: t.shape });
  return noGrad(() => t.copy(source));
}

const takesXavierUniform = signature<XavierOptions>("fill with xavierUniform", { t: FLOAT_TENSOR }, {
  gain: NUMBER,
});

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
  takesXavierUniform(arguments);
  const { fanIn, fanOut } = calculateFans(t);
  const bound = (options.gain ?? 1) * Math.sqrt(6 / (fanIn + fanOut));
  return uniform(t, { a: -bound, b: bound });
}

const takesXavierNormal = signature<XavierOptions>("fill with xavierNormal", { t: TENSOR }, { gain: NUMBER });

/**
 * Fills a weight with normal numbers of standard deviation gain √(2 / (fanIn + fanOut)).
 *
 * Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks (2010).
 *
 * @param t A weight of at least two dimensions.
 * @param options The gain.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(nn.init.xavierNormal(zeros([3, 5]), { gain: 2 }).shape, [3, 5]);
 * ```
 */
export function xavierNormal(t: Tensor, options: XavierOptions = {}): Tensor {
  takesXavierNormal(arguments);
  const { fanIn, fanOut } = calculateFans(t);
  return normal(t, { std: (options.gain ?? 1) * Math.sqrt(2 / (fanIn + fanOut)) });
}

const takesKaimingUniform = signature<KaimingOptions>(
  "fill with kaimingUniform",
  { t: FLOAT_TENSOR },
  KAIMING,
);

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
  takesKaimingUniform(arguments);
  const { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  const bound = calculateGain(nonlinearity, a) * Math.sqrt(3 / calculateFans(t)[mode]);
  return uniform(t, { a: -bound, b: bound });
}

const takesKaimingNormal = signature<KaimingOptions>("fill with kaimingNormal", { t: TENSOR }, KAIMING);

/**
 * Fills a weight with normal numbers of standard deviation gain / √fan.
 *
 * He, Zhang, Ren, Sun: Delving deep into rectifiers (2015).
 *
 * @param t A weight of at least two dimensions.
 * @param options The mode and what follows.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(nn.init.kaimingNormal(zeros([8, 4, 3, 3]), { mode: "fanOut", nonlinearity: "relu" }).size, 288);
 * ```
 */
export function kaimingNormal(t: Tensor, options: KaimingOptions = {}): Tensor {
  takesKaimingNormal(arguments);
  const { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  return normal(t, { std: calculateGain(nonlinearity, a) / Math.sqrt(calculateFans(t)[mode]) });
}
