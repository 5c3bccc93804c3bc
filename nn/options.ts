/**
 * Options and their defaults.
 *
 * @module
 */

/** The options that are not undefined. */
export function present<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** A copy that shares no array with the options. */
export function copied<T extends object>(options: T): T {
  const entries = Object.entries(options).map((
    [name, value],
  ) => [name, Array.isArray(value) ? [...value] : value]);
  return Object.fromEntries(entries) as T;
}

/** The defaults with the given options in their place; an option given as undefined counts as absent. */
export function withDefaults<T extends object>(defaults: T, given: Partial<T>): T {
  return { ...defaults, ...present(given) };
}
