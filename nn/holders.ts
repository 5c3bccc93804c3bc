/**
 * Who trains a parameter: what looks after the state of training finds the optimisers by their parameters.
 *
 * @module
 */
import type { Tensor } from "../ops/core/tensor/tensor.ts";

/** What says where it is, and goes on from there, such as an optimiser or a schedule. */
export interface Stateful {
  /** Where it is: texts, numbers, booleans, null, tensors, and arrays and objects of these. */
  stateDict(): unknown;
  /** Goes on from what `stateDict` gave; it refuses a state that does not fit before it changes anything. */
  // deno-lint-ignore no-explicit-any
  loadStateDict(state: any): unknown;
}

/** The optimiser that took a parameter last. */
export const holders: WeakMap<Tensor, Stateful> = new WeakMap();

/** Whether something can tell its state and go back to it. */
export function isStateful(value: unknown): value is Stateful {
  return typeof value === "object" && value !== null && "stateDict" in value && "loadStateDict" in value;
}
