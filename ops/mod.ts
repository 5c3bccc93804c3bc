/**
 * The operations that begin with a tensor, one export line each. Each is a function of `mod.ts` and, with its first
 * argument as `this`, a method of {@linkcode Tensor}: this list is all that the methods are made from.
 *
 * @module
 */
export { abs } from "./abs.ts";
export { adaptiveAvgPool2d, type AdaptiveSize } from "./adaptive_avg_pool2d.ts";
export { add } from "./add.ts";
export { amax, amin } from "./amax.ts";
export { all, any } from "./any.ts";
export { argmax, argmin } from "./argmax.ts";
export { avgPool2d, type AvgPool2dOptions } from "./avg_pool2d.ts";
export { batchNorm1d, batchNorm2d, type BatchNormOptions } from "./batch_norm.ts";
export {
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyWithLogitsOptions,
} from "./binary_cross_entropy_with_logits.ts";
export { clamp, type ClampOptions } from "./clamp.ts";
export { clone } from "./clone.ts";
export { ge, gt, le, lt, ne } from "./compare.ts";
export { conv2d, type Conv2dOptions, type Padding } from "./conv2d.ts";
export { convTranspose2d, type ConvTranspose2dOptions } from "./conv_transpose2d.ts";
export { cos } from "./cos.ts";
export { crossEntropy, type CrossEntropyOptions, type Reduction } from "./cross_entropy.ts";
export { cumsum } from "./cumsum.ts";
export { div } from "./div.ts";
export { dropout, type DropoutOptions } from "./dropout.ts";
export { elu, type EluOptions } from "./elu.ts";
export { embedding, type EmbeddingOptions } from "./embedding.ts";
export { eq } from "./eq.ts";
export { erf } from "./erf.ts";
export { exp } from "./exp.ts";
export { expand } from "./expand.ts";
export { expm1 } from "./expm1.ts";
export { flatten, type FlattenOptions } from "./flatten.ts";
export { flip } from "./flip.ts";
export { gather } from "./gather.ts";
export { gelu, type GeluOptions } from "./gelu.ts";
export { groupNorm, type GroupNormOptions } from "./group_norm.ts";
export { interpolate, type InterpolateOptions } from "./interpolate.ts";
export { isfinite, isnan } from "./isfinite.ts";
export { l1Loss } from "./l1_loss.ts";
export { layerNorm, type LayerNormOptions } from "./layer_norm.ts";
export { leakyRelu, type LeakyReluOptions } from "./leaky_relu.ts";
export { linear, type LinearOptions } from "./linear.ts";
export { log } from "./log.ts";
export { log1p } from "./log1p.ts";
export { logSoftmax } from "./log_softmax.ts";
export { logicalAnd, logicalNot, logicalOr } from "./logical.ts";
export { logsumexp } from "./logsumexp.ts";
export { matmul } from "./matmul.ts";
export { max, type MaxOptions, min } from "./max.ts";
export { maxPool2d, type MaxPool2dOptions, type MaxPool2dResult } from "./max_pool2d.ts";
export { maximum, minimum } from "./maximum.ts";
export { mean } from "./mean.ts";
export { type LossOptions, mseLoss } from "./mse_loss.ts";
export { mul } from "./mul.ts";
export { neg } from "./neg.ts";
export { type ClassLossOptions, nllLoss } from "./nll_loss.ts";
export { norm, type NormOptions } from "./norm.ts";
export { oneHot } from "./one_hot.ts";
export { pad, type PadOptions } from "./pad.ts";
export { permute } from "./permute.ts";
export { pow } from "./pow.ts";
export { prod } from "./prod.ts";
export { relu } from "./relu.ts";
export { reshape } from "./reshape.ts";
export { rsqrt } from "./rsqrt.ts";
export { select } from "./select.ts";
export { sigmoid } from "./sigmoid.ts";
export { sign } from "./sign.ts";
export { silu } from "./silu.ts";
export { sin } from "./sin.ts";
export { slice, type SliceOptions } from "./slice.ts";
export { smoothL1Loss, type SmoothL1LossOptions } from "./smooth_l1_loss.ts";
export { softmax } from "./softmax.ts";
export { softplus, type SoftplusOptions } from "./softplus.ts";
export { split } from "./split.ts";
export { sqrt } from "./sqrt.ts";
export { square } from "./square.ts";
export { squeeze, unsqueeze } from "./squeeze.ts";
export { sub } from "./sub.ts";
export { sum } from "./sum.ts";
export { tanh } from "./tanh.ts";
export { to } from "./to.ts";
export { topk, type TopkOptions } from "./topk.ts";
export { transpose } from "./transpose.ts";
export { std, var, type VarOptions } from "./var.ts";
export { where } from "./where.ts";
