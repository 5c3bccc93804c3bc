/**
 * Where optimisers keep what they remember of each parameter.
 *
 * The states of many parameters lie one after another in flat tensors, each beginning at a vec4: an update then binds one
 * buffer for each kind of state rather than one for each parameter, so that a single dispatch reaches all of them.
 *
 * @module
 */
import { full } from "../../ops/core/tensor/create.ts";
import { persistent } from "../../ops/core/recorder.ts";
import { gatherAffine, scatterAffine } from "../../ops/core/families/movement.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { rowMajor } from "../../ops/kernels/wgsl/access.ts";

/** Flat tensors of one size, one for each kind of state. */
export class Arena {
  /** Elements of each flat tensor. */
  size = 0;
  readonly #flat = new Map<string, Tensor>();

  /** The flat tensor of a state, made when it is first asked for. */
  flat(state: string, initial: number): Tensor {
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
export interface Slot {
  readonly arena: Arena;
  readonly offset: number;
  steps: number;
}

/** The slots of an optimiser's parameters. */
export class Slots {
  readonly #slots = new Map<Tensor, Slot>();

  /** The slot of a parameter, if it has one. */
  get(p: Tensor): Slot | undefined {
    return this.#slots.get(p);
  }

  /** Gives a slot to those of `params` that have none; arenas are as large as the adapter can bind. */
  allot(params: readonly Tensor[]): void {
    let arena: Arena | null = null;
    for (const p of params) {
      if (this.#slots.has(p)) continue;
      const { limits } = p.storage.device;
      const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
      if (!arena || 4 * (arena.size + p.size) > most) arena = new Arena();
      this.#slots.set(p, { arena, offset: arena.size, steps: 0 });
      arena.size += Math.ceil(p.size / 4) * 4;
    }
  }

  /** A copy of a parameter's state, of the parameter's shape. */
  read(p: Tensor, state: string, initial: number): Tensor {
    const { arena, offset } = this.#slots.get(p)!;
    return gatherAffine("read state", arena.flat(state, initial), p.shape, {
      strides: rowMajor(p.shape),
      offset,
    });
  }

  /** Overwrites a parameter's state. */
  write(p: Tensor, state: string, initial: number, values: Tensor): void {
    const { arena, offset } = this.#slots.get(p)!;
    scatterAffine("write state", values, arena.flat(state, initial), {
      strides: rowMajor(p.shape),
      offset,
    });
  }

  /** Frees all states; the parameters have no slots then. */
  dispose(): void {
    for (const { arena } of this.#slots.values()) arena.dispose();
    this.#slots.clear();
  }
}
