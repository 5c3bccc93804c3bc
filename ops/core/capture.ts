/**
 * Capturing a step: runs a function once with its calls recorded in place of being run.
 *
 * @module
 */
import type { Storage } from "../gpu/storage.ts";
import { type Call, type Recorder, recordInto } from "./execute.ts";
import { Scope } from "./scope.ts";
import type { Tensor } from "./tensor.ts";

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
  /** The gradients that it left in leaves, null where it left none. */
  readonly grads: ReadonlyMap<Tensor, Storage | null>;
  /** Every storage of the calls. */
  readonly storages: ReadonlySet<Storage>;
  /** The storages that had memory before the calls that use them: they live outside the step. Each is held. */
  readonly outer: ReadonlySet<Storage>;
}

class CallRecorder implements Recorder {
  readonly calls: Call[] = [];
  readonly guards: Guard[] = [];
  readonly storages = new Set<Storage>();
  readonly outer = new Set<Storage>();
  /** Leaves whose gradient was touched, and whether it was replaced. */
  readonly leaves = new Map<Tensor, boolean>();

  record(call: Call): void {
    for (const s of [...call.reads, ...call.writes]) {
      if (this.storages.has(s)) continue;
      this.storages.add(s);
      if (s.allocated) this.outer.add(s.retain()); // the step goes on using it, whoever lets it go
    }
    this.calls.push(call);
  }

  guard(read: () => unknown): void {
    this.guards.push({ read, value: read() });
  }

  readGrad(leaf: Tensor): void {
    if (this.leaves.has(leaf)) return;
    this.leaves.set(leaf, false);
    this.guard(() => gradStorage(leaf));
  }

  writeGrad(leaf: Tensor): void {
    this.leaves.set(leaf, true);
  }
}

/**
 * Records what `fn` does.
 *
 * @param fn What to record. It must not be async.
 * @param finish Called with the recording before the tensors that `fn` made are freed.
 */
export function capture<R, T>(fn: () => R, finish: (recording: Recording<R>) => T): T {
  const recorder = new CallRecorder();
  using _inner = new Scope();
  try {
    const result = recordInto(recorder, fn);
    if (result instanceof Promise) {
      result.catch(() => {}); // what it may say later is about a step that never ran
      throw new TypeError("Cannot compile a function as it must not be async: it returned a promise");
    }
    const grads = new Map<Tensor, Storage | null>();
    for (const [leaf, isWritten] of recorder.leaves) {
      if (isWritten && !leaf.disposed) grads.set(leaf, gradStorage(leaf));
    }
    return finish({ result, ...recorder, grads });
  } catch (error) {
    // Gradients that were never computed must not be taken for real ones.
    for (const [leaf, isWritten] of recorder.leaves) if (isWritten && !leaf.disposed) leaf.clearGrad();
    for (const s of recorder.outer) s.release();
    throw error;
  }
}

/** The memory of a leaf's gradient; null where there is none. */
export function gradStorage(leaf: Tensor): Storage | null {
  if (leaf.disposed) return null;
  const { grad } = leaf;
  return grad && !grad.disposed ? grad.storage : null;
}
