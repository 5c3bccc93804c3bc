/**
 * Grouping values by a key, as `Map.groupBy` does, which Node 20 and older browsers lack.
 *
 * @module
 */

/** Groups values by what `keyOf` says of each, in the order of their first ones. */
export function groupBy<K, V>(values: Iterable<V>, keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const key = keyOf(value), group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
