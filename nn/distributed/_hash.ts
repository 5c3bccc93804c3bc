/**
 * Short numbers that tell whether two ranks have the same.
 *
 * @module
 */

/** A hash of 32 bits (FNV-1a over words, with the words' order in it). */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  const whole = bytes.byteLength >> 2;
  const words = bytes.byteOffset % 4 === 0 ? new Uint32Array(bytes.buffer, bytes.byteOffset, whole) : null;
  for (let k = 0; k < (words ? whole : 0); k++) {
    hash = Math.imul(hash ^ words![k], 0x01000193);
    hash ^= hash >>> 15;
  }
  for (let k = words ? 4 * whole : 0; k < bytes.length; k++) hash = Math.imul(hash ^ bytes[k], 0x01000193);
  return hash | 0;
}

/** A hash of a text. */
export function hashOfText(text: string): number {
  return hashOf(new TextEncoder().encode(text));
}
