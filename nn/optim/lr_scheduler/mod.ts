/**
 * Learning-rate schedules, under the names of PyTorch's `torch.optim.lr_scheduler`.
 *
 * @module
 */
export { LRScheduler, type LRSchedulerState, type Schedulable } from "./scheduler.ts";
export { StepLR, type StepLROptions } from "./step_lr.ts";
export { MultiStepLR, type MultiStepLROptions } from "./multi_step_lr.ts";
export { ConstantLR, type ConstantLROptions } from "./constant_lr.ts";
export { LinearLR, type LinearLROptions } from "./linear_lr.ts";
export { ExponentialLR, type ExponentialLROptions } from "./exponential_lr.ts";
export { CosineAnnealingLR, type CosineAnnealingLROptions } from "./cosine_annealing_lr.ts";
export { LambdaLR, type LambdaLROptions } from "./lambda_lr.ts";
export { type FullOneCycleLROptions, OneCycleLR, type OneCycleLROptions } from "./one_cycle_lr.ts";
export {
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  type ReduceLROnPlateauState,
} from "./reduce_lr_on_plateau.ts";
export { SequentialLR, type SequentialLROptions, type SequentialLRState } from "./sequential_lr.ts";
export { PolynomialLR, type PolynomialLROptions } from "./polynomial_lr.ts";
export { MultiplicativeLR, type MultiplicativeLROptions } from "./multiplicative_lr.ts";
export {
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from "./cosine_annealing_warm_restarts.ts";
export { CyclicLR, type CyclicLROptions } from "./cyclic_lr.ts";
export { ChainedScheduler, type ChainedSchedulerState } from "./chained_scheduler.ts";
