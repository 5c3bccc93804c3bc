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
  readonly label?: number;
}

/** Whether batches come in the same order each time, so that a place means something and a look changes nothing. */
export function hasPlaces(batches: FitBatches | undefined): batches is FitBatches {
  if (batches instanceof DataLoader) return !batches.stateDict().shuffle;
  return Array.isArray(batches);
}

/** The number of examples, where it is known before they are gone through. */
export function countOf(batches: FitBatches): number {
  if (batches instanceof DataLoader) return batches.dataset.length;
  return [...batches].reduce((sum, [x]) => sum + x.shape[0], 0);
}

/** Goes through batches with the places of their first examples, as long as it is told to; what is left is freed. */
export async function eachBatch(
  batches: FitBatches,
  visit: (batch: readonly [x: Tensor, y: Tensor], first: number) => boolean | Promise<boolean>,
): Promise<void> {
  let first = 0;
  for (const [x, y] of batches) {
    const { shape: [count] } = x;
    if (!await visit([x, y], first)) {
      if (batches instanceof DataLoader) { for (const t of [x, y]) t.dispose(); // a loop that is left frees none
       }
      return;
    }
    first += count;
  }
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
  const found = new Map<number, TestImage>(), last = Math.max(-1, ...places);
  if (last < 0) return found;
  await eachBatch(batches, async ([x, y], first) => {
    const [count, ...shape] = x.shape, wanted = places.filter((p) => p >= first && p < first + count);
    if (shape.length !== 3) return false;
    if (wanted.length > 0) {
      const [pixels, labels] = await Promise.all([x.data(), areClasses(y) ? y.data() : undefined]);
      const size = pixels.length / count;
      for (const place of wanted) {
        const values = Float32Array.from(pixels.subarray((place - first) * size, (place - first + 1) * size));
        found.set(place, { place, shape, values, label: labels?.[place - first] });
      }
    }
    return first + count <= last;
  });
  return found;
}
