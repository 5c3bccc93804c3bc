/**
 * Data sets of tensors.
 *
 * @module
 */
import { signature } from "../ops/core/signature.ts";
import { TENSOR } from "../ops/core/tensor/kinds.ts";
import "../ops/methods.ts";
import { currentDevice, type Device } from "../ops/gpu/device.ts";
import { checkPlaces, INDICES } from "./_batch_source.ts";
import { gatherRows } from "./_tensor_rows.ts";
import type { BatchSource } from "./dataset.ts";
import { tensor } from "../ops/core/tensor/create.ts";
import { TYPED_ARRAY, type TypedArray } from "../ops/core/tensor/values.ts";
import { persistent } from "../ops/core/recorder.ts";
import { Tensor } from "../ops/core/tensor/tensor.ts";
import { either, listOf } from "../ops/core/kinds.ts";

/** A tensor for each of the arrays. */
export type TensorsOf<A extends readonly unknown[]> = { -readonly [K in keyof A]: Tensor };

const takesIndices = signature("gather a batch", { indices: INDICES });
const takes = signature("make a TensorDataset", {
  tensors: listOf(either(TENSOR, TYPED_ARRAY), "tensors or typed arrays"),
});

/**
 * Holds tensors whose first dimension counts the examples, as PyTorch's `TensorDataset` does.
 *
 * The tensors stay on the GPU; batches are gathered there, with the type kept and without gradients. Typed arrays are
 * taken as `[n]` (an `Int32Array` as int32, others as float32) and uploaded for the first batch.
 *
 * @example Usage
 * ```ts
 * import { DataLoader, openDevice, tensor, TensorDataset } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const points = tensor([[0, 0], [0, 1], [1, 0]]), labels = new Int32Array([0, 1, 1]);
 * for (const [x, y] of new DataLoader(new TensorDataset(points, labels), { batchSize: 2 })) {
 *   assertEquals(await x.toArray(), [[0, 0], [0, 1]]);
 *   assertEquals(await y.toArray(), [0, 1]);
 *   break;
 * }
 * ```
 */
export class TensorDataset<const A extends readonly (Tensor | TypedArray)[]>
  implements BatchSource<TensorsOf<A>> {
  /** The tensors and typed arrays that the data set was made of. */
  readonly tensors: A;
  /** The number of examples. */
  readonly length: number;
  #uploaded: { device: Device; tensors: Tensor[] } | null = null;

  /**
   * Makes a data set of tensors.
   *
   * @param tensors Tensors `[n, …]` or typed arrays of `n` numbers; neither is copied.
   * @throws {RangeError} If there are none, one is a scalar, or their lengths differ.
   */
  constructor(...tensors: A) {
    takes([tensors]);
    const lengths = tensors.map((t) => (t instanceof Tensor ? t.shape[0] : t.length));
    if (lengths.length === 0 || lengths.some((n) => n === undefined || n !== lengths[0])) {
      throw new RangeError(
        `Cannot make a TensorDataset as its tensors must have one length: ${
          lengths.map((n) => n ?? "a scalar").join(" and ") || "there are none"
        }`,
      );
    }
    this.tensors = tensors;
    this.length = lengths[0]!;
  }

  /**
   * Gathers a batch.
   *
   * @param indices The places of its examples, which must exist.
   * @returns A tensor for each of the data set's.
   * @throws {RangeError} If there is no example at a place.
   */
  gather(indices: Int32Array): TensorsOf<A> {
    takesIndices(arguments);
    checkPlaces("gather a batch", indices, this.length);
    const tensors = this.#upload();
    using places = tensor(indices, { dtype: "int32" });
    return tensors.map((t) => gatherRows(t, places)) as TensorsOf<A>;
  }

  /** Frees the uploaded copies of typed arrays. Tensors that were given stay; whoever made a tensor frees it. */
  dispose(): void {
    this.#uploaded?.tensors.forEach((t, i) => t !== this.tensors[i] && t.dispose());
    this.#uploaded = null;
  }

  #upload(): Tensor[] {
    const device = currentDevice("iterate over a data set");
    if (this.#uploaded?.device !== device) {
      const tensors = persistent(() => this.tensors.map((t) => (t instanceof Tensor ? t : tensor(t))));
      this.#uploaded = { device, tensors };
    }
    return this.#uploaded.tensors;
  }
}
