/**
 * Zip archives of stored files.
 *
 * @module
 */
import { crc32 } from "node:zlib";

/** Little-endian numbers of two or four bytes. */
function numbers(...values: readonly [width: 2 | 4, value: number][]): Uint8Array {
  const bytes = new Uint8Array(values.reduce((sum, [width]) => sum + width, 0)),
    view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of values) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  return bytes;
}

/** An archive of these files; `method` is what is written as their method of packing. */
export function zip(
  files: readonly (readonly [name: string, content: Uint8Array])[],
  method = 0,
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [], directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, content] of files) {
    const letters = new TextEncoder().encode(name), crc = crc32(content), { length } = content;
    const common = numbers([2, 0], [2, method], [4, 0], [4, crc], [4, length], [4, length], [
      2,
      letters.length,
    ], [2, 0]);
    const place = numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, at]);
    directory.push(numbers([4, 0x02014b50], [2, 0], [2, 0]), common, place, letters);
    parts.push(numbers([4, 0x04034b50], [2, 0]), common, letters, content);
    at += 30 + letters.length + length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0), count = files.length;
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, at], [2, 0]);
  return Uint8Array.from([...parts, ...directory, end].flatMap((part) => [...part]));
}
