/**
 * The operations that begin with a tensor, one export line each. Each is a function of `mod.ts` and, with its first
 * argument as `this`, a method of {@linkcode Tensor}: this list is all that the methods are made from.
 *
 * @module
 */
export { abs } from "./abs.ts";
export { add } from "./add.ts";
export { argmax } from "./argmax.ts";
export { avgPool2d, type AvgPool2dOptions } from "./avg_pool2d.ts";
export { clamp, type ClampOptions } from "./clamp.ts";
export { ge, gt, le, lt, ne } from "./compare.ts";
export { conv2d, type Conv2dOptions, type Padding } from "./conv2d.ts";
export { cos } from "./cos.ts";
export { crossEntropy, type CrossEntropyOptions, type Reduction } from "./cross_entropy.ts";
export { div } from "./div.ts";
export { dropout, type DropoutOptions } from "./dropout.ts";
export { elu, type EluOptions } from "./elu.ts";
export { eq } from "./eq.ts";
export { erf } from "./erf.ts";
export { exp } from "./exp.ts";
export { expm1 } from "./expm1.ts";
export { flatten, type FlattenOptions } from "./flatten.ts";
export { gelu, type GeluOptions } from "./gelu.ts";
export { isfinite, isnan } from "./isfinite.ts";
export { leakyRelu, type LeakyReluOptions } from "./leaky_relu.ts";
export { linear, type LinearOptions } from "./linear.ts";
export { log } from "./log.ts";
export { log1p } from "./log1p.ts";
export { logSoftmax } from "./log_softmax.ts";
export { logicalAnd, logicalNot, logicalOr } from "./logical.ts";
export { matmul } from "./matmul.ts";
export { maxPool2d, type MaxPool2dOptions, type MaxPool2dResult } from "./max_pool2d.ts";
export { maximum, minimum } from "./maximum.ts";
export { mean } from "./mean.ts";
export { mul } from "./mul.ts";
export { neg } from "./neg.ts";
export { permute } from "./permute.ts";
export { pow } from "./pow.ts";
export { relu } from "./relu.ts";
export { reshape } from "./reshape.ts";
export { rsqrt } from "./rsqrt.ts";
export { sigmoid } from "./sigmoid.ts";
export { sign } from "./sign.ts";
export { silu } from "./silu.ts";
export { sin } from "./sin.ts";
export { softmax } from "./softmax.ts";
export { softplus, type SoftplusOptions } from "./softplus.ts";
export { sqrt } from "./sqrt.ts";
export { square } from "./square.ts";
export { sub } from "./sub.ts";
export { sum } from "./sum.ts";
export { tanh } from "./tanh.ts";
export { transpose } from "./transpose.ts";
export { where } from "./where.ts";
