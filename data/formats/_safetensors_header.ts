/**
 * The header of safetensors, and all that can be wrong with it.
 *
 * @module
 */
import { duplicateKey } from "./_duplicate_key.ts";
import { recognize } from "./recognize.ts";
import { ELEMENT_NAMES, type ElementName, isElementName, TYPES } from "./_element_types.ts";
import { refusals } from "./_refusals.ts";

/** The header's key for what is no tensor. */
export const METADATA = "__metadata__";

/** What the header says of a tensor. */
export interface Entry {
  readonly name: string;
  readonly dtype: ElementName;
  readonly shape: readonly number[];
  /** Where its bytes begin and end in the data. */
  readonly begin: number;
  readonly end: number;
}

/** A file taken apart. */
export interface Parsed {
  readonly entries: readonly Entry[];
  readonly metadata: Record<string, string>;
  readonly data: DataView;
}

/** Bytes that a header may take, as in the format's own reader. */
const LONGEST_HEADER = 100_000_000;

const refuse = refusals("decode safetensors");

/** Reads and checks the header: afterwards every tensor's bytes are there, and belong to it alone. */
export function parseHeader(bytes: Uint8Array): Parsed {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw refuse("the header's length takes 8 bytes", `found ${bytes.length}`);
  const length = view.getBigUint64(0, true), fits = length <= BigInt(bytes.length - 8);
  const other = bytes[8] === 0x7b ? undefined : recognize(bytes);
  if (other) throw refuse("the bytes must be a safetensors file", `they are ${other}`);
  if (!fits) {
    throw refuse(
      `its header takes ${length} bytes`,
      `found ${bytes.length - 8}, so it is cut short or no safetensors file`,
    );
  }
  if (length > LONGEST_HEADER) {
    throw refuse(`its header takes at most ${LONGEST_HEADER} bytes`, `it takes ${length}`);
  }
  const start = 8 + Number(length);
  const { [METADATA]: metadata, ...tensors } = parseJson(bytes.subarray(8, start));
  const entries = Object.entries(tensors).map(([name, value]) => parseEntry(name, value));
  checkPlaces(entries, bytes.length - start);
  return {
    entries,
    metadata: parseMetadata(metadata),
    data: new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start),
  };
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== 0x7b) {
    const found = bytes.length === 0 ? "it is empty" : `it begins with 0x${bytes[0]!.toString(16)}`;
    throw refuse("its header must be a JSON object", found);
  }
  let text: string, value: Record<string, unknown>;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw refuse("its header must be a JSON object", (error as Error).message);
  }
  const twice = duplicateKey(text); // of which JSON.parse takes the last
  if (twice !== undefined) throw refuse("every name must be there once", `${quote(twice)} is there twice`);
  return value;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseEntry(name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (!isElementName(dtype)) {
    throw refuse(`the dtype of ${name} must be one of ${ELEMENT_NAMES.join(", ")}`, quote(dtype));
  }
  if (!Array.isArray(shape) || !shape.every(isWhole)) {
    throw refuse(`the shape of ${name} must be whole numbers`, quote(shape));
  }
  if (
    !Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isWhole) || offsets[0]! > offsets[1]!
  ) {
    throw refuse(`the data_offsets of ${name} must be where it begins and ends`, quote(offsets));
  }
  const [begin, end] = offsets as [number, number], elements = elementsOf(name, shape);
  const wanted = elements * TYPES[dtype].width;
  if (end - begin !== wanted) {
    throw refuse(
      `${name}, ${dtype} of shape [${shape.join(", ")}], takes ${wanted} bytes`,
      `its data_offsets are ${quote(offsets)}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** The number of elements. Sizes beside a zero are bounded too: as strides they would be numbers that nobody can hold. */
function elementsOf(name: string, shape: readonly number[]): number {
  const most = shape.reduce((product, size) => product * (size || 1), 1);
  if (most <= Number.MAX_SAFE_INTEGER) return shape.includes(0) ? 0 : most;
  throw refuse(`the sizes of ${name} must multiply to less than 2^53, zeros left out`, quote(shape));
}

/** Refuses tensors that overlap, and bytes that belong to none. */
function checkPlaces(entries: readonly Entry[], size: number): void {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== end) {
      throw refuse(
        `tensors must lie one after the other, the next at byte ${end}`,
        `${entry.name} begins at ${entry.begin}`,
      );
    }
    end = entry.end;
  }
  if (end !== size) throw refuse(`its tensors take ${end} bytes`, `found ${size}`);
}

function parseMetadata(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  const isTexts = typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string");
  if (!isTexts) throw refuse(`${METADATA} must be texts by name`, quote(value));
  return value as Record<string, string>;
}

function quote(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "it is missing";
  } catch {
    return "it is nested too deep to be shown";
  }
}
