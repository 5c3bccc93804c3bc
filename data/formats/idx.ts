/**
 * IDX, the file format of MNIST and its kin: a type, a rank, the sizes, then the elements, all big-endian.
 *
 * The format is described on the MNIST page of LeCun, Cortes and Burges.
 *
 * @module
 */
import { hex, recognize } from "./recognize.ts";
import { type GunzipOptions, gunzipStart, gunzipSync, MAX_BYTES, MOST_BYTES, TooLong } from "./gunzip.ts";
import { signature } from "../../ops/core/signature.ts";
import { BYTES } from "../../ops/core/kinds.ts";

/** The element types of IDX, and the typed array that holds each. */
export interface IdxTypes {
  /** Type code 0x08. */
  uint8: Uint8Array;
  /** Type code 0x09. */
  int8: Int8Array;
  /** Type code 0x0B. */
  int16: Int16Array;
  /** Type code 0x0C. */
  int32: Int32Array;
  /** Type code 0x0D. */
  float32: Float32Array;
  /** Type code 0x0E. */
  float64: Float64Array;
}

/** Name of an element type of IDX. */
export type IdxDType = keyof IdxTypes;

/** An array as an IDX file holds it. */
export interface IdxArray<T extends IdxDType = IdxDType> {
  /** The element type. */
  readonly dtype: T;
  /** The sizes, outermost first; empty for a single number. */
  readonly shape: readonly number[];
  /** The elements, row-major, in the machine's byte order. */
  readonly data: IdxTypes[T];
}

const DTYPES = new Map<number, { dtype: IdxDType; width: number }>([
  [0x08, { dtype: "uint8", width: 1 }],
  [0x09, { dtype: "int8", width: 1 }],
  [0x0b, { dtype: "int16", width: 2 }],
  [0x0c, { dtype: "int32", width: 4 }],
  [0x0d, { dtype: "float32", width: 4 }],
  [0x0e, { dtype: "float64", width: 8 }],
]);

function refuse(mustHold: string, found: string): SyntaxError {
  return new SyntaxError(`Cannot parse IDX as ${mustHold}: ${found}`);
}

/** Reads the elements, which start at `offset` of `bytes` and fill the rest of it. */
function readElements(dtype: IdxDType, bytes: Uint8Array, offset: number): IdxTypes[IdxDType] {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.byteLength - offset);
  switch (dtype) {
    case "uint8":
      return bytes.subarray(offset); // 47 MB of images are not copied
    case "int8":
      return new Int8Array(view.buffer, view.byteOffset, view.byteLength);
    case "int16":
      return Int16Array.from({ length: view.byteLength / 2 }, (_, i) => view.getInt16(2 * i));
    case "int32":
      return Int32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getInt32(4 * i));
    case "float32":
      return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i));
    case "float64":
      return Float64Array.from({ length: view.byteLength / 8 }, (_, i) => view.getFloat64(8 * i));
  }
}

/** What the header says. */
interface Header {
  readonly dtype: IdxDType;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly offset: number;
  /** The bytes of the elements. */
  readonly size: number;
}

/** The bytes of the longest header there is, of rank 255. */
const LONGEST_HEADER = 4 + 4 * 255;

function readHeader(bytes: Uint8Array): Header {
  if (bytes.length < 4) throw refuse("its magic number takes 4 bytes", `found ${bytes.length}`);
  const [zero0, zero1, code, rank] = bytes as Iterable<number> as [number, number, number, number];
  if (zero0 !== 0 || zero1 !== 0) {
    const what = recognize(bytes);
    throw refuse(
      "a file must begin with two zero bytes",
      what ? `it is ${what}` : `found ${hex(zero0)} ${hex(zero1)}`,
    );
  }
  const type = DTYPES.get(code);
  if (type === undefined) {
    throw refuse(`its type must be one of ${[...DTYPES.keys()].map(hex).join(", ")}`, `found ${hex(code)}`);
  }
  const { dtype, width } = type;
  const offset = 4 + 4 * rank;
  if (bytes.length < offset) {
    throw refuse(`a header of rank ${rank} takes ${offset} bytes`, `found ${bytes.length}`);
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, offset);
  const shape = Array.from({ length: rank }, (_, d) => header.getUint32(4 + 4 * d));
  // a zero anywhere makes it empty, even where the other sizes multiply to infinity
  const size = shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, width);
  return { dtype, shape, offset, size };
}

function refuseSize({ dtype, shape, size }: Header, found: number | string): SyntaxError {
  return refuse(
    `${dtype} of shape ${showShort(shape)} takes ${size} bytes after its header`,
    `found ${found}`,
  );
}

/** A shape as errors show it; of one of many sizes, the first. */
function showShort(shape: readonly number[]): string {
  return `[${shape.slice(0, 8).join(", ")}${shape.length > 8 ? ", …" : ""}]`;
}

/** Unpacks a file, as far as the header in it says that it goes. */
function unpack(bytes: Uint8Array, most: number): Uint8Array {
  const start = gunzipStart(bytes);
  if (start.length < LONGEST_HEADER) return gunzipSync(bytes, { maxBytes: most });
  const header = readHeader(start), whole = header.offset + header.size;
  if (whole > most) {
    throw new RangeError(
      `Cannot parse IDX as what is packed must become at most ${most} bytes (maxBytes: another number): ` +
        `${header.dtype} of shape ${showShort(header.shape)} takes ${whole}`,
    );
  }
  try {
    return gunzipSync(bytes, { maxBytes: whole });
  } catch (error) {
    throw error instanceof TooLong ? refuseSize(header, "more") : error;
  }
}

const takes = signature<GunzipOptions>("parse IDX", { bytes: BYTES }, { maxBytes: MAX_BYTES });

/**
 * Parses an IDX file of any element type and rank, packed with gzip or not.
 *
 * Bytes that are not packed are not copied where the elements are single bytes: `data` then is a view of them.
 * Unpacking gzip here needs Node's zlib, which Deno has; in a browser, `await gunzip(bytes)` first. No more is unpacked
 * than the header says that there is.
 *
 * @param bytes The whole file.
 * @param options How many bytes it may become, if it is packed.
 * @returns The element type, the shape and the elements.
 * @throws {SyntaxError} If the file is corrupt, truncated or goes on after its last element.
 * @throws {RangeError} If it is packed and has more than `maxBytes`, or says so.
 * @throws {TypeError} If the bytes are packed and this runtime cannot unpack them without waiting.
 *
 * @example Usage
 * ```ts
 * import { parseIdx } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * const labels = parseIdx(new Uint8Array([0, 0, 0x08, 1, 0, 0, 0, 3, 9, 0, 2]));
 * assertEquals(labels, { dtype: "uint8", shape: [3], data: new Uint8Array([9, 0, 2]) });
 * ```
 */
export function parseIdx(bytes: Uint8Array, options: GunzipOptions = {}): IdxArray {
  takes(arguments);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = unpack(bytes, options.maxBytes ?? MOST_BYTES);
  const header = readHeader(bytes), { dtype, shape, offset, size } = header;
  if (bytes.length - offset !== size) throw refuseSize(header, bytes.length - offset);
  return { dtype, shape, data: readElements(dtype, bytes, offset) };
}
