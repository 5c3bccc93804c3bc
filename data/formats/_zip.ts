/**
 * Zip archives whose files are stored as they are, as PyTorch writes them.
 *
 * The format is described at https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
 *
 * @module
 */
import { crc32 } from "./_crc32.ts";

/** Bytes of a file's entry in the directory, of its header before its content, and of the archive's end, names left out. */
const ENTRY = 46, HEADER = 30, END = 22;
/** Bytes that a comment behind the archive's end may take. */
const LONGEST_COMMENT = 65535;
/** The method of packing that leaves the bytes as they are. */
const STORED = 0;

/** Makes an error of what must hold, and of what was found. */
type Refuse = (mustHold: string, found: string) => Error;

/** Where the archive's end is described, behind which there may be a comment; -1 where it is nowhere. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (
      view.getUint32(at, true) === 0x06054b50 && at + END + view.getUint16(at + 20, true) <= view.byteLength
    ) {
      return at;
    }
  }
  return -1;
}

/**
 * Reads an archive's directory.
 *
 * @param bytes The whole archive.
 * @param refuse Makes the error for what cannot be read.
 * @returns What gives the files' contents, by their names: views of the bytes, when their checksums were checked.
 */
export function readZip(bytes: Uint8Array, refuse: Refuse): Map<string, () => Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), end = findEnd(view);
  if (end < 0) throw refuse("a zip archive ends in its directory", "there is none, so it is cut short");
  const count = view.getUint16(end + 10, true), files = new Map<string, () => Uint8Array>();
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff) {
    throw refuse("a zip archive must have less than 65,535 files and 4 GiB", "it is a larger one (zip64)");
  }
  for (let k = 0; k < count; k++) {
    const left = end - at, length = left >= ENTRY ? view.getUint16(at + 28, true) : 0;
    const next = at + ENTRY + length +
      (left >= ENTRY ? view.getUint16(at + 30, true) + view.getUint16(at + 32, true) : 0);
    if (next > end || view.getUint32(at, true) !== 0x02014b50) {
      throw refuse(`the archive's directory must list ${count} files`, `it lists ${k}, so it is damaged`);
    }
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY, at + ENTRY + length));
    if (files.has(name)) throw refuse("every name must be there once", `${name} is there twice`);
    const entry = at;
    files.set(name, () => contentOf(bytes, view, entry, name, refuse));
    at = next;
  }
  return files;
}

/** The content of the file whose entry in the directory is at `entry`. */
function contentOf(
  bytes: Uint8Array,
  view: DataView,
  entry: number,
  name: string,
  refuse: Refuse,
): Uint8Array {
  const flags = view.getUint16(entry + 8, true), method = view.getUint16(entry + 10, true);
  const size = view.getUint32(entry + 20, true), header = view.getUint32(entry + 42, true);
  if (flags & 1) throw refuse("the archive's files must not be encrypted", `${name} is`);
  if (method !== STORED) {
    throw refuse(
      "the archive's files must be stored as they are, as PyTorch does (unpack it, then zip -0 -r)",
      `${name} is packed by method ${method}`,
    );
  }
  const isThere = header + HEADER <= bytes.length && view.getUint32(header, true) === 0x04034b50;
  const start = isThere
    ? header + HEADER + view.getUint16(header + 26, true) + view.getUint16(header + 28, true)
    : Infinity;
  if (start + size > bytes.length) {
    throw refuse(`${name} takes ${size} bytes`, "they are not there, so it is damaged");
  }
  const content = bytes.subarray(start, start + size), found = crc32(content);
  const wanted = view.getUint32(entry + 16, true);
  if (found === wanted) return content;
  throw refuse(
    `the checksum of ${name} must be ${wanted.toString(16)}`,
    `it is ${found.toString(16)}, so it is damaged`,
  );
}
