/**
 * Plunge: deep learning on the GPU for Deno, through WebGPU.
 *
 * Tensors with autograd, layers, optimisers and image data, under the names that PyTorch gives them. Nothing runs on
 * import: begin with {@linkcode openDevice}.
 *
 * Parts of it are entries of their own: `@plunge/plunge/nn`, `@plunge/plunge/optim` and `@plunge/plunge/data`. The helpers
 * of *Dive into Deep Learning* are in `@plunge/plunge/d2l`.
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

import "./ops/methods.ts";

// device
export type { DeviceLostError } from "./ops/gpu/device_lost_error.ts";
export type {
  Device,
  DeviceOptions,
  MemoryReport,
  Phase,
  ProfiledDispatch,
  ProfileRow,
  Purpose,
} from "./ops/gpu/device.ts";
export { openDevice } from "./ops/core/open_device.ts";

// tensors
export { Tensor } from "./ops/core/tensor/tensor.ts";
export { format } from "./ops/core/tensor/format.ts";
export type { FormatOptions } from "./ops/core/tensor/printed.ts";
export type { TensorMethods } from "./ops/core/tensor/tensor_methods.ts";
export type { DataOf, NestedArray, TensorValues, TypedArray } from "./ops/core/tensor/values.ts";
export type { DType } from "./ops/kernels/wgsl/dtype.ts";
export {
  type CreateOptions,
  full,
  ones,
  tensor,
  type TensorOptions,
  zeros,
} from "./ops/core/tensor/create.ts";
export {
  getRngState,
  manualSeed,
  rand,
  randn,
  type RngState,
  setRngState,
} from "./ops/core/tensor/random.ts";
export { fullLike, onesLike, randLike, randnLike, zerosLike } from "./ops/core/tensor/create_like.ts";
export { randint, randperm } from "./ops/core/tensor/random_integers.ts";
export { arange, eye, linspace } from "./ops/core/tensor/create_ranges.ts";

// control
export { compile, type Compiled } from "./ops/core/compile/compile.ts";
export {
  autotune,
  type AutotuneOptions,
  type AutotuneProgress,
  type AutotuneReport,
  type TunedKernel,
} from "./ops/core/tuning/autotune.ts";
export { loadTuning } from "./ops/core/tuning/tuning_file.ts";
export { VERSION } from "./ops/core/version.ts";
export { type LayerRow, type Profile, profile } from "./ops/core/profile.ts";
export type { Trace, TraceEvent } from "./ops/core/trace.ts";
export { assertNoLeaks } from "./ops/core/assert_no_leaks.ts";
export { enableGrad, type GradientHook, noGrad } from "./ops/core/autograd/autograd.ts";
export type { BackwardOptions } from "./ops/core/autograd/backward.ts";
export { grad, type GradOptions } from "./ops/core/autograd/grad.ts";
export { checkpoint } from "./ops/core/autograd/checkpoint.ts";
export {
  defineOperation,
  type ElementwiseDefinition,
  type ElementwiseOperation,
  type Operation,
  type OperationDefinition,
} from "./ops/core/extend/define_operation.ts";
export {
  type KernelDefinition,
  type KernelNumber,
  type KernelOutput,
  runKernel,
} from "./ops/core/extend/run_kernel.ts";
export { HookHandle } from "./ops/core/autograd/hooks.ts";
export { type Disposable, Scope, scope } from "./ops/core/scope.ts";

// operations
export type { DimOptions, ReduceOptions, ValuesAndIndices } from "./ops/core/families/reduce.ts";
export type { Pair } from "./ops/core/shape.ts";
export * from "./ops/mod.ts";
export { cat, stack } from "./ops/shape/cat.ts";
export { einsum } from "./ops/matrix/einsum.ts";
export { meshgrid, type MeshgridOptions } from "./ops/shape/meshgrid.ts";
export { gradcheck, type GradcheckOptions } from "./ops/core/autograd/gradcheck.ts";

// networks and training
export * as nn from "./nn/mod.ts";
export type { LoadResult, LoadStateDictOptions, Module, Parameter } from "./nn/module.ts";
export * as optim from "./nn/optim/mod.ts";
export type { ForwardHook, ForwardPreHook } from "./nn/module_hooks.ts";
export { type Summary, summary, type SummaryRow, type SummaryTotals } from "./nn/summary.ts";
export { Accumulator, type AccumulatorState } from "./nn/train/accumulator.ts";
export {
  Anomaly,
  AnomalyError,
  type AnomalyFacts,
  type AnomalyKind,
  type AnomalyRow,
} from "./nn/train/anomaly.ts";
export { detectAnomaly, type DetectAnomalyOptions } from "./nn/train/detect_anomaly.ts";
export {
  ConfusionMatrix,
  confusionMatrix,
  type ConfusionMatrixOptions,
} from "./nn/train/confusion_matrix.ts";
export { predict, type Prediction, type PredictOptions } from "./nn/train/predict.ts";
export { countCorrect, evaluateAccuracy, type EvaluateOptions } from "./nn/train/evaluate.ts";
export {
  type Checkpoint,
  type CheckpointParts,
  loadCheckpoint,
  type LoadCheckpointOptions,
  saveCheckpoint,
  type SaveCheckpointOptions,
} from "./nn/train/checkpoints/checkpoint_file.ts";
export type { Stateful } from "./nn/holders.ts";
export type { CheckpointOptions, ResumedRun } from "./nn/train/checkpoints/run_checkpoints.ts";
export { fit, type FitBatches, type FitEpoch, type FitOptions, type FitProgress } from "./nn/train/fit.ts";

export { exportOnnx } from "./nn/onnx/export_onnx.ts";

// data
export * from "./data/mod.ts";
