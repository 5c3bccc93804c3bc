/**
 * Hooks: functions that others add to be called along the way, and can take away again.
 *
 * @module
 */

/** What adding a hook returns: it takes the hook away again. */
export class HookHandle {
  readonly #remove: () => void;

  /** Wraps what takes the hook away. */
  constructor(remove: () => void) {
    this.#remove = remove;
  }

  /** Takes the hook away; a second time does nothing. */
  remove(): void {
    this.#remove();
  }

  /** Takes the hook away at the end of the block: `using handle = …`. */
  [Symbol.dispose](): void {
    this.#remove();
  }
}

/** Functions in the order in which they were added. One function may be there several times. */
export class Hooks<F> {
  /** A number that changes with the hooks. */
  version = 0;
  readonly #hooks = new Map<HookHandle, F>();

  /** Adds a function. */
  add(hook: F): HookHandle {
    const handle: HookHandle = new HookHandle(() => {
      if (this.#hooks.delete(handle)) this.version++;
    });
    this.#hooks.set(handle, hook);
    this.version++;
    return handle;
  }

  /** Iterates over those that are there now: one that is added or removed meanwhile changes nothing. */
  [Symbol.iterator](): Iterator<F> {
    return [...this.#hooks.values()][Symbol.iterator]();
  }
}
