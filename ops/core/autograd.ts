/**
 * Reverse-mode differentiation: the graph that operations record, and the pass back through it.
 *
 * A node keeps, for one operation, its inputs and what its gradient needs. Nodes are counted: the tensors that came
 * out of an operation hold its node, and a node holds those of its inputs, so that a graph nobody will run backward
 * through gives its memory back when its last tensor is disposed of.
 *
 * @module
 */
import type { Storage } from "../gpu/storage.ts";
import type { DType } from "../kernels/dtype.ts";
import { Scope } from "./scope.ts";
import { sameShape, show } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/** What an operation tells autograd. */
export interface Gradient {
  /** Tensors that the gradient needs: inputs or outputs. They are kept until the backward pass has used them. */
  readonly saved?: readonly Tensor[];
  /**
   * Turns the gradient of the loss in the output into those in the inputs.
   *
   * @param dy Gradient of the loss in the (first) output.
   * @param saved The saved tensors, in their order.
   * @param needs Says of each input whether its gradient is wanted.
   * @returns A gradient for each input, of the input's shape; null where none is wanted or none exists.
   */
  gradient(dy: Tensor, saved: readonly Tensor[], needs: readonly boolean[]): (Tensor | null)[];
}

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
  readonly #gradient: Gradient["gradient"];
  readonly #inputNodes: readonly (Node | null)[];
  #saved: Saved[] | null;
  #holders = 0;

  /** Records an operation. */
  constructor(op: string, inputs: readonly (Tensor | null)[], gradient: Gradient) {
    this.op = op;
    this.inputs = inputs.map((t) => (t?.requiresGrad ? t : null));
    this.#inputNodes = this.inputs.map((t) => t?.node?.retain() ?? null);
    this.#gradient = gradient.gradient;
    this.#saved = (gradient.saved ?? []).map(({ storage, shape, dtype }) => ({
      storage: storage.retain(),
      shape,
      dtype,
      version: storage.version,
    }));
  }

  /** The nodes of the inputs. */
  get inputNodes(): readonly (Node | null)[] {
    return this.#inputNodes;
  }

  /** Whether what it saved is still there, so that a backward pass can run through. */
  get isPending(): boolean {
    return this.#saved !== null;
  }

  /** Adds a holder. */
  retain(): this {
    this.#holders++;
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
    for (const { storage } of this.#saved ?? []) storage.release();
    this.#saved = null;
  }

  /** Gradients of the inputs. What is made on the way is freed. */
  differentiate(dy: Tensor): (Tensor | null)[] {
    using inner = new Scope();
    const saved = this.#unpack();
    const needs = this.inputs.map((t) => t !== null);
    const gradients = this.#gradient(dy, saved, needs);
    const seen = new Set<Tensor>([dy]);
    return gradients.map((g, k) => {
      if (!g || !needs[k]) return null;
      if (seen.has(g)) g = g.alias(); // dy itself, or one gradient for two inputs
      seen.add(g);
      return inner.keep(g);
    });
  }

  #unpack(): Tensor[] {
    if (!this.#saved) {
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
let gradEnabled = true;

/**
 * Runs `fn` without recording operations for autograd.
 *
 * @param fn What to run. It must not be async: what follows an `await` is recorded again.
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
  const outer = gradEnabled;
  gradEnabled = false;
  try {
    return fn();
  } finally {
    gradEnabled = outer;
  }
}

/** Whether operations are recorded. */
export function isGradEnabled(): boolean {
  return gradEnabled;
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
export function differentiable(
  op: string,
  y: Tensor,
  inputs: readonly (Tensor | null)[],
  gradient: Gradient,
): Tensor {
  if (gradEnabled && inputs.some((t) => t?.requiresGrad)) y.attach(new Node(op, inputs, gradient));
  return y;
}

/** Options of `backward`. */
export interface BackwardOptions {
  /** Keep what was saved, so that `backward` can run again through the same graph. */
  retainGraph?: boolean;
}

/**
 * Adds the gradient of `root` in every leaf to the leaf's `grad`.
 *
 * @param root The tensor to start from.
 * @param gradient Gradient of the loss in `root`; 1 if it is absent, for which `root` must have one element.
 */
export function backward(root: Tensor, gradient: Tensor | null, options: BackwardOptions = {}): void {
  if (!root.requiresGrad) {
    throw new Error("Cannot run backward as the tensor must require a gradient: none of its inputs does");
  }
  if (gradient && !sameShape(gradient.shape, root.shape)) {
    throw new RangeError(
      `Cannot run backward as the gradient must have the shape of its tensor ${show(root.shape)}: ${
        show(gradient.shape)
      }`,
    );
  }
  if (!gradient && root.size !== 1) {
    throw new RangeError(
      `Cannot run backward without a gradient as the tensor must have one element: its shape is ${
        show(root.shape)
      }`,
    );
  }
  noGrad(() => {
    using inner = new Scope();
    const start = gradient?.alias() ?? root.filledLike(1);
    inner.forget(start); // it is disposed of when it was used
    pass(root, start, options.retainGraph ?? false);
  });
}

function pass(root: Tensor, start: Tensor, retainGraph: boolean): void {
  if (!root.node) return accumulate(root, start);
  const pending = new Map<Node, Tensor>([[root.node, start]]);
  try {
    for (const node of reachable(root.node)) {
      const dy = pending.get(node);
      if (!dy) continue; // only reached where no gradient exists
      pending.delete(node);
      const gradients = node.differentiate(dy);
      dy.dispose(); // before leaves take their gradients, so that an alias of dy becomes the leaf's own
      if (!retainGraph) node.freeSaved();
      gradients.forEach((g, k) => {
        if (!g) return;
        const input = node.inputs[k]!, next = node.inputNodes[k];
        if (!next) return accumulate(input, g);
        const sum = pending.get(next);
        pending.set(next, sum ? addUp(sum, g) : g);
      });
    }
  } finally {
    for (const dy of pending.values()) dy.dispose();
  }
}

/** The nodes that `root` depends on, each before those that it depends on. */
function reachable(root: Node): Node[] {
  const found = new Set<Node>([root]), todo = [root];
  for (let node = todo.pop(); node; node = todo.pop()) {
    for (const input of node.inputNodes) {
      if (!input || found.has(input)) continue;
      found.add(input);
      todo.push(input);
    }
  }
  return [...found].sort((a, b) => b.order - a.order);
}

function addUp(a: Tensor, b: Tensor): Tensor {
  const sum = a.add(b);
  a.dispose();
  b.dispose();
  return sum;
}

/** Adds a gradient to a leaf's. */
function accumulate(leaf: Tensor, g: Tensor): void {
  leaf.addGrad(g);
  g.dispose();
}
