/**
 * What gathers the batches of a data set, of whichever kind the data set is.
 *
 * @module
 */
import { instanceOf, type Kind, kind } from "../ops/core/signature.ts";
import "../ops/methods.ts";
import { ImageSource } from "./_image_source.ts";
import { ItemSource } from "./_item_source.ts";
import type { Batch, BatchSource, Dataset } from "./dataset.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";

/** One source for each data set, so that all users of a data set share what is on the GPU. */
const sources = new WeakMap<object, BatchSource<Batch>>();

/** A data set of one of the known kinds. */
export const DATASET: Kind = kind(
  "a data set, with a length and either images and labels, get() or gather()",
  "dataset",
  (v) => hasLength(v) && (hasMethod(v, "gather") || hasMethod(v, "get") || isImages(v)),
);
/** Places of examples. */
export const INDICES: Kind = instanceOf(Int32Array, "an Int32Array", "indices");

function hasLength(value: unknown): value is { length: number } {
  return typeof value === "object" && value !== null && "length" in value && typeof value.length === "number";
}

function hasMethod(value: object, name: string): boolean {
  return typeof (value as Record<string, unknown>)[name] === "function";
}

function isImages(value: object): boolean {
  const { images, labels } = value as { images?: unknown; labels?: unknown };
  return [images, labels].every((array) =>
    typeof array === "object" && array !== null && "data" in array && array.data instanceof Uint8Array &&
    "shape" in array && Array.isArray(array.shape)
  );
}

/** Returns what gathers the batches of a data set. */
export function batchSource<B extends readonly Tensor[]>(dataset: Dataset<B>): BatchSource<B> {
  if ("gather" in dataset) return dataset;
  let source = sources.get(dataset);
  if (!source) {
    sources.set(dataset, source = "images" in dataset ? new ImageSource(dataset) : new ItemSource(dataset));
  }
  return source as BatchSource<readonly Tensor[]> as BatchSource<B>; // B is Batch for all but a BatchSource
}
