/**
 * The operations that begin with a tensor, one export line each. Each is a function of `mod.ts` and, with its first
 * argument as `this`, a method of {@linkcode Tensor}: this list is all that the methods are made from.
 *
 * @module
 */
export { adaptiveAvgPool2d, type AdaptiveSize } from "./adaptive_avg_pool2d.ts";
export { add } from "./add.ts";
export { argmax } from "./argmax.ts";
export { avgPool2d, type AvgPool2dOptions } from "./avg_pool2d.ts";
export { clone } from "./clone.ts";
export { conv2d, type Conv2dOptions, type Padding } from "./conv2d.ts";
export { crossEntropy, type CrossEntropyOptions, type Reduction } from "./cross_entropy.ts";
export { div } from "./div.ts";
export { embedding, type EmbeddingOptions } from "./embedding.ts";
export { eq } from "./eq.ts";
export { exp } from "./exp.ts";
export { expand } from "./expand.ts";
export { flatten, type FlattenOptions } from "./flatten.ts";
export { flip } from "./flip.ts";
export { gather } from "./gather.ts";
export { interpolate, type InterpolateOptions } from "./interpolate.ts";
export { linear, type LinearOptions } from "./linear.ts";
export { log } from "./log.ts";
export { logSoftmax } from "./log_softmax.ts";
export { matmul } from "./matmul.ts";
export { maxPool2d, type MaxPool2dOptions, type MaxPool2dResult } from "./max_pool2d.ts";
export { mean } from "./mean.ts";
export { mul } from "./mul.ts";
export { neg } from "./neg.ts";
export { oneHot } from "./one_hot.ts";
export { pad, type PadOptions } from "./pad.ts";
export { permute } from "./permute.ts";
export { relu } from "./relu.ts";
export { reshape } from "./reshape.ts";
export { select } from "./select.ts";
export { sigmoid } from "./sigmoid.ts";
export { slice, type SliceOptions } from "./slice.ts";
export { softmax } from "./softmax.ts";
export { split } from "./split.ts";
export { squeeze, unsqueeze } from "./squeeze.ts";
export { sub } from "./sub.ts";
export { sum } from "./sum.ts";
export { tanh } from "./tanh.ts";
export { to } from "./to.ts";
export { transpose } from "./transpose.ts";
