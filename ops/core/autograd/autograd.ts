/**
 * The graph that operations record for reverse-mode differentiation. The pass back through it is in `backward.ts`.
 *
 * A node keeps, for one operation, its inputs and what its gradient needs. Nodes are counted: the tensors that came
 * out of an operation hold its node, and a node holds those of its inputs, so that a graph nobody will run backward
 * through gives its memory back when its last tensor is disposed of.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { ContextValue } from "../context.ts";
import { currentPlace, type Place } from "../place.ts";
import { Scope } from "../scope.ts";
import { show } from "../shape.ts";
import { signature } from "../signature.ts";
import { aliasOf, attachNode, nodeOf, originOf, storageOf } from "../tensor/internals.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Hooks } from "./hooks.ts";
import { currentObserver } from "./observer.ts";
import { FUNCTION } from "../kinds.ts";

/** What an operation tells autograd. */
export interface Gradient<Saved extends readonly Tensor[] = readonly Tensor[]> {
  /** Tensors that the gradient needs: inputs or outputs. They are kept until the backward pass has used them. */
  readonly saved?: Saved;
  /**
   * Turns the gradient of the loss in the output into those in the inputs.
   *
   * @param dy Gradient of the loss in the (first) output.
   * @param saved The saved tensors, in their order.
   * @param needs Says of each input whether its gradient is wanted.
   * @returns A gradient for each input, of the input's shape; null where none is wanted or none exists.
   */
  gradient(dy: Tensor, saved: Saved, needs: readonly boolean[]): (Tensor | null)[];
}

/** Sees the gradient that arrives at a tensor; what it returns, if anything, goes on in its place. */
export type GradientHook = (gradient: Tensor) => Tensor | void;

interface Saved {
  storage: Storage;
  shape: readonly number[];
  dtype: DType;
  version: number;
}

/** One recorded operation. */
export class Node {
  /** Name of the operation. */
  readonly op: string;
  /** Place in the order of recording; a node comes after those that it depends on. */
  readonly order: number = nextOrder++;
  /** The operation's inputs; null where no gradient flows. */
  readonly inputs: readonly (Tensor | null)[];
  /** Hooks on the operation's result. */
  hooks: Hooks<GradientHook> | null = null;
  /** Where it was recorded, if that is noted. */
  readonly place: Place | null = currentPlace();
  /** The result, if its gradient is to be added to its `grad` too. */
  retaining: Tensor | null = null;
  readonly #gradient: Gradient["gradient"];
  readonly #inputNodes: readonly (Node | null)[];
  readonly #saved: readonly Saved[];
  #freed = false;
  #holders = 0;

  /** Records an operation. */
  constructor(op: string, inputs: readonly (Tensor | null)[], gradient: Gradient) {
    this.op = op;
    this.inputs = inputs.map((t) => (t?.requiresGrad ? t : null));
    this.#inputNodes = this.inputs.map((t) => t && (nodeOf(t)?.retain() ?? null));
    this.#gradient = gradient.gradient;
    this.#saved = (gradient.saved ?? []).map((t) => {
      const storage = storageOf(t).retain();
      return { storage, shape: t.shape, dtype: t.dtype, version: storage.version };
    });
  }

  /** The nodes of the inputs. */
  get inputNodes(): readonly (Node | null)[] {
    return this.#inputNodes;
  }

  /** Adds a holder. */
  retain(): this {
    this.#holders++;
    return this;
  }

  /** Adds a tensor as a holder, which lets the operation go that it came from before. */
  inPlaceOf(before: Node | null): this {
    this.retain();
    if (before) {
      this.retaining = before.retaining; // `grad` is that of the tensor as it is now
      before.retaining = null;
      before.release();
    }
    return this;
  }

  /** Gives up a hold; without holders the node forgets what it saved and lets its inputs' nodes go. */
  release(): void {
    const gone: Node[] = [this]; // a list, not recursion: graphs can be deep
    for (let node = gone.pop(); node; node = gone.pop()) {
      if (--node.#holders > 0) continue;
      node.freeSaved();
      for (const input of node.#inputNodes) if (input) gone.push(input);
    }
  }

  /** Gives back what was saved for the gradient. */
  freeSaved(): void {
    if (this.#freed) return;
    this.#freed = true;
    for (const { storage } of this.#saved) storage.release();
  }

  /** Gradients of those inputs that need one. What is made on the way is freed. */
  differentiate(dy: Tensor, needs: readonly boolean[]): (Tensor | null)[] {
    using inner = new Scope();
    const saved = this.#unpack();
    const gradients = this.#gradient(dy, saved, needs);
    const seen = new Set<Tensor>([dy]);
    currentObserver()?.gradients(this, dy, gradients.map((g, k) => needs[k] ? g : null));
    return gradients.map((g, k) => {
      if (!g || !needs[k]) return null;
      if (seen.has(g)) g = aliasOf(g); // dy itself, or one gradient for two inputs
      seen.add(g);
      return inner.keep(g);
    });
  }

  #unpack(): Tensor[] {
    if (this.#freed && this.#saved.length > 0) { // what saved nothing can run again, as in PyTorch
      throw new Error(
        `Cannot run backward through ${this.op} as what it saved must be there: it was freed by an earlier backward; ` +
          "pass { retainGraph: true } to that one",
      );
    }
    return this.#saved.map(({ storage, shape, dtype, version }) => {
      if (storage.version !== version) {
        throw new Error(
          `Cannot run backward through ${this.op} as a tensor that it saved must be unchanged: ` +
            `its ${show(shape)} was written in place ${storage.version - version} times since`,
        );
      }
      return new Tensor(storage.retain(), shape, dtype);
    });
  }
}

