/**
 * Layers, losses and initial values, under the names of PyTorch's `torch.nn`.
 *
 * @module
 */
export { type LoadResult, type LoadStateDictOptions, Module, Parameter } from "./module.ts";
export type { ForwardHook, ForwardPreHook } from "./module_hooks.ts";
export { ModuleList } from "./module_list.ts";
export { Sequential } from "./sequential.ts";
export { Linear, type LinearLayerOptions } from "./layers/linear.ts";
export type { ConvBase, ConvOptions } from "./layers/_conv_base.ts";
export { Conv2d, type Conv2dLayerOptions } from "./layers/conv2d.ts";
export {
  AdaptiveAvgPool2d,
  AvgPool2d,
  type AvgPool2dLayerOptions,
  MaxPool2d,
  type MaxPool2dLayerOptions,
} from "./layers/pool2d.ts";
export { Embedding } from "./layers/embedding.ts";
export { Upsample } from "./layers/upsample.ts";
export { ConvTranspose2d, type ConvTranspose2dLayerOptions } from "./layers/conv_transpose2d.ts";
export { BatchNorm1d, BatchNorm2d, type BatchNormLayerOptions } from "./layers/batch_norm.ts";
export { LayerNorm, type LayerNormLayerOptions } from "./layers/layer_norm.ts";
export { GroupNorm, type GroupNormLayerOptions } from "./layers/group_norm.ts";
export { ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh } from "./layers/activations.ts";
export { LogSoftmax, Softmax } from "./layers/softmax.ts";
export { Dropout, type DropoutLayerOptions } from "./layers/dropout.ts";
export { Flatten } from "./layers/flatten.ts";
export { Identity } from "./layers/identity.ts";
export { BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss, NLLLoss, SmoothL1Loss } from "./losses.ts";
export * as init from "./init.ts";
export * as utils from "./utils.ts";
