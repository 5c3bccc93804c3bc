/**
 * What gathers the batches of a data set, of whichever kind the data set is.
 *
 * @module
 */
import "../ops/methods.ts";
import { ImageSource } from "./_image_source.ts";
import { ItemSource } from "./_item_source.ts";
import type { Batch, BatchSource, Dataset, ItemDataset } from "./dataset.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";

/** One source for each data set, so that all users of a data set share what is on the GPU. */
const sources = new WeakMap<object, BatchSource<Batch>>();

function itemSource(dataset: ItemDataset): ItemSource {
  if (typeof dataset.get === "function") return new ItemSource(dataset);
  throw new TypeError(
    `Cannot iterate over a data set as it must have images and labels, get() or gather(): it has [${
      Object.keys(dataset).join(", ")
    }]`,
  );
}

/** Returns what gathers the batches of a data set. */
export function batchSource<B extends readonly Tensor[]>(dataset: Dataset<B>): BatchSource<B> {
  if ("gather" in dataset) return dataset;
  let source = sources.get(dataset);
  if (!source) {
    sources.set(dataset, source = "images" in dataset ? new ImageSource(dataset) : itemSource(dataset));
  }
  return source as BatchSource<readonly Tensor[]> as BatchSource<B>; // B is Batch for all but a BatchSource
}
