/**
 * Who trains a parameter: what looks after the state of training finds the optimisers by their parameters.
 *
 * @module
 */
import type { Tensor } from "../ops/core/tensor/tensor.ts";

/** What can tell its state and go back to it, such as an optimiser or a schedule. */
export interface Stateful {
  /** The state. */
  stateDict(): unknown;
  /** Goes back to a state. */
  loadStateDict(state: unknown): void;
}

/** The optimiser that took a parameter last. */
export const holders: WeakMap<Tensor, Stateful> = new WeakMap();

/** Whether something can tell its state and go back to it. */
export function isStateful(value: unknown): value is Stateful {
  return typeof value === "object" && value !== null && "stateDict" in value && "loadStateDict" in value;
}
