/**
 * Optimisers and schedules of the learning rate, under the names of PyTorch's `torch.optim`.
 *
 * The same is `optim` in the main entry, which has the tensors and layers.
 *
 * @example A step downhill
 * ```ts
 * import { openDevice, tensor } from "@plunge/plunge";
 * import * as optim from "@plunge/plunge/optim";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([3], { requiresGrad: true }), opt = new optim.SGD([w], { lr: 0.25 });
 * w.mul(w).sum().backward(); // whose gradient is 2 w
 * opt.step();
 * assertEquals(await w.toArray(), [1.5]);
 * ```
 *
 * @module
 */
export {
  type FullGroup,
  Optimizer,
  type OptimizerStateDict,
  type ParameterGroup,
  type ParameterState,
} from "./optimizer.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
export { Adam, type AdamOptions } from "./adam.ts";
export { AdamW } from "./adam_w.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adadelta, type AdadeltaOptions } from "./adadelta.ts";
export { Adamax, type AdamaxOptions } from "./adamax.ts";
export { NAdam, type NAdamOptions } from "./nadam.ts";
export { RAdam, type RAdamOptions } from "./radam.ts";
export { Muon, type MuonOptions } from "./muon.ts";
export * as lrScheduler from "./lr_scheduler/mod.ts";
export * as swaUtils from "./swa_utils.ts";
