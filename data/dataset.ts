/**
 * What a data loader can iterate over.
 *
 * @module
 */
import type { ImageDataset, LabelDType } from "./image_dataset.ts";
import type { TensorValues } from "../ops/core/tensor/values.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import type { DType } from "../ops/kernels/wgsl/dtype.ts";

/** A batch of examples and their labels: of images `[n, 1, h, w]` from 0 to 1, and labels `[n]`, int32. */
export type Batch = [x: Tensor, y: Tensor];

/** A data set that gathers its own batches, such as a `TensorDataset` or a `Subset`. */
export interface BatchSource<B extends readonly Tensor[] = Batch> {
  /** The number of examples. */
  readonly length: number;
  /** Makes a batch of the examples at these places, which must exist. The caller owns its tensors. */
  gather(indices: Int32Array): B;
  /** Frees what the data set put on the GPU; the next batch uploads it again. */
  dispose(): void;
}

/** Half of an example: a number, nested arrays or a typed array. */
export type Item = TensorValues;

/**
 * A data set that gives one example at a time; examples are collated on the CPU and uploaded a batch at a time.
 *
 * As in `tensor()`, arrays become float32, an `Int32Array` int32, booleans bool. Plain numbers become int32 if those of
 * the first batch are whole, as class indices are, and float32 otherwise; `dtypes` decides beforehand.
 */
export interface ItemDataset {
  /** The number of examples. */
  readonly length: number;
  /** The types of the batch's two tensors, where the values do not say. */
  readonly dtypes?: readonly [x: DType, y: DType];
  /** Returns an example, `[x, y]`. All have one shape. */
  get(index: number): readonly Item[];
}

/** What a `DataLoader` takes: labelled images, a data set that gathers its own batches, or one that gives examples. */
export type Dataset<B extends readonly Tensor[] = Batch> =
  | ImageDataset<LabelDType>
  | ItemDataset
  | BatchSource<B>;

/** Gives the places of the examples of a pass, in their order, as PyTorch's `Sampler` does. */
export interface Sampler {
  /** How many examples the next pass has. */
  readonly length: number;
  /** Starts a pass. */
  [Symbol.iterator](): Iterator<number>;
  /** Hears how many of the pass's examples a batch took. */
  advance?(examples: number): void;
  /** Where it is: what JSON has. */
  stateDict?(): unknown;
  /** Goes on from what `stateDict` gave: the next pass is what was left of the one under way. */
  // deno-lint-ignore no-explicit-any
  loadStateDict?(state: any): unknown;
}
