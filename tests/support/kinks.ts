/**
 * What to make of elements beyond their tolerance in networks with kinks.
 *
 * In networks with ReLU or max pooling one activation that rounds to the other side of 0, or one window whose two best
 * values nearly tie, moves single elements of a gradient further than rounding does. There a tensor may have elements
 * beyond its tolerance if they are few and the tensor as a whole is close: at most one in fifty of the stored elements,
 * and an L2 distance of at most ten times that of PyTorch's float32 runs (`f32RelL2`), or of a thousandth of the gradient
 * or of the parameter's movement. The distance is that of the stored elements and, where not all are stored, what the
 * norm and the dot product with noise say of all.
 *
 * @module
 */
import { differences, noise, storedElements, type TensorRecord } from "./oracle.ts";

/** A record of a trajectory. */
export interface RunRecord extends TensorRecord {
  /** Ten times the spread of float32 runs; the only tolerance. */
  atol: number;
  /** Largest relative L2 distance of the float32 runs. */
  f32RelL2: number;
  /** L2 norm of what training has changed; absent for gradients and logits. */
  moveL2?: number;
}

/** What differs between a tensor and its record; with kinks, unless a few flips explain it. */
export function runDifferences(
  record: RunRecord,
  got: ArrayLike<number>,
  shape: readonly number[],
  kinks: boolean,
): string[] {
  const found = differences(record, got, shape, { rtol: 0, atol: record.atol });
  return found.length > 0 && kinks && shape.join() === record.shape.join() && isFlip(record, got)
    ? []
    : found;
}

function isFlip(record: RunRecord, got: ArrayLike<number>): boolean {
  const n = got.length, { digest } = record;
  const stored = storedElements(record, n).map(([i, want]) => Math.abs(got[i] - want));
  const beyond = stored.filter((distance) => !(distance <= record.atol)).length;
  const norm = digest?.l2 ?? Math.hypot(...record.values!.map(Number));
  const distances = [Math.hypot(...stored) * Math.sqrt(n / stored.length)];
  if (digest) {
    const weights = noise(0x5eee, n);
    let square = 0, dot = 0;
    for (let i = 0; i < n; i++) {
      square += got[i] ** 2;
      dot += got[i] * weights[i];
    }
    // the weights deviate by 0.29, and so does the dot product for each unit of distance; thrice that is rare
    distances.push(Math.abs(Math.sqrt(square) - norm), Math.abs(dot - digest.dot) / (3 * 0.29));
  }
  const limit = Math.max(10 * record.f32RelL2 * norm, 1e-3 * (record.moveL2 ?? norm));
  return beyond <= Math.max(1, stored.length / 50) && distances.every((d) => d <= limit);
}
