/**
 * Images of what a network is tested with, by their places.
 *
 * @module
 */
import { DataLoader, type FitBatches, type Tensor } from "../../mod.ts";

/** An image as the network takes it. */
export interface TestImage {
  readonly place: number;
  /** Channels, height and width. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Its class; undefined where labels are no classes. */
  readonly label?: number | undefined;
}

/** Whether batches come in the same order each time, so that a place means something and a look changes nothing. */
export function hasPlaces(batches: FitBatches | undefined): batches is FitBatches {
  if (batches instanceof DataLoader) return !batches.stateDict().shuffle;
  return Array.isArray(batches);
}

/** The number of examples, where it is known before they are gone through. */
export function countOf(batches: FitBatches): number {
  if (batches instanceof DataLoader) return batches.dataset.length;
  return [...batches].reduce((sum, [x]) => sum + x.shape[0]!, 0);
}

/** Whether labels are classes: whole numbers, one an example. */
export function areClasses(y: Tensor): boolean {
  return y.dtype === "int32" && y.shape.length === 1;
}

/**
 * Reads images.
 *
 * @param batches Where they are.
 * @param places Their places; those that are not there are left out.
 * @returns The images by their places; none where an example is no image `[channels, height, width]`.
 */
export async function readImages(
  batches: FitBatches,
  places: readonly number[],
): Promise<Map<number, TestImage>> {
  if (!(batches instanceof DataLoader)) return await readFromArray(batches, places);
  const found = places.filter((place) => place < batches.dataset.length);
  if (found.length === 0) return new Map();
  const [x, y] = batches["examples"](Int32Array.from(found)) as readonly [Tensor, Tensor];
  try {
    return await imagesOf(x, y, found.map((place, row) => ({ place, row })));
  } finally {
    for (const t of [x, y]) t.dispose();
  }
}

async function readFromArray(
  batches: Iterable<readonly [x: Tensor, y: Tensor]>,
  places: readonly number[],
): Promise<Map<number, TestImage>> {
  const found = new Map<number, TestImage>();
  let first = 0;
  for (const [x, y] of batches) {
    const count = x.shape[0]!, rows = places.map((place) => ({ place, row: place - first }));
    const here = rows.filter(({ row }) => row >= 0 && row < count);
    for (const [place, image] of here.length > 0 ? await imagesOf(x, y, here) : []) found.set(place, image);
    first += count;
  }
  return found;
}

/** Reads rows of a batch as images. */
async function imagesOf(
  x: Tensor,
  y: Tensor,
  rows: readonly { place: number; row: number }[],
): Promise<Map<number, TestImage>> {
  const [count = 0, ...shape] = x.shape;
  if (shape.length !== 3) return new Map();
  const [pixels, labels] = await Promise.all([x.data(), areClasses(y) ? y.data() : undefined]);
  const size = pixels.length / count;
  return new Map(rows.map(({ place, row }) => {
    const values = Float32Array.from(pixels.subarray(row * size, (row + 1) * size));
    return [place, { place, shape, values, label: labels?.[row] }];
  }));
}
