/**
 * Watching a step from within: who observes sees every operation's result and every gradient, and where they arose.
 *
 * Nothing observes unless `detectAnomaly` does: then operations, passes back and layers ask once whether somebody does.
 *
 * @module
 */
import type { Tensor } from "../tensor/tensor.ts";
import type { Node } from "./autograd.ts";

/** What is told of a step while it runs. */
export interface StepObserver {
  /** An operation gave `y` from its inputs; it lies in the memory of one of them where it wrote in place. */
  output(op: string, y: Tensor, inputs: readonly (Tensor | null)[]): void;
  /** A pass back begins. */
  root(root: Tensor): void;
  /** The pass back through an operation made gradients in its inputs of the one in its result. */
  gradients(node: Node, dy: Tensor, gradients: readonly (Tensor | null)[]): void;
  /** Two gradients met and were added up. */
  met(sum: Tensor, a: Tensor, b: Tensor): void;
  /** The forward pass of a module begins, and ends. */
  enter(module: object): void;
  leave(): void;
}

let observer: StepObserver | null = null;

/** Who observes at present; null where nobody does. */
export function currentObserver(): StepObserver | null {
  return observer;
}

/** Runs `fn` observed by `by`. */
export function observed<T>(by: StepObserver, fn: () => T): T {
  const outer = observer;
  observer = by;
  try {
    return fn();
  } finally {
    observer = outer;
  }
}

/** Runs `fn` with nobody observing: for what an observer itself computes. */
export function unobserved<T>(fn: () => T): T {
  const outer = observer;
  observer = null;
  try {
    return fn();
  } finally {
    observer = outer;
  }
}