let nextOrder = 0;

/** How operations are treated. */
interface Mode {
  /** Whether they are recorded. */
  readonly records: boolean;
  /** Where it is noted in place of that which tensors they need gradients for. */
  readonly notes: Set<Tensor> | null;
}

const mode = new ContextValue<Mode>({ records: true, notes: null });

const takesNoGrad = signature("run without gradients", { fn: FUNCTION });

/**
 * Runs `fn` without recording operations for autograd.
 *
 * @param fn What to run. It may be async, but in a browser, where what follows an `await` is recorded again.
 * @returns What `fn` returns.
 *
 * @example Usage
 * ```ts
 * import { noGrad, openDevice, tensor } from "@plunge/plunge";
 * import { assertFalse } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([1, 2], { requiresGrad: true });
 * assertFalse(noGrad(() => w.mul(2)).requiresGrad);
 * ```
 */
export function noGrad<T>(fn: () => T): T {
  takesNoGrad(arguments);
  return inMode(false, null, fn);
}

const takesEnableGrad = signature("run with gradients", { fn: FUNCTION });

/**
 * Runs `fn` with operations being recorded, also inside {@linkcode noGrad}.
 *
 * @param fn What to run. It may be async, but in a browser.
 * @returns What `fn` returns.
 *
 * @example Usage
 * ```ts
 * import { enableGrad, noGrad, openDevice, tensor } from "@plunge/plunge";
 * import { assert } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([1, 2], { requiresGrad: true });
 * assert(noGrad(() => enableGrad(() => w.mul(2))).requiresGrad);
 * ```
 */
export function enableGrad<T>(fn: () => T): T {
  takesEnableGrad(arguments);
  return inMode(true, null, fn);
}

/** Runs `fn` without recording, and tells which tensors that require a gradient it used. */
export function noting<T>(fn: () => T): { result: T; used: Tensor[] } {
  const notes = new Set<Tensor>();
  const result = inMode(false, notes, fn);
  return { result, used: [...notes] };
}

function inMode<T>(records: boolean, notes: Set<Tensor> | null, fn: () => T): T {
  return mode.run({ records, notes }, fn);
}

/** Whether operations are recorded. */
export function isGradEnabled(): boolean {
  return mode.get().records;
}

/**
 * Records that `y` came from `inputs`, so that `backward` can pass through.
 *
 * @param op Name of the operation, for errors.
 * @param y The output; it requires a gradient from now on if any input does.
 * @param inputs The inputs, in the order in which `gradient` returns.
 * @param gradient What the gradient needs and how it is computed.
 * @returns `y`.
 */
export function differentiable<Saved extends readonly Tensor[]>(
  op: string,
  y: Tensor,
  inputs: readonly (Tensor | null)[],
  gradient: Gradient<readonly [...Saved]>,
): Tensor {
  record(op, y, inputs, gradient);
  return y;
}

/**
 * Records that `x` was written to in place.
 *
 * @param op Name of the operation, for errors.
 * @param x What was written to; it comes from the operation from now on if it, or any other input, requires a gradient.
 * @param others What it was written from.
 * @param gradient What the gradient needs, and how those in `x` as it was before and in the others are computed.
 */
export function rewritten<Saved extends readonly Tensor[]>(
  op: string,
  x: Tensor,
  others: readonly (Tensor | null)[],
  gradient: Gradient<readonly [...Saved]>,
): void {
  if (record(op, x, [x, ...others], gradient)) originOf(x).rewrite();
}

/** Makes `y` the output of an operation if an input requires a gradient; whether it does. */
function record(op: string, y: Tensor, inputs: readonly (Tensor | null)[], gradient: Gradient): boolean {
  const { records, notes } = mode.get(), needed = inputs.some((t) => t?.requiresGrad);
  if (records) { for (const t of inputs) if (t) originOf(t).expectHistory(`apply ${op}`, t); }
  if (records && needed) attachNode(y, new Node(op, inputs, gradient));
  if (notes) { for (const t of inputs) if (t?.requiresGrad) notes.add(t); }
  currentObserver()?.output(op, y, inputs);
  return records && needed;
}
