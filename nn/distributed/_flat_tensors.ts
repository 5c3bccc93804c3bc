/**
 * Many tensors as one vector on the GPU, which is read back, sent and written in one go.
 *
 * Each begins at a vec4, so that one dispatch copies all of them. What one binding cannot hold goes on in a further vector.
 *
 * @module
 */
import { updateAll } from "../../ops/core/families/foreach.ts";
import { persistent } from "../../ops/core/recorder.ts";
import { empty, tensor, zeros } from "../../ops/core/tensor/create.ts";
import { copyInto } from "../../ops/core/tensor/in_place.ts";
import { storageOf } from "../../ops/core/tensor/internals.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { floatFunction, programOf } from "../../ops/kernels/wgsl/program.ts";
import { writeFlat } from "../flat.ts";

/** What a rank without examples gives is left out, also where it is NaN. */
const PUT = programOf(floatFunction("put", ["x", "flat", "by"], "select(x * by, 0.0, by == 0.0)"), 1);
const TAKE = programOf(floatFunction("take", ["x", "flat"], "flat"));
const TAKE_SCALED = programOf(floatFunction("take", ["x", "flat", "by"], "flat * by"));
const DIFFERENCE = programOf(floatFunction("difference", ["x", "flat"], "flat - x"));

/** Where a tensor lies. */
interface Place {
  readonly vector: number;
  readonly offset: number;
}

/** Several tensors one after the other, and numbers behind them. */
export class FlatTensors {
  /** Bytes of all vectors. */
  readonly bytes: number;
  readonly #like: readonly Tensor[];
  readonly #places: readonly Place[];
  /** The vectors, one where all fits. */
  readonly vectors: readonly Tensor[];
  /** Where the numbers behind the tensors begin, in the last vector. */
  readonly #tail: number;

  /**
   * Makes room.
   *
   * @param like Tensors of the shapes that there is to be room for.
   * @param tail How many numbers there are behind them.
   */
  constructor(like: readonly Tensor[], tail = 0) {
    const { limits } = storageOf(like[0]).device;
    const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize) / 4 - 4 * (tail + 4);
    const sizes = [0], places: Place[] = [];
    for (const { size } of like) {
      const room = 4 * Math.ceil(size / 4);
      if (sizes.at(-1)! > 0 && sizes.at(-1)! + room > most) sizes.push(0);
      places.push({ vector: sizes.length - 1, offset: sizes.at(-1)! });
      sizes[sizes.length - 1] += room;
    }
    this.#like = like;
    this.#places = places;
    this.#tail = sizes.at(-1)!;
    sizes[sizes.length - 1] += tail;
    this.bytes = 4 * sizes.reduce((sum, size) => sum + size, 0);
    this.vectors = sizes.map((size) => persistent(() => zeros([size])));
  }

  /**
   * Copies tensors into the vectors, times a number.
   *
   * @param tensors One for each; null counts as zeros.
   * @param by The number; 0 makes zeros of whatever there is.
   * @param tail The numbers behind them.
   */
  put(tensors: readonly (Tensor | null)[], by: number, tail: readonly number[] = []): void {
    const given = tensors.map((t, k) => ({ t: t ?? this.#like[k], isThere: t !== null, k }));
    for (const isThere of [true, false]) {
      const members = given.filter((each) => each.isThere === isThere).map(({ t, k }) => this.#member(t, k));
      updateAll("put together", PUT, [1], members, { numbers: [isThere ? by : 0] });
    }
    if (tail.length === 0) return;
    const numbers = tensor(tail);
    writeFlat("put together", numbers, this.vectors.at(-1)!, this.#tail);
    numbers.dispose();
  }

  /** Copies what there is in the vectors less the tensors into the tensors' places. */
  putDifference(from: FlatTensors, tensors: readonly Tensor[]): void {
    this.vectors.forEach((vector, k) => copyInto(vector, from.vectors[k]));
    updateAll("put difference", DIFFERENCE, [1], tensors.map((t, k) => this.#member(t, k)));
  }

  /** Overwrites tensors with what is in the vectors. */
  take(targets: readonly Tensor[]): void {
    updateAll("take apart", TAKE, [0], targets.map((t, k) => this.#member(t, k)));
  }

  /** New tensors of what is in vectors like these, times a scalar; null where none is wanted. */
  taken(vectors: readonly Tensor[], by: Tensor, isWanted: (k: number) => boolean): (Tensor | null)[] {
    const made = this.#like.map((t, k) => isWanted(k) ? empty(t.shape) : null);
    const members = made.flatMap((t, k) => t ? [this.#member(t, k, vectors)] : []);
    updateAll("take apart", TAKE_SCALED, [0], members, { scalars: [by] });
    return made;
  }

  /** Reads the vectors, as they are when this function is called. */
  read(): Promise<Float32Array>[] {
    return this.vectors.map((vector) => vector.data() as Promise<Float32Array>);
  }

  /** Overwrites the vectors. */
  write(values: readonly Float32Array[]): void {
    this.vectors.forEach((vector, k) => {
      const fresh = tensor(values[k]);
      copyInto(vector, fresh);
      fresh.dispose();
    });
  }

  /** The numbers behind the tensors, of values that were read. */
  tailOf(values: readonly Float32Array[]): Float32Array {
    return values.at(-1)!.subarray(this.#tail);
  }

  /** Frees the vectors. */
  dispose(): void {
    for (const vector of this.vectors) vector.dispose();
  }

  #member(t: Tensor, k: number, vectors = this.vectors) {
    const { vector, offset } = this.#places[k];
    return { tensors: [t], flat: [vectors[vector]], offset };
  }
}
