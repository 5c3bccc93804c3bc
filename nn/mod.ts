/**
 * Layers, losses and initial values, under the names of PyTorch's `torch.nn`.
 *
 * @module
 */
export { type LoadResult, type LoadStateDictOptions, Module, Parameter } from "./module.ts";
export { Sequential } from "./sequential.ts";
export { Linear, type LinearLayerOptions } from "./linear.ts";
export { Conv2d, type Conv2dLayerOptions } from "./conv2d.ts";
export { AvgPool2d, type AvgPool2dLayerOptions, MaxPool2d, type MaxPool2dLayerOptions } from "./pool2d.ts";
export { Sigmoid } from "./sigmoid.ts";
export { Tanh } from "./tanh.ts";
export { ReLU } from "./relu.ts";
export { ELU, GELU, LeakyReLU, SiLU, Softplus } from "./activations.ts";
export { LogSoftmax, Softmax } from "./softmax.ts";
export { Dropout, type DropoutLayerOptions } from "./dropout.ts";
export { Flatten } from "./flatten.ts";
export { Identity } from "./identity.ts";
export { CrossEntropyLoss } from "./cross_entropy_loss.ts";
export * as init from "./init.ts";
