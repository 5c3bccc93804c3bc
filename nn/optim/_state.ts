/**
 * Where optimisers keep the states of their parameters, such as running averages.
 *
 * The states of many parameters lie one after another in flat tensors, each beginning at a vec4: an update then binds one
 * buffer for each kind of state rather than one for each parameter, so that a single dispatch updates all parameters.
 *
 * @module
 */
import { readFlat, writeFlat } from "../flat.ts";
import { full } from "../../ops/core/tensor/create.ts";
import { persistent } from "../../ops/core/recorder.ts";
import { storageOf } from "../../ops/core/tensor/internals.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";

/** Flat tensors of one size, one for each kind of state. */
export class FlatStates {
  /** Elements of each flat tensor. */
  size = 0;
  readonly #flat = new Map<string, Tensor>();

  /** The flat tensor of a state, made by the first call. */
  tensor(state: string, initial: number): Tensor {
    let tensor = this.#flat.get(state);
    if (!tensor) this.#flat.set(state, tensor = persistent(() => full([this.size], initial)));
    return tensor;
  }

  /** Frees the flat tensors. */
  dispose(): void {
    for (const tensor of this.#flat.values()) tensor.dispose();
    this.#flat.clear();
  }
}

/** Where a parameter's states lie, and how many steps it has made. */
export interface StateSlot {
  readonly flat: FlatStates;
  readonly offset: number;
  steps: number;
}

/** The slots of an optimiser's parameters. */
export class StateSlots {
  readonly #slots = new Map<Tensor, StateSlot>();

  /** The slot of a parameter, if it has one. */
  get(p: Tensor): StateSlot | undefined {
    return this.#slots.get(p);
  }

  /** Gives a slot to each of `params` that has none; flat tensors are at most as large as the adapter can bind. */
  allot(params: readonly Tensor[]): void {
    let flat: FlatStates | null = null;
    for (const p of params) {
      if (this.#slots.has(p)) continue;
      const { limits } = storageOf(p).device;
      const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
      if (!flat || 4 * (flat.size + p.size) > most) flat = new FlatStates();
      this.#slots.set(p, { flat, offset: flat.size, steps: 0 });
      flat.size += Math.ceil(p.size / 4) * 4;
    }
  }

  /** A copy of a parameter's state, of the parameter's shape. */
  read(p: Tensor, state: string, initial: number): Tensor {
    const { flat, offset } = this.#slots.get(p)!;
    return readFlat("read state", flat.tensor(state, initial), p.shape, offset);
  }

  /** Overwrites a parameter's state. */
  write(p: Tensor, state: string, initial: number, values: Tensor): void {
    const { flat, offset } = this.#slots.get(p)!;
    writeFlat("write state", values, flat.tensor(state, initial), offset);
  }

  /** Frees all states; the parameters have no slots then. */
  dispose(): void {
    for (const { flat } of this.#slots.values()) flat.dispose();
    this.#slots.clear();
  }
}
