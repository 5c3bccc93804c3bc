/**
 * Loads a module of tests in a worker of its own, runs them and tells the page.
 *
 * @module
 */
import { messageOf, runRegistered, type TestOutcome } from "../registry.ts";

/** What the page sends. */
export interface Order {
  /** The address of the module. */
  readonly url: string;
}

// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

scope.onmessage = async ({ data }: MessageEvent<Order>) => {
  const outcomes: TestOutcome[] = [];
  let failure: string | undefined;
  try {
    await import(data.url);
    await runRegistered((outcome) => outcomes.push(outcome));
  } catch (error) {
    failure = messageOf(error);
  }
  scope.postMessage({ outcomes, failure });
};
