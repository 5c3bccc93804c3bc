/**
 * Optimisers, under the names of PyTorch's `torch.optim`.
 *
 * @module
 */
export { type FullGroup, Optimizer, type ParameterGroup } from "./optimizer.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
