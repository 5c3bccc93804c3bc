/**
 * Plunge: deep learning on the GPU for Deno, through WebGPU.
 *
 * Tensors with autograd, layers, optimisers and image data, under the names that PyTorch gives them. Nothing runs on
 * import: begin with {@linkcode openDevice}.
 *
 * @example A network that learns
 * ```ts
 * import { nn, openDevice, optim, tensor } from "@plunge/plunge";
 * import { assertLess } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.Tanh(), new nn.Linear(8, 2));
 * const opt = new optim.SGD(net.parameters(), { lr: 0.5 });
 * const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), y = tensor([0, 1, 1, 0], { dtype: "int32" });
 * const loss = new nn.CrossEntropyLoss();
 * for (let step = 0; step < 300; step++) {
 *   opt.zeroGrad();
 *   loss.forward(net.forward(x), y).backward();
 *   opt.step();
 * }
 * assertLess(await loss.forward(net.forward(x), y).item(), 0.3);
 * ```
 *
 * @module
 */

// device
export {
  type Device,
  type DeviceOptions,
  type MemoryReport,
  openDevice,
  type ProfileRow,
} from "./ops/gpu/device.ts";

// tensors
export { type DataOf, type NestedArray, Tensor } from "./ops/core/tensor.ts";
export type { DType } from "./ops/kernels/dtype.ts";
export {
  type CreateOptions,
  full,
  ones,
  tensor,
  type TensorOptions,
  type TypedArray,
  zeros,
} from "./ops/core/create.ts";
export { manualSeed, rand, randn } from "./ops/core/random.ts";

// control
export { type BackwardOptions, noGrad } from "./ops/core/autograd.ts";
export { type Disposable, Scope, scope } from "./ops/core/scope.ts";

// operations
export type { DimOptions, ReduceOptions } from "./ops/core/reduction.ts";
export type { Pair } from "./ops/core/pair.ts";
export { add } from "./ops/add.ts";
export { argmax } from "./ops/argmax.ts";
export { avgPool2d, type AvgPool2dOptions } from "./ops/avg_pool2d.ts";
export { conv2d, type Conv2dOptions, type Padding } from "./ops/conv2d.ts";
export { crossEntropy, type CrossEntropyOptions, type Reduction } from "./ops/cross_entropy.ts";
export { div } from "./ops/div.ts";
export { eq } from "./ops/eq.ts";
export { exp } from "./ops/exp.ts";
export { flatten, type FlattenOptions } from "./ops/flatten.ts";
export { linear, type LinearOptions } from "./ops/linear.ts";
export { log } from "./ops/log.ts";
export { logSoftmax } from "./ops/log_softmax.ts";
export { gradcheck, type GradcheckOptions } from "./ops/gradcheck.ts";
export { matmul } from "./ops/matmul.ts";
export { maxPool2d, type MaxPool2dOptions, type MaxPool2dResult } from "./ops/max_pool2d.ts";
export { mean } from "./ops/mean.ts";
export { mul } from "./ops/mul.ts";
export { neg } from "./ops/neg.ts";
export { permute } from "./ops/permute.ts";
export { relu } from "./ops/relu.ts";
export { reshape } from "./ops/reshape.ts";
export { sigmoid } from "./ops/sigmoid.ts";
export { softmax } from "./ops/softmax.ts";
export { sub } from "./ops/sub.ts";
export { sum } from "./ops/sum.ts";
export { tanh } from "./ops/tanh.ts";
export { transpose } from "./ops/transpose.ts";

// networks and training
export * as nn from "./nn/mod.ts";
export type { LoadResult, LoadStateDictOptions, Module, Parameter } from "./nn/module.ts";
export * as optim from "./nn/optim/mod.ts";
export { Accumulator } from "./nn/train/accumulator.ts";
export { countCorrect, evaluateAccuracy } from "./nn/train/evaluate.ts";

// data
export { type IdxArray, type IdxDType, type IdxTypes, parseIdx } from "./data/idx.ts";
export { gunzip } from "./data/gunzip.ts";
export type { DownloadProgress, ImageDataset, LoadOptions } from "./data/image_dataset.ts";
export { MNIST } from "./data/mnist.ts";
export { FashionMNIST } from "./data/fashion_mnist.ts";
export { type Batch, DataLoader, type DataLoaderOptions } from "./data/data_loader.ts";
