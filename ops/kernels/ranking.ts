/**
 * Puts tiles in the order of an estimate.
 *
 * @module
 */

/** Tiles that are kept of a ranking. */
const MOST_RANKED = 24;

/** The cheapest tiles, the best first; those of infinite cost are left out. */
export function cheapest<T>(tiles: Iterable<T>, cost: (tile: T) => number): T[] {
  return [...tiles].map((tile) => ({ tile, cost: cost(tile) })).filter((t) => t.cost < Infinity)
    .sort((a, b) => a.cost - b.cost).slice(0, MOST_RANKED).map((t) => t.tile);
}
