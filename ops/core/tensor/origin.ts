/**
 * What a tensor has to do with others: what took it out of one, and who wrote into the memory that they share.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import { show } from "../shape.ts";
import { nodeOf, originOf } from "./internals.ts";
import type { Tensor } from "./tensor.ts";

/** Where a tensor came from, so that a write that would be lost, or a history that is out of date, is refused. */
export class Origin {
  readonly #storage: Storage;
  /** The rewrites of the memory that its history knows of. */
  #rewrites: number;
  /** The operation that took it out of another tensor, for which whatever is written here is meant. */
  #takenBy: string | null = null;
  #isView = false;

  /** Makes the origin of a tensor that came out of no other. */
  constructor(storage: Storage) {
    this.#storage = storage;
    this.#rewrites = storage.rewrites;
  }

  /** Whether the tensor is another form of one in whose memory it lies. */
  get isView(): boolean {
    return this.#isView;
  }

  /** Says that the operation `op` took the tensor out of another; as a view it lies in that one's memory. */
  mark(op: string, isView: boolean): void {
    this.#takenBy = op;
    this.#isView = isView;
  }

  /** Says of `y`, which is the same without history, that it is a copy if this is one. */
  passTo(y: Tensor): Tensor {
    if (this.#takenBy !== null && !this.#isView) originOf(y).mark(this.#takenBy, false);
    return y;
  }

  /** Refuses to write where it would miss the tensor for which it is meant, and in a view unless that is allowed. */
  expectOwn(name: string, allowsView = false): void {
    if (this.#takenBy === null || (allowsView && this.#isView)) return;
    throw new Error(
      `Cannot apply ${name} in place as the tensor must not be taken out of another: it came from ${this.#takenBy}, ` +
        (this.#isView
          ? "write by x.set(where, value)"
          : "which copies; write into that one, by x.set(where, value)"),
    );
  }

  /** Says that a write became part of the tensor's history: whoever shares the memory knows nothing of it. */
  rewrite(): void {
    this.#rewrites = ++this.#storage.rewrites;
  }

  /** Refuses a tensor with a history, or a view, whose memory was rewritten through another tensor since. */
  expectHistory(action: string, t: Tensor): void {
    if (this.#rewrites === this.#storage.rewrites || !(nodeOf(t) || this.#isView)) return;
    throw new Error(
      `Cannot ${action} as a tensor must have the history of its values: set() wrote into the memory of this ` +
        `${show(t.shape)} through another tensor; take it from that one anew`,
    );
  }
}

/** Says that the operation `op` took `y` out of another tensor, in whose memory it lies as a view. */
export function takenBy(op: string, y: Tensor, { isView = false } = {}): Tensor {
  originOf(y).mark(op, isView);
  return y;
}
