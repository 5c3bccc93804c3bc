/**
 * The file of a checkpoint: a safetensors file whose metadata hold, as texts, the format's version, a checksum of the whole
 * file, and in JSON all that is no tensor.
 *
 * `plunge.checksum` is the SHA-256 of the file's bytes with zeros in the place of its 64 digits. It stands first in the
 * header, so that one can find it without a parser.
 *
 * @module
 */
import { sha256 } from "../../../data/checksums/sha256.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  safetensorsMetadata,
} from "../../../data/formats/safetensors.ts";
import { VERSION } from "../../../ops/core/version.ts";
import { describe, isPlainObject } from "../../../ops/core/describe.ts";
import type { Tensor } from "../../../ops/core/tensor/tensor.ts";
import { withoutTensors, withTensors } from "./_tree.ts";

/** The version of the format that is written, and the newest that is read. */
export const FORMAT = 1;

const CHECKSUM = "plunge.checksum", FORMAT_NAME = "plunge.checkpoint", STATE = "plunge.state";
const LIBRARY = "plunge.version";
const NO_DIGITS = "0".repeat(64);

/** What a file holds: values with tensors in them, by the names of the parts. */
export type Content = Record<string, unknown>;

/** A file that was read. */
export interface Decoded {
  /** What it holds; the tensors were made by the call. */
  readonly content: Content;
  /** The version of the library that wrote it. */
  readonly version: string;
}

/**
 * Writes a file. The tensors are copied before the first wait: what is done to them afterwards does not matter.
 *
 * @param content What the file is to hold.
 * @returns The file's bytes. Rejects with a `TypeError` if a value is none that can be written.
 */
export async function encodeCheckpoint(content: Content): Promise<Uint8Array<ArrayBuffer>> {
  const tensors: Record<string, Tensor> = {}, state: Content = {};
  for (const [name, value] of Object.entries(content)) {
    if (value === undefined) continue;
    state[name] = withoutTensors(value, name, tensors, (path, found) =>
      new TypeError(
        `Cannot save a checkpoint as ${path} must be a tensor, or what JSON has: ${found}`,
      ));
  }
  const bytes = await encodeSafetensors(tensors, {
    [CHECKSUM]: NO_DIGITS,
    [FORMAT_NAME]: `${FORMAT}`,
    [LIBRARY]: VERSION,
    format: "pt", // which other readers ask for
    [STATE]: JSON.stringify(state),
  });
  const digits = await sha256(bytes);
  bytes.set(new TextEncoder().encode(digits), placeOfDigits(bytes));
  return bytes;
}

/**
 * Says what is wrong with a file, as far as can be said without making its tensors.
 *
 * @param bytes The file.
 * @returns Nothing. Rejects with a `SyntaxError` if it is damaged or no checkpoint, with a `RangeError` if its format is
 *   newer than {@linkcode FORMAT}.
 */
export async function checkBytes(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const metadata = reading(() => safetensorsMetadata(bytes));
  const digits = metadata[CHECKSUM], format = metadata[FORMAT_NAME];
  if (digits === undefined && format === undefined) {
    throw refuse("it must be a checkpoint", "it is a safetensors file without the state of a training");
  }
  const right = await checksumOf(bytes);
  if (digits !== right) {
    throw refuse("its bytes must be those that were written", `its checksum is ${digits}, theirs ${right}`);
  }
  if (!(Number(format) <= FORMAT)) {
    throw new RangeError(
      `its format must be ${FORMAT} or older: it is ${format}, written by version ${
        metadata[LIBRARY]
      }, and this is version ${VERSION}`,
    );
  }
}

/**
 * Reads a file that {@linkcode checkBytes} has found to be right.
 *
 * @param bytes The file.
 * @returns What it holds, and what wrote it.
 */
export function decodeCheckpoint(bytes: Uint8Array): Decoded {
  const metadata = reading(() => safetensorsMetadata(bytes));
  const state: unknown = reading(() => JSON.parse(metadata[STATE]!));
  if (!isPlainObject(state)) throw refuse("its state must be of parts with names", describe(state));
  const tensors = reading(() => decodeSafetensors(bytes));
  return { content: withTensors(state, tensors) as Content, version: metadata[LIBRARY]! };
}

/** The checksum of a file that has one: of its bytes with zeros in the checksum's place. */
async function checksumOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const place = placeOfDigits(bytes), zeros = new TextEncoder().encode(NO_DIGITS);
  if (place < 0 || place + zeros.length > bytes.length) return "not where it should be";
  const digits = bytes.slice(place, place + zeros.length);
  bytes.set(zeros, place); // rather than in a copy of a large file
  try {
    return await sha256(bytes);
  } finally {
    bytes.set(digits, place);
  }
}

/** Where the checksum's digits begin; below 0 where there is none. */
function placeOfDigits(bytes: Uint8Array): number {
  const before = new TextEncoder().encode(`{"__metadata__":{"${CHECKSUM}":"`);
  return before.every((byte, k) => bytes[8 + k] === byte) ? 8 + before.length : -1;
}

function refuse(must: string, found: string): SyntaxError {
  return new SyntaxError(`${must}: ${found}`);
}

/** What goes wrong while a file is taken apart, as one sentence. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const reason = cause.message.replace(/^Cannot decode safetensors as /, "");
    throw new SyntaxError(`it must be a whole safetensors file: ${reason}`, { cause });
  }
}
