/**
 * The checksum of TensorBoard's records: CRC-32C, Castagnoli's polynomial (RFC 3720, appendix B.4), and masked, as a record
 * may hold other records: https://github.com/google/leveldb/blob/main/util/crc32c.h.
 *
 * @module
 */

const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** The CRC-32C of bytes. */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  for (let at = 0; at < bytes.length; at++) crc = REMAINDERS[(crc ^ bytes[at]) & 255] ^ crc >>> 8;
  return ~crc >>> 0;
}

/** The CRC-32C of bytes as records have it: turned by 15 bits, with a constant added. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (crc >>> 15 | crc << 17) + 0xa282ead8 >>> 0;
}
