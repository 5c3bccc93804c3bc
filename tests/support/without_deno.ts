/**
 * A runtime that is not Deno, as far as the library sees.
 *
 * @module
 */

/** Calls `fn` while the global `Deno` is missing; what an async `fn` does after its first wait has it again. */
export function withoutDeno<T>(fn: () => T): T {
  const deno = globalThis.Deno;
  try {
    Object.defineProperty(globalThis, "Deno", { value: undefined, configurable: true, writable: true });
    return fn();
  } finally {
    Object.defineProperty(globalThis, "Deno", { value: deno, configurable: true, writable: true });
  }
}
