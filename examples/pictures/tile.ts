/**
 * Small pictures of one value a pixel: bringing them to a size, and what colour a value has.
 *
 * @module
 */
/** A picture of one value a pixel. */
export interface Tile {
  /** The values from 0 to 1, row by row. */
  values: ArrayLike<number>;
  height: number;
  width: number;
  /** Whether it is black to white, as an image is; else it is in the colours of an activation. */
  gray?: boolean | undefined;
  /** The green and the blue of each pixel, where `values` are the red. */
  greenBlue?: readonly [green: ArrayLike<number>, blue: ArrayLike<number>] | undefined;
}

export type Rgb = readonly [r: number, g: number, b: number];

// viridis of van der Walt and Smith (CC0), at quarters: as bright as it is large, for every kind of colour vision
const VIRIDIS: Rgb[] = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

/** The colour of a value; what is not a number is red. */
export function pixelColor(value: number, gray = false): Rgb {
  if (Number.isNaN(value)) return [255, 0, 0];
  const v = Math.min(1, Math.max(0, value));
  if (gray) return [Math.round(255 * v), Math.round(255 * v), Math.round(255 * v)];
  const place = Math.min(3, Math.floor(4 * v)), share = 4 * v - place;
  const [from, to] = [VIRIDIS[place], VIRIDIS[place + 1]];
  const mix = (c: 0 | 1 | 2) => Math.round(from![c] + share * (to![c] - from![c]));
  return [mix(0), mix(1), mix(2)];
}

/** The colour of a pixel of a picture. */
export function colorAt({ values, gray, greenBlue }: Tile, k: number): Rgb {
  if (!greenBlue) return pixelColor(values[k]!, gray);
  const [red, green, blue] = [values[k]!, greenBlue[0][k]!, greenBlue[1][k]!].map((v) =>
    pixelColor(v, true)[0]
  );
  return [red!, green!, blue!];
}

/** Brings values to 0 to 1 by the least and the greatest of them all, so that pictures can be compared. */
export function stretch(pictures: readonly ArrayLike<number>[]): number[][] {
  const arrays = pictures.map((values) => Array.from(values)), finite = arrays.flat().filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const range = finite.reduce((a, b) => Math.max(a, b), -Infinity) - low || 1;
  return arrays.map((values) => values.map((v) => (v - low) / range));
}

/** Brings a picture to another size: each pixel is the mean of the area that it covers. */
export function resample({ values, height, width, gray, greenBlue }: Tile, outH: number, outW: number): Tile {
  const spans = (size: number, out: number) =>
    Array.from({ length: out }, (_, i) => {
      const [start, end] = [i * size / out, (i + 1) * size / out];
      return Array.from({ length: Math.ceil(end) - Math.floor(start) }, (_, k) => Math.floor(start) + k)
        .map((at): [number, number] => [at, (Math.min(at + 1, end) - Math.max(at, start)) * out / size]);
    });
  const rows = spans(height, outH), columns = spans(width, outW);
  const means = (of: ArrayLike<number>) => {
    const result: number[] = [];
    for (const row of rows) {
      for (const column of columns) {
        let sum = 0;
        for (const [y, a] of row) for (const [x, b] of column) sum += a * b * of[y * width + x]!;
        result.push(sum);
      }
    }
    return result;
  };
  const resampled: Tile = { values: means(values), height: outH, width: outW, gray };
  return greenBlue ? { ...resampled, greenBlue: [means(greenBlue[0]), means(greenBlue[1])] } : resampled;
}
