/**
 * Remembering what takes longer to make than to look up: the choice of a tile, the text of a kernel, a table.
 *
 * @module
 */
import { Recent, type RecentOptions } from "../gpu/recent.ts";

/** What was made before, by what it was made from. */
export class Memo<T> {
  readonly #entries: Recent<T>;

  /** Makes an empty memo. */
  constructor(options: RecentOptions<T> = {}) {
    this.#entries = new Recent(options);
  }

  /** How many entries are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** Returns what was made for an equal `key`, or makes it. A key is a text, or all that it depends on as JSON can say it. */
  get(key: unknown, make: () => T): T {
    const text = typeof key === "string" ? key : JSON.stringify(key);
    let made = this.#entries.get(text);
    if (made === undefined) this.#entries.set(text, made = make());
    return made;
  }
}

/** Gives each owner, such as a device, one thing of its own, made when it is first asked for and kept as long as the owner. */
export function perOwner<Owner extends object, T>(make: () => T): (owner: Owner) => T {
  const owned = new WeakMap<Owner, T>();
  return (owner) => {
    let own = owned.get(owner);
    if (own === undefined) owned.set(owner, own = make());
    return own;
  };
}
