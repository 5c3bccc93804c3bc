/**
 * What is seen of a step while it runs: each operation's result and each gradient, as ranks that are computed on the GPU
 * and read once, when the step is over.
 *
 * @module
 */
import type { Storage } from "../../ops/gpu/storage.ts";
import type { Node } from "../../ops/core/autograd/autograd.ts";
import { type StepObserver, unobserved } from "../../ops/core/autograd/observer.ts";
import { persistent } from "../../ops/core/recorder.ts";
import { nodeOf, storageOf } from "../../ops/core/tensor/internals.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { rankedValue, rankOf } from "../magnitude.ts";
import type { Module } from "../module.ts";

/** One tensor as it was at one moment. */
export interface Observation {
  /** A tensor from outside, a result, a gradient in an input of an operation, or a parameter behind the step. */
  readonly kind: "given" | "output" | "gradient" | "updated";
  /** The operation that gave it; of a tensor from outside the first that used it. */
  readonly operation: string;
  /** The modules in whose forward passes it arose, the outermost first. */
  readonly place: readonly Module[];
  readonly tensor: { readonly storage: Storage; readonly shape: readonly number[] };
  /** Whether it is a leaf that learns, or a gradient in one. */
  readonly isLeaf: boolean;
  readonly from: readonly Observation[];
  /** Its largest magnitude, infinite or NaN where an element is. Known when the step was read. */
  value: number;
}

/** What adds a gradient to those that a leaf has. */
export const ACCUMULATION = "accumulation";

interface Latest {
  readonly version: number;
  readonly observation: Observation;
}

/** Keeps what it is told of a step. */
export class StepObservations implements StepObserver {
  /** Everything that was seen, in order. */
  readonly all: Observation[] = [];
  /** Where passes back began. */
  readonly roots: Observation[] = [];
  readonly #ranks: Tensor[] = [];
  readonly #latest = new Map<Storage, Latest>();
  readonly #leaves = new Map<Storage, Tensor>();
  readonly #places = new WeakMap<Node, readonly Module[]>();
  readonly #stack: Module[] = [];
  /** What was seen of modules' buffers, such as running statistics, which operations use without naming them. */
  readonly #buffers = new Map<Module, Observation[]>();

  enter(entered: object): void {
    const module = entered as Module;
    this.#stack.push(module);
    const own = module.namedBuffers().filter(([name, t]) => !name.includes(".") && t.dtype === "float32");
    if (own.length === 0) return;
    const place = [...this.#stack];
    this.#buffers.set(module, own.map(([name, t]) => this.#add("given", name, place, t, true, [])));
  }

  leave(): void {
    this.#stack.pop();
  }

  output(operation: string, y: Tensor, inputs: readonly (Tensor | null)[]): void {
    const place = [...this.#stack], node = nodeOf(y);
    if (node) this.#places.set(node, place);
    const storage = storageOf(y), seen = this.#latest.get(storage);
    const floats = inputs.filter((t) => t?.dtype === "float32") as Tensor[];
    // What `checkpoint` gives came out of an operation inside it.
    const from = seen?.version === storage.version && operation === "checkpoint"
      ? [seen.observation]
      : floats.flatMap((t) => this.#found(t, operation, place, storageOf(t) === storage) ?? []);
    const buffers = this.#buffers.get(place.at(-1)!) ?? [];
    if (y.dtype === "float32") this.#add("output", operation, place, y, false, [...from, ...buffers]);
  }

  root(root: Tensor): void {
    const found = this.#found(root, "backward", [...this.#stack], false);
    if (found) this.roots.push(found);
  }

  gradients(node: Node, dy: Tensor, gradients: readonly (Tensor | null)[]): void {
    const place = this.#places.get(node) ?? [];
    const from = this.#latest.get(storageOf(dy))?.observation ??
      this.#add("gradient", node.op, place, dy, false, []);
    gradients.forEach((g, k) => {
      if (!g || storageOf(g) === storageOf(dy)) return this.#markLeaf(node, k, from);
      const isLeaf = node.inputs[k] !== null && node.inputNodes[k] === null;
      this.#add("gradient", node.op, place, g, isLeaf, [from]);
    });
  }

  met(sum: Tensor, a: Tensor, b: Tensor): void {
    const from = [a, b].flatMap((t) => this.#latest.get(storageOf(t))?.observation ?? []);
    const [{ operation, place, isLeaf } = { operation: "add", place: [], isLeaf: false }] = from;
    this.#add("gradient", operation, place, sum, isLeaf, from);
  }

  /** Looks at the parameters again, behind the step, and at what gradients in them became with those before. */
  end(): void {
    for (const leaf of this.#leaves.values()) {
      if (leaf.disposed) continue;
      const { grad } = leaf, added = grad && this.#latest.get(storageOf(grad));
      if (grad && added?.version !== storageOf(grad).version) {
        this.#add("gradient", ACCUMULATION, [], grad, true, added ? [added.observation] : []);
      }
    }
    for (const leaf of this.#leaves.values()) {
      if (leaf.disposed) continue;
      const before = this.#latest.get(storageOf(leaf));
      if (before && before.version === storageOf(leaf).version) continue;
      this.#add("updated", "update", [], leaf, true, before ? [before.observation] : []);
    }
  }

  /** Reads what was seen, all at once. */
  async read(): Promise<void> {
    try {
      const ranks = await Promise.all(this.#ranks.map((rank) => rank.item()));
      this.all.forEach((observation, k) => observation.value = rankedValue(ranks[k]!));
    } finally {
      this.dispose();
    }
  }

  /** Frees what it keeps on the GPU. */
  dispose(): void {
    for (const rank of this.#ranks.splice(0)) rank.dispose();
  }

  /** What was seen of a tensor, which is looked at now where nothing was, or it was written since. */
  #found(
    t: Tensor,
    operation: string,
    place: readonly Module[],
    isWritten: boolean,
  ): Observation | undefined {
    const storage = storageOf(t), latest = this.#latest.get(storage);
    if (latest && (isWritten || latest.version === storage.version)) return latest.observation;
    if (isWritten && nodeOf(t)) return undefined; // it is what was written already
    const isLeaf = t.requiresGrad && nodeOf(t) === null;
    if (isLeaf) this.#leaves.set(storage, t);
    return this.#add("given", operation, place, t, isLeaf, []);
  }

  /** A gradient that is the one above it, as of an addition, reaches a leaf where its input is one. */
  #markLeaf(node: Node, k: number, from: Observation): void {
    if (node.inputs[k] === null || node.inputNodes[k] !== null || from.isLeaf) return;
    const { kind, operation, place, tensor } = from;
    this.all.push({ kind, operation, place, tensor, isLeaf: true, from: [from], value: 0 });
    this.#ranks.push(persistent(() => this.#ranks[this.all.indexOf(from)]!.detach()));
  }

  #add(
    kind: Observation["kind"],
    operation: string,
    place: readonly Module[],
    t: Tensor,
    isLeaf: boolean,
    from: readonly Observation[],
  ): Observation {
    const storage = storageOf(t);
    const observation = {
      kind,
      operation,
      place,
      tensor: { storage, shape: t.shape },
      isLeaf,
      from,
      value: 0,
    };
    this.all.push(observation);
    this.#ranks.push(unobserved(() => persistent(() => rankOf(t))));
    this.#latest.set(storage, { version: storage.version, observation });
    return observation;
  }
}
