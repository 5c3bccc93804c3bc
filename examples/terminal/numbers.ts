/**
 * Numbers as people read them.
 *
 * @module
 */

/** A number with an exponent, `1.35e11`, without zeros and signs that say nothing. */
function withExponent(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits).split("e");
  return `${Number(mantissa)}e${Number(exponent)}`;
}

/**
 * Writes a number with a fixed count of decimals, or with an exponent where that would be a row of digits or of zeros.
 *
 * @param value The number.
 * @param decimals How many decimals there are.
 * @returns The number in characters.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatFixed } from "./numbers.ts";
 *
 * assertEquals([0.4612, 2.3, 135475830784, 4e-7, NaN].map((v) => formatFixed(v)), [
 *   "0.461",
 *   "2.300",
 *   "1.35e11",
 *   "4e-7",
 *   "NaN",
 * ]);
 * ```
 */
export function formatFixed(value: number, decimals = 3): string {
  const size = Math.abs(value), isPlain = size < 1e5 && size >= 0.5 * 10 ** -decimals;
  return value === 0 || !Number.isFinite(value) || isPlain ? value.toFixed(decimals) : withExponent(value, 2);
}

/**
 * Writes a number in as few characters as three digits need, `0.3` or `1.35e11`.
 *
 * @param value The number.
 * @returns The number in characters.
 */
export function formatShort(value: number): string {
  const size = Math.abs(value), isPlain = size < 1e5 && size >= 1e-4;
  if (value === 0 || !Number.isFinite(value)) return String(value === 0 ? 0 : value);
  return isPlain ? String(Number(value.toPrecision(size >= 1000 ? 5 : 3))) : withExponent(value, 2);
}
