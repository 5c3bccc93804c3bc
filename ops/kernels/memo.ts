/**
 * Remembering what takes longer to make than to look up: the choice of a tile, the text of a kernel, a table.
 *
 * @module
 */

/** What a {@linkcode Memo} keeps. */
export interface MemoOptions<T> {
  /** Entries that are kept, 512 unless given; beyond it the one goes that was used longest ago. */
  readonly most?: number;
  /** Called with what is no longer kept. */
  readonly dropped?: (made: T) => void;
}

/** What was made before, by what it was made from. */
export class Memo<T> {
  readonly #most: number;
  readonly #dropped: (made: T) => void;
  /** In the order of their last use. */
  readonly #entries = new Map<string, T>();

  /** Makes an empty memo. */
  constructor({ most = 512, dropped = () => {} }: MemoOptions<T> = {}) {
    this.#most = most;
    this.#dropped = dropped;
  }

  /** How many entries are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** Returns what was made for an equal `key`, or makes it. A key is a text, or all that it depends on as JSON can say it. */
  get(key: unknown, make: () => T): T {
    const text = typeof key === "string" ? key : JSON.stringify(key);
    let made = this.#entries.get(text);
    if (made === undefined) made = make();
    else this.#entries.delete(text);
    this.#entries.set(text, made);
    if (this.#entries.size > this.#most) this.#dropOldest();
    return made;
  }

  #dropOldest(): void {
    const [[key, made]] = this.#entries;
    this.#entries.delete(key);
    this.#dropped(made);
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
