/**
 * The checksum CRC-32 of zip archives and PNG files.
 *
 * @module
 */

/** Remainders of the polynomial of CRC-32 for each byte. */
const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The checksum of bytes. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let at = 0; at < bytes.length; at++) crc = REMAINDERS[(crc ^ bytes[at]!) & 255]! ^ crc >>> 8;
  return ~crc >>> 0;
}
