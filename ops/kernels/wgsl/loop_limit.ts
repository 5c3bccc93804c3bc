/**
 * How far the loops of an invocation may go.
 *
 * Mesa's CPU adapter, llvmpipe, counts the turns of all loops of an invocation together, nested ones and those that follow
 * each other, and one more whenever a loop is left; of the eight invocations that it runs at once the slowest counts. At
 * 65,535 it ends all of their loops, and says nothing: what they compute is wrong. So a kernel whose turns grow with a
 * size cuts its work, into chunks, passes or dispatches. A binding holds 128 MiB there, so up to 33,554,432 elements
 * have to be cut small enough.
 *
 * @module
 */

/** The most turns that the loops of an invocation may take in all, with some left for those of an epilogue. */
export const MOST_TURNS = 60_000;

/**
 * How many invocations it takes at least to stride over parts of these sizes one after the other, each size in a loop of
 * its own that takes `turnsEach` turns for one.
 */
export function leastThreads(sizes: readonly number[], turnsEach = 1): number {
  const all = sizes.reduce((a, b) => a + b, 0);
  return Math.ceil(all * turnsEach / (MOST_TURNS - 8 * sizes.length)); // ragged last turns, and those that leave
}
