/**
 * Keeps the texts of convolutions: choosing a tile and writing its kernel takes longer than many a dispatch.
 *
 * @module
 */

/** Entries that are kept; beyond it all are forgotten, as the pattern of work has changed. */
const MOST_ENTRIES = 512;

/** What was made before, by what it was made from. */
export class Memo<T> {
  readonly #entries = new Map<string, T>();

  /** Returns what was made for an equal `key`, or makes it. */
  get(key: unknown, make: () => T): T {
    const text = JSON.stringify(key), found = this.#entries.get(text);
    if (found !== undefined) return found;
    if (this.#entries.size >= MOST_ENTRIES) this.#entries.clear();
    const made = make();
    this.#entries.set(text, made);
    return made;
  }
}
