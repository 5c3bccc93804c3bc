/**
 * Pictures as bytes on the CPU, between files and tensors.
 *
 * @module
 */
import type { Kind } from "../../ops/core/kinds.ts";

/** A picture of 8 bits a value, row by row, the channels of a pixel side by side. A browser's `ImageData` is one. */
export interface RasterImage {
  /** Pixels of a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /**
   * The values, 0 to 255, in a `Uint8Array` or `Uint8ClampedArray`: one a pixel is gray, two gray and opacity, three red,
   * green and blue, four these and opacity.
   */
  readonly data: ArrayLike<number>;
}

/** A picture that was read from a file. */
export interface DecodedImage extends RasterImage {
  /** The values, 0 to 255, the channels of a pixel side by side. */
  readonly data: Uint8Array;
}

/** How many values each pixel has. */
export function channelsOf({ width, height, data }: RasterImage): number {
  return data.length / (width * height);
}

/** What is a picture: its values fit its size. */
export const RASTER_IMAGE: Kind = {
  example: "image",
  objection: (value) => {
    const must = "a picture { width, height, data } of 1 to 4 bytes a pixel";
    if (typeof value !== "object" || value === null) return { must };
    const { width, height, data } = value as Partial<RasterImage>;
    const isPicture = isSize(width) && isSize(height) &&
      (data instanceof Uint8Array || data instanceof Uint8ClampedArray);
    if (!isPicture) return { must };
    if ([1, 2, 3, 4].includes(channelsOf({ width, height, data }))) return null;
    return { must, found: `${data.length} bytes of ${width} by ${height} pixels`, isRange: true };
  },
};

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number > 0;
}
