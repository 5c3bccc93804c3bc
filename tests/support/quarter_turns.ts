/**
 * The quarter turns in an angle, exactly.
 *
 * @module
 */

/** Bits after the point. */
const BITS = 300n;
/** A quarter turn, pi/2, in 2^-300. */
const QUARTER = (() => {
  const digits =
    "31415926535897932384626433832795028841971693993751058209749445923078164062862089986280348253421170679";
  return (BigInt(digits) << BITS) / (2n * 10n ** 100n);
})();

/** An angle as the nearest count of quarter turns, modulo 4 and with its sign, and the rest, from -pi/4 to pi/4. */
export function quarterTurns(x: number): { count: number; rest: number } {
  const [bits] = new Uint32Array(Float32Array.of(x).buffer), exponent = (bits >>> 23) & 0xff;
  const whole = BigInt((bits & 0x7fffff) | (exponent > 0 ? 0x800000 : 0));
  const angle = (whole << BITS) * 2n ** BigInt(Math.max(1, exponent)) / 2n ** 150n;
  const count = (2n * angle + QUARTER) / (2n * QUARTER), rest = angle - count * QUARTER;
  const size = rest < 0n ? -rest : rest, shift = BigInt(Math.max(0, size.toString(2).length - 60));
  const value = Number(size >> shift) * 2 ** Number(shift - BITS) * (rest < 0n ? -1 : 1);
  return x < 0 ? { count: -Number(count % 4n), rest: -value } : { count: Number(count % 4n), rest: value };
}
