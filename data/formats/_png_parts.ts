/**
 * The chunks of a PNG file: found, checked, and what they say of its pixels.
 *
 * @module
 */
import { crc32 } from "./_crc32.ts";
import { cut } from "./_refusals.ts";

/** How a PNG begins. */
export const PNG_SIGNATURE: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Samples of a pixel and bits of a sample of each colour type. */
const TYPES: Readonly<Record<number, { samples: number; depths: readonly number[] }>> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

/** The seven passes of an interlaced picture: where the first pixel lies, and how far the next ones are. */
const ADAM7 = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
  0,
  1,
  1,
  2,
]];

/** A part of the picture whose rows follow one another in the file: all of it, or every so many pixels. */
export interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
  /** Bytes of a row without its filter's. */
  readonly rowBytes: number;
}

/** What a file says of its picture. */
export interface PngParts {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample. */
  readonly depth: number;
  readonly samples: number;
  /** The colours, three bytes each, where pixels are numbers of them. */
  readonly palette?: Uint8Array | undefined;
  /** The opacity of each colour, or the sample of each channel that stands for transparency, two bytes each. */
  readonly transparency?: Uint8Array | undefined;
  readonly passes: readonly Pass[];
  /** The packed pixels. */
  readonly data: readonly Uint8Array[];
}

/** Makes the error of a file that cannot be read. */
export function refusePng(found: string, cause?: unknown): SyntaxError {
  return new SyntaxError(`Cannot read a PNG as it must be whole and follow the format: ${cut(found)}`, {
    cause,
  });
}

/** Finds what is needed of a file, up to its end; what stands behind that is passed over. */
export function pngParts(bytes: Uint8Array, mostPixels: number): PngParts {
  if (!PNG_SIGNATURE.every((byte, k) => bytes[k] === byte)) {
    throw refusePng("it does not begin as a PNG does");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), data: Uint8Array[] = [];
  const found: Record<string, Uint8Array> = {};
  for (let at = 8, end; found.IEND === undefined; at = end) {
    end = at + 12 <= bytes.length ? at + 12 + view.getUint32(at) : Infinity;
    if (end > bytes.length) throw refusePng(`it ends early, after ${bytes.length} bytes`);
    const name = new TextDecoder("latin1").decode(bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, end - 4), isNeeded = /^[A-Z]/.test(name) || name === "tRNS";
    if (isNeeded && crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw refusePng(`the checksum of its ${name} is wrong`);
    }
    if ((at === 8) !== (name === "IHDR")) throw refusePng(`a chunk is misplaced: ${name}`);
    if (/^[A-Z]/.test(name) && !/^(IHDR|PLTE|IDAT|IEND)$/.test(name)) {
      throw refusePng(`it needs what is not known: ${name}`);
    }
    if (name === "IDAT") data.push(content);
    else if (isNeeded) found[name] ??= content;
  }
  const header = headerOf(found.IHDR!, mostPixels), isOfPalette = header.type === 3;
  if (isOfPalette && !found.PLTE) throw refusePng("its palette is missing");
  return { ...header, palette: isOfPalette ? found.PLTE : undefined, transparency: found.tRNS, data };
}

/** What the header says. */
function headerOf(header: Uint8Array, mostPixels: number) {
  if (header.length !== 13) throw refusePng(`its header has ${header.length} bytes`);
  const view = new DataView(header.buffer, header.byteOffset);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, type, compression, filter, interlace] = [...header.subarray(8)] as [
    number,
    number,
    number,
    number,
    number,
  ];
  const { samples, depths } = TYPES[type] ?? { samples: 0, depths: [] };
  if (!depths.includes(depth)) throw refusePng(`its colour type is ${type}, of ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw refusePng(
      `its methods of packing, filters and interlacing are ${compression}, ${filter}, ${interlace}`,
    );
  }
  if (width * height === 0 || width * height > mostPixels) {
    throw refusePng(`it is ${width} by ${height} pixels large`);
  }
  const passes = (interlace ? ADAM7 : [[0, 0, 1, 1]]).map(([x, y, stepX, stepY]) =>
    pass(x!, y!, stepX!, stepY!, width, height, samples * depth)
  );
  return { width, height, depth, type, samples, passes: passes.filter((p) => p.width * p.height > 0) };
}

function pass(
  x: number,
  y: number,
  stepX: number,
  stepY: number,
  width: number,
  height: number,
  bits: number,
): Pass {
  const [w, h] = [Math.ceil((width - x) / stepX), Math.ceil((height - y) / stepY)];
  return { x, y, stepX, stepY, width: w, height: h, rowBytes: Math.ceil(w * bits / 8) };
}
