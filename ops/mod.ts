/**
 * The operations that begin with a tensor, one export line each. Each is a function of `mod.ts` and, with its first
 * argument as `this`, a method of {@linkcode Tensor}: this list is all that the methods are made from.
 *
 * @module
 */
export { abs } from "./pointwise/abs.ts";
export { adaptiveAvgPool2d, type AdaptiveSize } from "./pooling/adaptive_avg_pool2d.ts";
export { add } from "./pointwise/add.ts";
export { amax, amin } from "./reduction/amax.ts";
export { all, any } from "./reduction/any.ts";
export { argmax, argmin } from "./reduction/argmax.ts";
export { avgPool2d, type AvgPool2dOptions } from "./pooling/avg_pool2d.ts";
export { batchNorm1d, batchNorm2d, type BatchNormOptions } from "./normalization/batch_norm.ts";
export {
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyWithLogitsOptions,
} from "./loss/binary_cross_entropy_with_logits.ts";
export { clamp, type ClampOptions } from "./pointwise/clamp.ts";
export { clone } from "./pointwise/clone.ts";
export { ge, gt, le, lt, ne } from "./pointwise/compare.ts";
export { conv2d, type Conv2dOptions, type Padding } from "./convolution/conv2d.ts";
export { convTranspose2d, type ConvTranspose2dOptions } from "./convolution/conv_transpose2d.ts";
export { cos } from "./pointwise/cos.ts";
export { crossEntropy, type CrossEntropyOptions, type Reduction } from "./loss/cross_entropy.ts";
export { cumsum } from "./reduction/cumsum.ts";
export { div } from "./pointwise/div.ts";
export { dropout, type DropoutOptions } from "./sampling/dropout.ts";
export { elu, type EluOptions } from "./activation/elu.ts";
export { embedding, type EmbeddingOptions } from "./indexing/embedding.ts";
export { eq } from "./pointwise/eq.ts";
export { erf } from "./pointwise/erf.ts";
export { exp } from "./pointwise/exp.ts";
export { expand } from "./shape/expand.ts";
export { expm1 } from "./pointwise/expm1.ts";
export { flatten, type FlattenOptions } from "./shape/flatten.ts";
export { flip } from "./shape/flip.ts";
export { gather } from "./indexing/gather.ts";
export { gelu, type GeluOptions } from "./activation/gelu.ts";
export { groupNorm, type GroupNormOptions } from "./normalization/group_norm.ts";
export { interpolate, type InterpolateOptions } from "./sampling/interpolate.ts";
export { isfinite, isnan } from "./pointwise/isfinite.ts";
export { l1Loss } from "./loss/l1_loss.ts";
export { layerNorm, type LayerNormOptions } from "./normalization/layer_norm.ts";
export { leakyRelu, type LeakyReluOptions } from "./activation/leaky_relu.ts";
export { linear, type LinearOptions } from "./matrix/linear.ts";
export { log } from "./pointwise/log.ts";
export { log1p } from "./pointwise/log1p.ts";
export { logSoftmax } from "./activation/log_softmax.ts";
export { logicalAnd, logicalNot, logicalOr } from "./pointwise/logical.ts";
export { logsumexp } from "./reduction/logsumexp.ts";
export { matmul } from "./matrix/matmul.ts";
export { max, type MaxOptions, min } from "./reduction/max.ts";
export { maxPool2d, type MaxPool2dOptions, type MaxPool2dResult } from "./pooling/max_pool2d.ts";
export { maximum, minimum } from "./pointwise/maximum.ts";
export { mean } from "./reduction/mean.ts";
export { type LossOptions, mseLoss } from "./loss/mse_loss.ts";
export { mul } from "./pointwise/mul.ts";
export { neg } from "./pointwise/neg.ts";
export { type ClassLossOptions, nllLoss } from "./loss/nll_loss.ts";
export { norm, type NormOptions } from "./reduction/norm.ts";
export { oneHot } from "./indexing/one_hot.ts";
export { pad, type PadOptions } from "./shape/pad.ts";
export { permute } from "./shape/permute.ts";
export { pow } from "./pointwise/pow.ts";
export { prod } from "./reduction/prod.ts";
export { relu } from "./activation/relu.ts";
export { reshape } from "./shape/reshape.ts";
export { rsqrt } from "./pointwise/rsqrt.ts";
export { select } from "./shape/select.ts";
export { sigmoid } from "./activation/sigmoid.ts";
export { sign } from "./pointwise/sign.ts";
export { silu } from "./activation/silu.ts";
export { sin } from "./pointwise/sin.ts";
export { slice, type SliceOptions } from "./shape/slice.ts";
export { smoothL1Loss, type SmoothL1LossOptions } from "./loss/smooth_l1_loss.ts";
export { softmax } from "./activation/softmax.ts";
export { softplus, type SoftplusOptions } from "./activation/softplus.ts";
export { split } from "./shape/split.ts";
export { sqrt } from "./pointwise/sqrt.ts";
export { square } from "./pointwise/square.ts";
export { squeeze, unsqueeze } from "./shape/squeeze.ts";
export { sub } from "./pointwise/sub.ts";
export * from "./reduction/sum.ts";
export { tanh } from "./activation/tanh.ts";
export { to } from "./pointwise/to.ts";
export { topk, type TopkOptions } from "./indexing/topk.ts";
export { transpose } from "./shape/transpose.ts";
export { std, var, type VarOptions } from "./reduction/var.ts";
export { where } from "./pointwise/where.ts";
