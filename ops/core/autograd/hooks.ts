/**
 * Hooks: functions that others add to be called along the way, and can take away again.
 *
 * @module
 */
import { signature } from "../signature.ts";
import { FUNCTION } from "../kinds.ts";

const takes = signature("make a HookHandle", { remove: FUNCTION });

/**
 * What adding a hook returns: it takes the hook away again.
 *
 * @example Usage
 * ```ts
 * import { type HookHandle, nn, openDevice, ones } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const layer = new nn.Linear(3, 2);
 * let calls = 0;
 * const handle: HookHandle = layer.registerForwardHook(() => {
 *   calls++;
 * });
 * layer.forward(ones([1, 3]));
 * handle.remove();
 * layer.forward(ones([1, 3]));
 * assertEquals(calls, 1);
 * ```
 */
export class HookHandle {
  readonly #remove: () => void;

  /** Wraps what takes the hook away. */
  constructor(remove: () => void) {
    takes(arguments);
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
