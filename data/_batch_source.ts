/**
 * What gathers the batches of a data set, of whichever kind the data set is.
 *
 * @module
 */
import "../ops/methods.ts";
import { ImageSource, objectionToImages } from "./_image_source.ts";
import { ItemSource } from "./_item_source.ts";
import type { Batch, BatchSource, Dataset, ItemDataset } from "./dataset.ts";
import type { ImageDataset, LabelDType } from "./image_dataset.ts";
import { Tensor } from "../ops/core/tensor/tensor.ts";
import { describe } from "../ops/core/describe.ts";
import { instanceOf, type Kind, type Objection } from "../ops/core/kinds.ts";

/** One source for each data set, so that all users of a data set share what is on the GPU. */
const sources = new WeakMap<object, BatchSource<Batch>>();

/** A data set of one of the known kinds. */
export const DATASET: Kind = { example: "dataset", objection: objectionToDataset };
/** Places of examples. */
export const INDICES: Kind = instanceOf(Int32Array, "an Int32Array", "indices");

const MUST = "a data set, with a length and either images and labels, get() or gather()";

function objectionToDataset(value: unknown): Objection | null {
  if (value instanceof Tensor || ArrayBuffer.isView(value)) {
    return { must: MUST, found: `${describe(value)}, of which new TensorDataset(x, y) makes one` };
  }
  if (Array.isArray(value)) {
    return {
      must: MUST,
      found: "an array, of which { length: array.length, get: (i) => array[i] } makes one",
    };
  }
  if (typeof value !== "object" || value === null || !("length" in value)) return { must: MUST };
  const { length } = value;
  if (typeof length !== "number") return { must: MUST };
  if (!Number.isSafeInteger(length) || length < 0) {
    return {
      must: "a data set of a whole number of examples",
      found: `its length is ${length}`,
      isRange: true,
    };
  }
  if (hasMethod(value, "gather") || hasMethod(value, "get")) return null;
  if (!("images" in value && "labels" in value)) return { must: MUST };
  return objectionToImages(value.images, value.labels, length);
}

function hasMethod(value: object, name: string): boolean {
  return typeof (value as Record<string, unknown>)[name] === "function";
}

/**
 * Refuses examples that are not there, before the kernels read what lies in the memory in their place.
 *
 * @param action What is being done, for the error.
 * @param indices The places of examples.
 * @param length How many there are.
 */
export function checkPlaces(action: string, indices: Int32Array, length: number): void {
  const wrong = indices.find((i) => i < 0 || i >= length);
  if (wrong === undefined) return;
  throw new RangeError(
    `Cannot ${action} as ${
      length === 0 ? "there are no examples" : `examples are from 0 to ${length - 1}`
    }: ${wrong}`,
  );
}

/** Returns what gathers the batches of a data set. */
export function batchSource<B extends readonly Tensor[]>(dataset: Dataset<B>): BatchSource<B> {
  if (hasMethod(dataset, "gather")) return dataset as BatchSource<B>;
  let source = sources.get(dataset);
  if (!source) {
    source = hasMethod(dataset, "get")
      ? new ItemSource(dataset as ItemDataset)
      : new ImageSource(dataset as ImageDataset<LabelDType>);
    sources.set(dataset, source);
  }
  return source as BatchSource<readonly Tensor[]> as BatchSource<B>; // B is Batch for all but a BatchSource
}
