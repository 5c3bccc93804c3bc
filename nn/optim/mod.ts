/**
 * Optimisers, under the names of PyTorch's `torch.optim`.
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
