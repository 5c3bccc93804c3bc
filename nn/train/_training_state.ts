/**
 * What a training step depends on and changes, as a copy on the GPU to which training can go back.
 *
 * @module
 */
import { Storage } from "../../ops/gpu/storage.ts";
import { persistent } from "../../ops/core/recorder.ts";
import { storageOf } from "../../ops/core/tensor/internals.ts";
import { getRngState, setRngState } from "../../ops/core/tensor/random.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { holders, isStateful, type Stateful } from "../holders.ts";
import type { Module } from "../module.ts";

/** What is trained, and what changes with it: schedules, and whatever else can tell its state. */
export interface Trained {
  readonly net: Module;
  readonly others?: readonly unknown[];
}

/** A copy of parameters, buffers, the states of all optimisers of the parameters and of the others, and random numbers. */
export class TrainingState {
  readonly #copies: readonly { readonly of: Storage; readonly copy: Storage }[];
  readonly #states: readonly { readonly of: Stateful; readonly state: unknown }[];
  readonly #random = getRngState();

  /** Copies the state as it is now. Nothing is read. */
  constructor(trained: Trained) {
    const tensors = Object.values(trained.net.stateDict()).filter((t) => t.size > 0);
    this.#copies = [...new Set(tensors.map((t) => storageOf(t)))].map((of) => ({ of, copy: copyOf(of) }));
    this.#states = statefulsOf(trained).map((of) => ({ of, state: persistent(() => of.stateDict()) }));
  }

  /** Goes back to it. */
  restore(): void {
    for (const { of, copy } of this.#copies) {
      of.device.queue.copy(copy, of, of.bytes);
      of.version++;
    }
    for (const { of, state } of this.#states) persistent(() => of.loadStateDict(state));
    setRngState(this.#random);
  }

  /** Frees the copy. */
  dispose(): void {
    for (const { copy } of this.#copies) copy.release();
    for (const { state } of this.#states) disposeIn(state);
  }
}

function copyOf(of: Storage): Storage {
  const copy = new Storage(of.device, of.bytes);
  of.device.queue.copy(of, copy, of.bytes);
  return copy;
}

/** The optimisers that hold parameters of the network, and the others that have a state. */
function statefulsOf({ net, others = [] }: Trained): Stateful[] {
  const optimizers = net.parameters().map((p) => holders.get(p)).filter((o) => o !== undefined);
  return [...new Set([...optimizers, ...others.filter(isStateful)])];
}

function disposeIn(value: unknown): void {
  if (value instanceof Tensor) value.dispose();
  else if (typeof value === "object" && value !== null) Object.values(value).forEach(disposeIn);
}
