/**
 * The vocabulary of WGSL text that the generators share.
 *
 * @module
 */
/** Numbers 0 to `n` - 1. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
