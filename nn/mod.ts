/**
 * Layers, losses and initial values, under the names of PyTorch's `torch.nn`.
 *
 * @module
 */
export { type LoadResult, type LoadStateDictOptions, Module, Parameter } from "./module.ts";
export type { ForwardHook, ForwardPreHook } from "./module_hooks.ts";
export { ModuleList } from "./module_list.ts";
export { Sequential } from "./sequential.ts";
export { Linear, type LinearLayerOptions } from "./linear.ts";
export type { ConvBase, ConvOptions } from "./conv_base.ts";
export { Conv2d, type Conv2dLayerOptions } from "./conv2d.ts";
export {
  AdaptiveAvgPool2d,
  AvgPool2d,
  type AvgPool2dLayerOptions,
  MaxPool2d,
  type MaxPool2dLayerOptions,
} from "./pool2d.ts";
export { Embedding } from "./embedding.ts";
export { Upsample } from "./upsample.ts";
export { ConvTranspose2d, type ConvTranspose2dLayerOptions } from "./conv_transpose2d.ts";
export { BatchNorm1d, BatchNorm2d, type BatchNormLayerOptions } from "./batch_norm.ts";
export { LayerNorm, type LayerNormLayerOptions } from "./layer_norm.ts";
export { GroupNorm, type GroupNormLayerOptions } from "./group_norm.ts";
export { Sigmoid } from "./sigmoid.ts";
export { Tanh } from "./tanh.ts";
export { ReLU } from "./relu.ts";
export { ELU, GELU, LeakyReLU, SiLU, Softplus } from "./activations.ts";
export { LogSoftmax, Softmax } from "./softmax.ts";
export { Dropout, type DropoutLayerOptions } from "./dropout.ts";
export { Flatten } from "./flatten.ts";
export { Identity } from "./identity.ts";
export { CrossEntropyLoss } from "./cross_entropy_loss.ts";
export { BCEWithLogitsLoss, L1Loss, MSELoss, NLLLoss, SmoothL1Loss } from "./losses.ts";
export * as init from "./init.ts";
export * as utils from "./utils.ts";
