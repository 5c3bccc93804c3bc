/**
 * Philox 4x32-10, a counter-based random number generator: the same numbers on the CPU and on every GPU.
 *
 * Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
 *
 * @module
 */

/** Four 32-bit words. */
export type Block = [number, number, number, number];

const M0 = 0xd2511f53, M1 = 0xcd9e8d57, W0 = 0x9e3779b9, W1 = 0xbb67ae85, ROUNDS = 10;

/** The block of random words that belongs to a counter and a key. */
export function philox(counter: Block, key: readonly [number, number]): Block {
  let [c0, c1, c2, c3] = counter, [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(M0, c0), low0 = Math.imul(M0, c0) >>> 0;
    const high1 = mulHigh(M1, c2), low1 = Math.imul(M1, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Upper half of the 64-bit product. */
function mulHigh(a: number, b: number): number {
  const al = a & 0xffff, ah = a >>> 16, bl = b & 0xffff, bh = b >>> 16;
  const middle = ah * bl + ((al * bl) >>> 16);
  const low = al * bh + (middle % 0x10000);
  return (ah * bh + Math.floor(middle / 0x10000) + Math.floor(low / 0x10000)) >>> 0;
}

/** A word as a float32 in [0, 1): its upper 24 bits, so that every value is exact. */
export function unit(word: number): number {
  return (word >>> 8) / 0x1000000;
}

/**
 * WGSL of the same: `random_unit(n, key0, key1, call0, call1)` is element `n` of the stream that a key and the number
 * of a call name, as a float32 in [0, 1). Every element takes its word from the block of its group of four.
 */
export const PHILOX_WGSL = /* wgsl */ `fn mul_high(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu; let ah = a >> 16u; let bl = b & 0xffffu; let bh = b >> 16u;
  let middle = ah * bl + ((al * bl) >> 16u);
  let low = al * bh + (middle & 0xffffu);
  return ah * bh + (middle >> 16u) + (low >> 16u);
}
fn random_unit(n: i32, key0: i32, key1: i32, call0: i32, call1: i32) -> f32 {
  var c = vec4u(u32(n) >> 2u, 0u, u32(call0), u32(call1));
  var k = vec2u(u32(key0), u32(key1));
  for (var round = 0u; round < ${ROUNDS}u; round++) {
    c = vec4u(mul_high(${M1}u, c.z) ^ c.y ^ k.x, ${M1}u * c.z, mul_high(${M0}u, c.x) ^ c.w ^ k.y, ${M0}u * c.x);
    k += vec2u(${W0}u, ${W1}u);
  }
  return f32(c[u32(n) & 3u] >> 8u) * 0x1p-24;
}
`;
