/**
 * Images to gather batches of, and reading all batches of a pass.
 *
 * @module
 */
import { DataLoader, type Dataset, type ImageDataset, type Tensor } from "../../mod.ts";

/** Images of 2 by 2 pixels: image i has the pixels 10 i, 10 i + 1, … and the label i. */
export function imageDataset(length: number, first = 0): ImageDataset {
  const ids = Uint8Array.from({ length }, (_, i) => first + i);
  const data = Uint8Array.from({ length: 4 * length }, (_, i) => 10 * ids[Math.floor(i / 4)] + i % 4);
  return {
    images: { dtype: "uint8", shape: [length, 2, 2], data },
    labels: { dtype: "uint8", shape: [length], data: ids },
    classes: [],
    length,
  };
}

/** All batches of a pass as nested arrays. */
export async function pass<B extends readonly Tensor[]>(
  dataset: Dataset<B>,
  batchSize: number,
): Promise<unknown[]> {
  const read: Promise<unknown>[] = [];
  for (const batch of new DataLoader(dataset, { batchSize })) {
    read.push(Promise.all(batch.map((t) => t.toArray())));
  }
  return await Promise.all(read);
}
