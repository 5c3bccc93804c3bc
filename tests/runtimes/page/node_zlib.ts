/**
 * What tests use of `node:zlib`, in a page: the checksum of zip archives. Packing without waiting there is none.
 *
 * @module
 */
import { NotHere } from "../registry.ts";

const REMAINDERS = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** The CRC-32 of bytes. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = REMAINDERS[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Packing without waiting. */
export function gzipSync(): never {
  throw new NotHere("node:zlib is not in this runtime");
}
export const deflateSync: () => never = gzipSync;
