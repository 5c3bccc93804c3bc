/**
 * Layers, losses and initial values, under the names of PyTorch's `torch.nn`.
 *
 * The same is `nn` in the main entry, which has the tensors and operations.
 *
 * @example A network
 * ```ts
 * import { openDevice, rand } from "@plunge/plunge";
 * import * as nn from "@plunge/plunge/nn";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(16, 4), new nn.ReLU());
 * assertEquals(net.forward(rand([2, 1, 4, 4])).shape, [2, 4]);
 * ```
 *
 * @module
 */
export { type LoadResult, type LoadStateDictOptions, Module, Parameter } from "./module.ts";
export type { ForwardHook, ForwardPreHook } from "./module_hooks.ts";
export type { ModuleSequence } from "./_module_sequence.ts";
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
export { type BatchNorm, BatchNorm1d, BatchNorm2d, type BatchNormLayerOptions } from "./layers/batch_norm.ts";
export { LayerNorm, type LayerNormLayerOptions } from "./layers/layer_norm.ts";
export { GroupNorm, type GroupNormLayerOptions } from "./layers/group_norm.ts";
export { ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh } from "./layers/activations.ts";
export { LogSoftmax, Softmax, Softmin } from "./layers/softmax.ts";
export { AlphaDropout, Dropout, Dropout2d, type DropoutLayerOptions } from "./layers/dropout.ts";
export { Flatten, Unflatten } from "./layers/flatten.ts";
export { Identity } from "./layers/identity.ts";
export { BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss, NLLLoss, SmoothL1Loss } from "./losses.ts";
export {
  BCELoss,
  HuberLoss,
  KLDivLoss,
  MultiLabelSoftMarginLoss,
  PoissonNLLLoss,
} from "./losses/elements.ts";
export {
  CosineEmbeddingLoss,
  CosineSimilarity,
  MarginRankingLoss,
  PairwiseDistance,
  TripletMarginLoss,
} from "./losses/distances.ts";
export { Hardsigmoid, Hardswish, Hardtanh, ReLU6, Threshold } from "./activations/hard.ts";
export {
  CELU,
  GLU,
  LogSigmoid,
  Mish,
  PReLU,
  type PReLUOptions,
  SELU,
  Softsign,
} from "./activations/smooth.ts";
export {
  ConstantPad1d,
  ConstantPad2d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReplicationPad1d,
  ReplicationPad2d,
  type Sides1d,
  type Sides2d,
  ZeroPad2d,
} from "./layers/padding.ts";
export {
  Conv1d,
  type Conv1dLayerOptions,
  ConvTranspose1d,
  type ConvTranspose1dLayerOptions,
} from "./layers/conv1d.ts";
export { AdaptiveMaxPool2d, AvgPool1d, MaxPool1d, MaxUnpool2d } from "./layers/pool1d.ts";
export { Fold, PixelShuffle, PixelUnshuffle, Unfold, type WindowOptions } from "./layers/pixel_shuffle.ts";
export {
  type InstanceNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  type InstanceNormLayerOptions,
  LocalResponseNorm,
  RMSNorm,
  type RMSNormLayerOptions,
} from "./layers/instance_norm.ts";
export { LazyBatchNorm2d, LazyConv2d, LazyLinear } from "./lazy/lazy.ts";
export type { LazyModule } from "./lazy/_lazy.ts";
export { ModuleDict } from "./containers/module_dict.ts";
export { ParameterDict, ParameterList } from "./containers/parameter_list.ts";
export * as init from "./init.ts";
export * as utils from "./utils.ts";
