/**
 * A store with room for so much: what was not used for the longest time makes way.
 *
 * @module
 */

/** What a {@linkcode Recent} keeps. */
export interface RecentOptions<T> {
  /** Entries that are kept, 512 unless given; beyond it the one goes that was used longest ago. */
  readonly most?: number;
  /** Called with what is no longer kept. */
  readonly dropped?: (made: T) => void;
}

/** What was used of late, by its name. */
export class Recent<T> {
  readonly #most: number;
  readonly #dropped: (made: T) => void;
  /** In the order of their last use. */
  readonly #entries = new Map<string, T>();
  #last = "";

  /** Makes an empty store. */
  constructor({ most = 512, dropped = () => {} }: RecentOptions<T> = {}) {
    this.#most = most;
    this.#dropped = dropped;
  }

  /** How many entries are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** What is kept under `name`, which is then the one that was used last. */
  get(name: string): T | undefined {
    const found = this.#entries.get(name);
    if (found === undefined || name === this.#last) return found;
    this.#entries.delete(name);
    this.#entries.set(name, found);
    this.#last = name;
    return found;
  }

  /** Keeps something under a name that is new. */
  set(name: string, made: T): void {
    this.#entries.set(name, made);
    this.#last = name;
    if (this.#entries.size <= this.#most) return;
    const [oldest, gone] = this.#entries.entries().next().value!;
    this.#entries.delete(oldest);
    this.#dropped(gone);
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
    this.#last = "";
  }
}
