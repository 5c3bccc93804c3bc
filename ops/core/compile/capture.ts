/**
 * Capturing a step: runs a function once with its calls recorded in place of being run.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Call } from "../call.ts";
import { notePlace } from "../place.ts";
import { type Recorder, recordInto } from "../recorder.ts";
import { Scope, unscoped } from "../scope.ts";
import { isMadeIn, learningOf, storageOf } from "../tensor/internals.ts";
import { Tensor } from "../tensor/tensor.ts";

/** Something outside the GPU that a captured step depends on, and what it was. */
export interface Guard {
  readonly read: () => unknown;
  readonly value: unknown;
}

/** What a function did. */
export interface Recording<R> {
  readonly result: R;
  readonly calls: readonly Call[];
  readonly guards: readonly Guard[];
  /** Leaves from outside whose gradients were looked at or replaced. */
  readonly leaves: ReadonlySet<Tensor>;
  /** The gradients that it left in leaves from outside, null where it left none. */
  readonly grads: ReadonlyMap<Tensor, Storage | null>;
  /** Every storage of the calls. */
  readonly storages: ReadonlySet<Storage>;
  /** The storages that had memory before the calls that use them: they live outside the step. Each is held. */
  readonly outer: ReadonlySet<Storage>;
  /** Those of them that hold numbers which the function put into new tensors: nothing ever writes there. */
  readonly constants: ReadonlySet<Storage>;
  /** What is done outside the GPU at the beginning of each replay, in order. */
  readonly preparations: readonly (() => void)[];
}

class CallRecorder implements Recorder {
  readonly calls: Call[] = [];
  readonly guards: Guard[] = [];
  readonly storages = new Set<Storage>();
  readonly outer = new Set<Storage>();
  readonly constants = new Set<Storage>();
  readonly preparations: (() => void)[] = [];
  readonly leaves = new Set<Tensor>();
  /** Leaves whose gradient was replaced, and what it was; each is held. */
  readonly before = new Map<Tensor, Storage | null>();
  readonly #inner: Scope;
  readonly #known = new Set<object>();

  constructor(inner: Scope) {
    this.#inner = inner;
  }

  record(call: Call): void {
    for (const s of [...call.reads, ...call.writes]) {
      if (this.storages.has(s)) continue;
      this.storages.add(s);
      // The step goes on using it, whoever lets it go. What is empty never has memory, wherever it was made.
      if (s.allocated || s.bytes === 0) this.outer.add(s.retain());
    }
    this.calls.push(call);
    notePlace(call);
  }

  guard(read: () => unknown, about?: object): void {
    if (about) {
      if (this.#known.has(about)) return; // what the function itself changes does not matter
      this.#known.add(about);
    }
    this.guards.push({ read, value: read() });
  }

  readLeaf(leaf: Tensor): void {
    if (!isMadeIn(leaf, this.#inner)) this.guard(() => learningOf(leaf), leaf);
  }

  readGrad(leaf: Tensor): void {
    if (this.leaves.has(leaf) || isMadeIn(leaf, this.#inner)) return;
    this.leaves.add(leaf);
    this.guard(() => gradStorage(leaf));
  }

  writeGrad(leaf: Tensor): void {
    if (isMadeIn(leaf, this.#inner)) return;
    this.leaves.add(leaf);
    if (!this.before.has(leaf)) this.before.set(leaf, gradStorage(leaf)?.retain() ?? null);
  }

  isOutside(t: Tensor): boolean {
    return !isMadeIn(t, this.#inner);
  }

  addConstant(storage: Storage): void {
    this.constants.add(storage);
  }

  beforeReplay(prepare: () => void): void {
    this.preparations.push(prepare);
  }

  /** Gives the leaves the gradients back that they had. */
  undo(): void {
    for (const [leaf, storage] of this.before) {
      if (leaf.disposed || gradStorage(leaf) === storage) continue;
      leaf.clearGrad();
      if (storage) leaf.grad = unscoped(() => new Tensor(storage.retain(), leaf.shape, "float32"));
    }
    for (const s of this.outer) s.release();
  }

  dispose(): void {
    for (const storage of this.before.values()) storage?.release();
  }
}

/**
 * Records what `fn` does. If that fails, or `finish` does, the leaves get the gradients back that they had.
 *
 * @param fn What to record. It must not be async.
 * @param finish Called with the recording before the tensors that `fn` made are freed.
 */
export function capture<R, T>(fn: () => R, finish: (recording: Recording<R>) => T): T {
  using inner = new Scope();
  const recorder = new CallRecorder(inner);
  try {
    const result = recordInto(recorder, fn);
    if (result instanceof Promise) {
      result.catch(() => {}); // what it may say later is about a step that never ran
      throw new TypeError("Cannot compile a function as it must not be async: it returned a promise");
    }
    const grads = new Map<Tensor, Storage | null>();
    for (const leaf of recorder.before.keys()) if (!leaf.disposed) grads.set(leaf, gradStorage(leaf));
    const { calls, guards, leaves, storages, outer, constants, preparations } = recorder;
    return finish({ result, calls, guards, leaves, grads, storages, outer, constants, preparations });
  } catch (error) {
    recorder.undo();
    throw error;
  } finally {
    recorder.dispose();
  }
}

/** The memory of a leaf's gradient; null where there is none. */
export function gradStorage(leaf: Tensor): Storage | null {
  if (leaf.disposed) return null;
  const { grad } = leaf;
  return grad && !grad.disposed ? storageOf(grad) : null;
}
