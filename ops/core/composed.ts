/**
 * Operations that are made of others.
 *
 * @module
 */
import { Scope } from "./scope.ts";
import type { Tensor } from "./tensor/tensor.ts";

/** Runs `fn` and frees what it makes, but for its result; what a gradient needs of it stays until then. */
export function composed<T extends object>(fn: () => T): T {
  using inner = new Scope();
  const result = fn();
  for (const t of "dispose" in result ? [result] : Object.values(result)) inner.keep(t as Tensor);
  return result;
}
