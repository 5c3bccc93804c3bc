/**
 * Refusals: errors that say what the one at the keyboard can mend, such as an option, a file or a folder. A script shows
 * them as one line; any other error is a bug, and shown whole.
 *
 * @module
 */

const MARK = Symbol.for("plunge.refusal"); // one for all copies of this file, from a path or a URL
const OURS = /^(in \S+ \(\S+\): )?Cannot .+ as .+: /s; // JavaScript's own "Cannot read properties of …" names no condition

/**
 * Marks an error as a refusal.
 *
 * @param error The error.
 * @returns The same error.
 */
export function refusal<E extends Error>(error: E): E {
  Object.defineProperty(error, MARK, { value: true });
  return error;
}

/** Whether an error was marked as a refusal. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && MARK in error;
}

/**
 * Does what depends on what the user gave. What the library refuses on the way is the user's to mend, and is marked; what
 * goes wrong in it otherwise is not.
 *
 * @param action What is done.
 * @returns What the action returns. Rejects as it does.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { isRefusal, refusing } from "./refusal.ts";
 *
 * const load = () => {
 *   throw new Error("Cannot load MNIST as its files must be there: they are not");
 * };
 * assertEquals(isRefusal(await assertRejects(() => refusing(load))), true);
 * ```
 */
export async function refusing<T>(action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof Error && OURS.test(error.message) ? refusal(error) : error;
  }
}
