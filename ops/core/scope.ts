/**
 * Scopes free the tensors that were made in them.
 *
 * Scopes follow the asynchronous context: async functions that run at once have each their own. A function that is called
 * and not yet awaited shares the turn with its caller, though. What the caller itself makes before its next `await` is in
 * the care of the scope that was opened last.
 *
 * @module
 */
import { ContextValue } from "./context.ts";
import { signature } from "./signature.ts";
import { having } from "./kinds.ts";

/** What a scope can free. */
export interface Disposable {
  /** Frees it. */
  dispose(): void;
}

const takesKept = signature("keep it beyond a scope", {
  tensor: having("a tensor, or what else has dispose()", "x", "dispose"),
});

/** The innermost scope; one that has ended stands for the one around it. */
const current = new ContextValue<Scope | null>(null);

/** Numbers the turns of the event loop in which scopes are opened. */
let turn = 0;
let turnEnds = false;

/** The number of this turn. */
function thisTurn(): number {
  if (!turnEnds) {
    turnEnds = true;
    queueMicrotask(() => {
      turnEnds = false;
      turn++;
    });
  }
  return turn;
}

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
  readonly #outer: Scope | null = currentScope();
  readonly #turn = thisTurn();
  readonly #mine = new Set<Disposable>();
  #open = true;

  /** Opens a scope inside the present one. */
  constructor() {
    current.set(this);
  }

  /**
   * The scope in which it was opened.
   *
   * @internal
   */
  get outer(): Scope | null {
    return this.#outer;
  }

  /** Whether it has not ended. */
  get open(): boolean {
    return this.#open;
  }

  /**
   * Takes a tensor out of this scope: the scope outside it frees it, or nobody.
   *
   * @param tensor A tensor made in this scope.
   * @returns The same tensor.
   */
  keep<T extends Disposable>(tensor: T): T {
    takesKept(arguments);
    if (this.#mine.delete(tensor)) this.#receiver()?.add(tensor);
    return tensor;
  }

  /**
   * The scope that takes what is kept: the next one around that is open. Of two scopes that were opened in one turn and
   * outlive it, the second may belong to another async function than the first, which must not free what it keeps.
   */
  #receiver(): Scope | null {
    const mayBeAnothers = this.#turn !== thisTurn();
    let outer = this.#outer;
    while (outer && (!outer.#open || (mayBeAnothers && outer.#turn === this.#turn))) outer = outer.#outer;
    return outer;
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
    return current.run(this.#outer, fn);
  }

  /** Ends the scope. Scopes end in the reverse order of their opening. */
  end(): void {
    if (!this.#open) return;
    if (currentScope() !== this) {
      throw new Error("Cannot end a scope as the scopes opened inside it must end first: one is still open");
    }
    this.#open = false;
    current.set(this.#outer);
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
  let scope = current.get();
  while (scope && !scope.open) scope = scope.outer;
  return scope;
}

/** Runs `fn` outside all scopes: what it makes lives until it is disposed of. */
export function unscoped<T>(fn: () => T): T {
  return current.run(null, fn);
}
