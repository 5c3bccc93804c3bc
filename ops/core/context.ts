/**
 * Values that follow the asynchronous context: what an async function sets holds in that function, also behind its
 * `await`s, and not in others that run in between.
 *
 * Deno, Node and Bun have `AsyncLocalStorage` for it, which is there without waiting and without an import. In a browser
 * such a value is a plain variable: what an async function sets there holds for whatever runs until it is set back.
 *
 * @module
 */

/** The part of Node's `AsyncLocalStorage` that is used. */
interface AsyncStorage<T> {
  getStore(): T | undefined;
  enterWith(value: T): void;
  run<R>(value: T, fn: () => R): R;
}

/** The runtime's class, where it has one. It takes some milliseconds to load, so nothing asks for it before it is used. */
function findClass(): (new <T>() => AsyncStorage<T>) | undefined {
  const { process } = globalThis as {
    process?: {
      getBuiltinModule?(name: string): { AsyncLocalStorage: new <T>() => AsyncStorage<T> } | undefined;
    };
  };
  return process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;
}

/** A value that follows the asynchronous context. */
export class ContextValue<T> {
  readonly #initial: T;
  /** Undefined until the value is set for the first time; null where the runtime has no such storage. */
  #storage: AsyncStorage<T> | null | undefined;
  #plain: T;

  /** Makes a value that is `initial` where nobody set it. */
  constructor(initial: T) {
    this.#initial = this.#plain = initial;
  }

  /** The value here and now. */
  get(): T {
    if (!this.#storage) return this.#plain;
    const stored = this.#storage.getStore();
    return stored === undefined ? this.#initial : stored;
  }

  /** Sets the value from here on in this context. */
  set(value: T): void {
    const storage = this.#open();
    if (storage) storage.enterWith(value);
    else this.#plain = value;
  }

  /** Runs `fn` with another value, which holds behind the `await`s of an async `fn` too, where the runtime can. */
  run<R>(value: T, fn: () => R): R {
    const storage = this.#open();
    if (storage) return storage.run(value, fn);
    const outer = this.#plain;
    this.#plain = value;
    try {
      return fn();
    } finally {
      this.#plain = outer;
    }
  }

  #open(): AsyncStorage<T> | null {
    if (this.#storage === undefined) {
      const AsyncLocalStorage = findClass();
      this.#storage = AsyncLocalStorage ? new AsyncLocalStorage<T>() : null;
    }
    return this.#storage;
  }
}
