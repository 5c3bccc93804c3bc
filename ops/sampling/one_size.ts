/**
 * How large the result of resampling is.
 *
 * @module
 */
import type { InterpolateOptions } from "./interpolate.ts";

/** Refuses two ways to say how large the result is, and none. */
export function expectOneSize(action: string, { size, scaleFactor }: InterpolateOptions = {}): void {
  if ((size === undefined) !== (scaleFactor === undefined)) return;
  throw new RangeError(
    `Cannot ${action} as either size or scaleFactor must be given: ${
      size === undefined ? "neither was" : "both were"
    }`,
  );
}
