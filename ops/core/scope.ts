/**
 * Scopes free the tensors that were made in them.
 *
 * @module
 */
import { having, signature } from "./signature.ts";

/** What a scope can free. */
export interface Disposable {
  /** Frees it. */
  dispose(): void;
}

const takesKept = signature("keep it beyond a scope", {
  tensor: having("a tensor, or what else has dispose()", "x", "dispose"),
});

let current: Scope | null = null;

/**
 * Frees every tensor made since it was opened, except what was kept. Opened by {@linkcode scope}.
 *
 * @example Usage
 * ```ts
 * import { openDevice, scope, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * function norm(values: number[]) {
 *   using inner = scope();
 *   const x = tensor(values);
 *   return inner.keep(x.mul(x).sum().sqrt()); // x and what came before the root are freed
 * }
 * assertEquals(await norm([3, 4]).item(), 5);
 * ```
 */
export class Scope {
  readonly #outer: Scope | null = current;
  readonly #mine = new Set<Disposable>();
  #open = true;

  /** Opens a scope inside the present one. */
  constructor() {
    current = this;
  }

  /**
   * Takes a tensor out of this scope: the scope outside it frees it, or nobody.
   *
   * @param tensor A tensor made in this scope.
   * @returns The same tensor.
   */
  keep<T extends Disposable>(tensor: T): T {
    takesKept(arguments);
    if (this.#mine.delete(tensor)) this.#outer?.add(tensor);
    return tensor;
  }

  /** Puts a tensor under this scope's care. */
  add(tensor: Disposable): void {
    this.#mine.add(tensor);
  }

  /** Whether this is `outer` or was opened inside it. */
  isWithin(outer: Scope): boolean {
    return this === outer || (this.#outer?.isWithin(outer) ?? false);
  }

  /** Forgets a tensor without freeing it. */
  forget(tensor: Disposable): void {
    this.#mine.delete(tensor);
  }

  /** Runs `fn` outside this scope, which must be the innermost: what it makes is in the care of the scope around it. */
  outside<T>(fn: () => T): T {
    current = this.#outer;
    try {
      return fn();
    } finally {
      current = this;
    }
  }

  /** Ends the scope. Scopes end in the reverse order of their opening. */
  end(): void {
    if (!this.#open) return;
    if (current !== this) {
      throw new Error("Cannot end a scope as the scopes opened inside it must end first: one is still open");
    }
    this.#open = false;
    current = this.#outer;
    for (const tensor of [...this.#mine]) tensor.dispose();
  }

  /** Ends the scope; called by `using`. */
  [Symbol.dispose](): void {
    this.end();
  }
}

/**
 * Opens a scope: with `using`, every tensor made in the block is freed at its end.
 *
 * Parameters' gradients and optimisers' state outlive the scope, as they belong to tensors made outside it.
 *
 * @returns The scope; `keep(tensor)` takes a tensor out of it.
 *
 * @example Usage
 * ```ts
 * import { openDevice, scope, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * const device = await openDevice();
 * const x = tensor([1, 2, 3]);
 * const before = device.memory().tensors;
 * {
 *   using _ = scope();
 *   x.mul(2).add(1).exp();
 * }
 * assertEquals(device.memory().tensors, before);
 * ```
 */
export function scope(): Scope {
  return new Scope();
}

/** The innermost open scope. */
export function currentScope(): Scope | null {
  return current;
}

/** Runs `fn` outside all scopes: what it makes lives until it is disposed of. */
export function unscoped<T>(fn: () => T): T {
  const saved = current;
  current = null;
  try {
    return fn();
  } finally {
    current = saved;
  }
}
