/**
 * The forms in ONNX of operations that take each element by itself.
 *
 * @module
 */
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { first, type Form, refuseCall, unary } from "./_form.ts";

/** A function of one tensor, made of several nodes. */
function made(of: (x: string, g: Parameters<Form>[0]) => string): Form {
  return (g, call) => of(g.value(first(call), call.y.dtype), g);
}

/** A multiple of a function of one tensor. */
function times(factor: number, type: string): Form {
  return made((x, g) => g.node("Mul", [g.node(type, [x]), g.scalar(factor)]));
}

const gelu: Form = (g, call) => {
  const x = g.value(first(call)), times = (a: string, b: string) => g.node("Mul", [a, b]);
  const plus = (a: string, b: string) => g.node("Add", [a, b]);
  if (call.options.approximate === "tanh") {
    const cube = times(times(x, x), x), inner = plus(x, times(cube, g.scalar(0.044715)));
    return times(x, g.node("Sigmoid", [times(inner, g.scalar(Math.sqrt(8 / Math.PI)))]));
  }
  const erf = g.node("Erf", [times(x, g.scalar(Math.SQRT1_2))]);
  return times(times(x, g.scalar(0.5)), plus(erf, g.scalar(1)));
};

const softplus: Form = (g, call) => {
  const { beta = 1, threshold = 20 } = call.options as { beta?: number; threshold?: number },
    x = g.value(first(call));
  if (threshold < 15) refuseCall(call, ` with threshold ${threshold}`); // above it, the function is x to float32
  if (beta === 1) return g.node("Softplus", [x]);
  return g.node("Div", [g.node("Softplus", [g.node("Mul", [x, g.scalar(beta)])]), g.scalar(beta)]);
};

const silu: Form = (g, call) => {
  const x = g.value(first(call));
  return g.node("Mul", [x, g.node("Sigmoid", [x])]);
};

const square: Form = (g, call) => {
  const x = g.value(first(call));
  return g.node("Mul", [x, x]);
};

const rsqrt: Form = (g, call) => g.node("Reciprocal", [g.node("Sqrt", [g.value(first(call), call.y.dtype)])]);

const celu: Form = (g, call) => {
  const { alpha = 1 } = call.options as { alpha?: number };
  if (alpha < 0) refuseCall(call, ` with alpha ${alpha}`);
  return g.node("Celu", [g.value(first(call))], { alpha: { float: alpha } });
};

const hardtanh: Form = (g, call) => {
  const { minVal = -1, maxVal = 1 } = call.options as { minVal?: number; maxVal?: number };
  return g.node("Clip", [g.value(first(call)), g.scalar(minVal), g.scalar(maxVal)]);
};

const prelu: Form = (g, { args }) => {
  const [x, weight] = args as [Tensor, Tensor], rest = x.shape.slice(2).map((_, d) => d + 1);
  const slope = g.value(weight);
  if (weight.size === 1) return g.node("PRelu", [g.value(x), g.node("Reshape", [slope, g.int64([1])])]);
  return g.node("PRelu", [
    g.value(x),
    rest.length > 0 ? g.node("Unsqueeze", [slope, g.int64(rest)]) : slope,
  ]);
};

/** What each of them is. */
export const FUNCTION_FORMS: Readonly<Record<string, Form>> = {
  abs: unary("Abs"),
  acos: unary("Acos"),
  asin: unary("Asin"),
  atan: unary("Atan"),
  ceil: unary("Ceil"),
  celu,
  cos: unary("Cos"),
  cosh: unary("Cosh"),
  elu: unary("Elu", ({ alpha = 1 }) => ({ alpha: { float: alpha as number } })),
  erf: unary("Erf"),
  exp: unary("Exp"),
  exp2: made((x, g) => g.node("Pow", [g.scalar(2), x])),
  floor: unary("Floor"),
  fmod: (g, { args, y }) =>
    g.node("Mod", args.slice(0, 2).map((v) => g.value(v as Tensor | number, y.dtype)), { fmod: 1 }),
  gelu,
  hardsigmoid: unary("HardSigmoid", () => ({ alpha: { float: 1 / 6 }, beta: { float: 0.5 } })),
  hardswish: unary("HardSwish"),
  hardtanh,
  leakyRelu: unary(
    "LeakyRelu",
    ({ negativeSlope = 0.01 }) => ({ alpha: { float: negativeSlope as number } }),
  ),
  log: unary("Log"),
  log10: times(Math.LOG10E, "Log"),
  log2: times(Math.LOG2E, "Log"),
  logSigmoid: made((x, g) => g.node("Neg", [g.node("Softplus", [g.node("Neg", [x])])])),
  mish: made((x, g) => g.node("Mul", [x, g.node("Tanh", [g.node("Softplus", [x])])])),
  neg: unary("Neg"),
  prelu,
  reciprocal: unary("Reciprocal"),
  relu: unary("Relu"),
  round: unary("Round"),
  rsqrt,
  selu: unary("Selu"),
  sigmoid: unary("Sigmoid"),
  sign: unary("Sign"),
  silu,
  sin: unary("Sin"),
  sinh: unary("Sinh"),
  softplus,
  softsign: unary("Softsign"),
  sqrt: unary("Sqrt"),
  square,
  tan: unary("Tan"),
  tanh: unary("Tanh"),
  trunc: made((x, g) => g.node("Mul", [g.node("Sign", [x]), g.node("Floor", [g.node("Abs", [x])])])),
};
