/**
 * The names of classes.
 *
 * @module
 */

/** The names of the classes of the data set that batches come from, where they are known. */
export function classNames(data: unknown): readonly string[] | undefined {
  let at = data as { dataset?: unknown; classes?: unknown } | undefined;
  for (; at !== undefined && at !== null; at = at.dataset as typeof at) {
    if (Array.isArray(at.classes)) return at.classes;
  }
  return undefined;
}
