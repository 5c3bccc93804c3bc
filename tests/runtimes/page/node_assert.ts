/**
 * What `tests/std/assert` uses of `node:assert`, in a page.
 *
 * @module
 */
import { inspect } from "./node_util.ts";

/** An error that shows what was found and what was expected. */
export class AssertionError extends Error {
  constructor({ actual, expected }: { actual: unknown; expected: unknown; operator: string }) {
    super(`${inspect(actual)} is not ${inspect(expected)}`);
  }
}
