/**
 * Taking items out of lists by their places.
 *
 * @module
 */

/** The items of a list at some places, all of which it has. */
export function pick<T>(items: readonly T[], places: readonly number[]): T[] {
  return places.map((k) => items[k]!);
}
