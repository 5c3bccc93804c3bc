/**
 * The pixels of a PNG: filters undone, samples read, channels converted.
 *
 * @module
 */
import { type Pass, type PngParts, refusePng } from "./_png_parts.ts";
import { channelsOf, type DecodedImage } from "./raster_image.ts";

/** The neighbour that Paeth's filter predicts from: left, above or above left, whichever their sum is nearest to. */
export function paeth(left: number, above: number, aboveLeft: number): number {
  const sum = left + above - aboveLeft;
  const [a, b, c] = [Math.abs(sum - left), Math.abs(sum - above), Math.abs(sum - aboveLeft)];
  return a <= b && a <= c ? left : b <= c ? above : aboveLeft;
}

/** Undoes the filters of a pass in place; `distance` is how many bytes the pixel to the left is away. */
function undoFilters(rows: Uint8Array, { height, rowBytes }: Pass, distance: number): void {
  for (let row = 0; row < height; row++) {
    const start = row * (rowBytes + 1), filter = rows[start]!;
    if (filter > 4) throw refusePng(`the filter of a row is ${filter}`);
    if (filter === 0) continue;
    for (let k = 0; k < rowBytes; k++) {
      const at = start + 1 + k, isFirst = k < distance;
      const left = isFirst ? 0 : rows[at - distance]!;
      const above = row === 0 ? 0 : rows[at - rowBytes - 1]!;
      const aboveLeft = isFirst || row === 0 ? 0 : rows[at - rowBytes - 1 - distance]!;
      if (filter === 1) rows[at]! += left;
      else if (filter === 2) rows[at]! += above;
      else if (filter === 3) rows[at]! += (left + above) >> 1;
      else rows[at]! += paeth(left, above, aboveLeft);
    }
  }
}

/** Reads the samples of a row, whole numbers of `depth` bits. */
function readSamples(row: Uint8Array, depth: number, into: Uint16Array): void {
  if (depth === 8) return into.set(row.subarray(0, into.length));
  for (let k = 0; k < into.length; k++) {
    if (depth === 16) {
      into[k] = row[2 * k]! << 8 | row[2 * k + 1]!;
      continue;
    }
    const bit = k * depth;
    into[k] = row[bit >> 3]! >> (8 - depth - (bit & 7)) & (1 << depth) - 1;
  }
}

/**
 * Makes the picture of the unpacked data.
 *
 * @param parts What the file says.
 * @param rows All rows, which are changed.
 */
export function pixelsOf(parts: PngParts, rows: Uint8Array): DecodedImage {
  const { width, height, depth, samples, passes } = parts, write = writerOf(parts);
  const channels = write.channels, data = new Uint8Array(width * height * channels);
  let start = 0;
  for (const pass of passes) {
    const end = start + pass.height * (pass.rowBytes + 1), own = rows.subarray(start, end);
    undoFilters(own, pass, Math.max(1, samples * depth >> 3));
    const line = new Uint16Array(pass.width * samples);
    for (let row = 0; row < pass.height; row++) {
      const from = row * (pass.rowBytes + 1) + 1;
      readSamples(own.subarray(from, from + pass.rowBytes), depth, line);
      const first = (pass.y + row * pass.stepY) * width + pass.x;
      for (let k = 0; k < pass.width; k++) {
        write.pixel(line, k * samples, data, (first + k * pass.stepX) * channels);
      }
    }
    start = end;
  }
  return { width, height, data };
}

/** What makes bytes of the samples of a pixel. */
interface Writer {
  readonly channels: number;
  pixel(samples: Uint16Array, from: number, data: Uint8Array, at: number): void;
}

function writerOf({ depth, samples, palette, transparency }: PngParts): Writer {
  if (palette) return paletteWriter(palette, transparency);
  const most = 2 ** depth - 1;
  const key = transparency && samples % 2 === 1 // where there is no opacity already
    ? Array.from(
      { length: samples },
      (_, c) => (transparency[2 * c] ?? 0) << 8 | (transparency[2 * c + 1] ?? 0),
    )
    : undefined;
  return {
    channels: samples + (key ? 1 : 0),
    pixel(line, from, data, at) {
      for (let c = 0; c < samples; c++) {
        const value = line[from + c]!;
        data[at + c] = depth === 8 ? value : Math.round(255 * value / most);
      }
      if (key) data[at + samples] = key.every((value, c) => line[from + c] === value) ? 0 : 255;
    },
  };
}

function paletteWriter(palette: Uint8Array, opacity: Uint8Array | undefined): Writer {
  const count = Math.floor(palette.length / 3);
  return {
    channels: opacity ? 4 : 3,
    pixel(line, from, data, at) {
      const color = line[from]!;
      if (color >= count) throw refusePng(`a pixel has colour ${color} of a palette of ${count}`);
      data.set(palette.subarray(3 * color, 3 * color + 3), at);
      if (opacity) data[at + 3] = opacity[color] ?? 255;
    },
  };
}

/** Gives each pixel another number of values. */
export function convertChannels(image: DecodedImage, channels: number): DecodedImage {
  const { width, height, data } = image, own = channelsOf(image);
  if (own === channels) return image;
  const converted = new Uint8Array(width * height * channels), isOpaque = own % 2 === 1;
  for (let k = 0; k < width * height; k++) {
    const from = k * own, at = k * channels, red = data[from]!;
    const [green, blue] = own < 3 ? [red, red] : [data[from + 1]!, data[from + 2]!];
    if (channels < 3) converted[at] = own < 3 ? red : Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    else converted.set([red, green, blue], at);
    if (channels % 2 === 0) converted[at + channels - 1] = isOpaque ? 255 : data[from + own - 1]!;
  }
  return { width, height, data: converted };
}
