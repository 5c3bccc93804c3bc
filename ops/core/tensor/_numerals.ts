/**
 * Numbers as texts, rounded half to even as C and Python do: JavaScript rounds what lies in the middle up.
 *
 * @module
 */

/** Digits that tell every number in the middle of two apart from its neighbours. */
const EXACT = 100;

/** The rounded digits: those of `rounded`, or of `exact` cut off where that lies in the middle and ends in an even digit. */
function toEven(rounded: string, exact: string, digits: number): string {
  const end = exact.indexOf(".") + 1 + digits, kept = exact.slice(0, end), rest = exact.slice(end);
  const last = Number(kept.at(-1) === "." ? kept.at(-2) : kept.at(-1));
  return /^50*$/.test(rest) && last % 2 === 0 ? kept.replace(/\.$/, "") : rounded;
}

function signed(value: number, text: string): string {
  return value < 0 || Object.is(value, -0) ? `-${text}` : text;
}

/** A number with so many digits behind the point: `fixed(0.5, 0)` is `"0"`. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const size = Math.abs(value);
  if (size >= 1e21) { // where `toFixed` changes its form; such numbers are whole
    return signed(value, `${BigInt(size)}${digits > 0 ? `.${"0".repeat(digits)}` : ""}`);
  }
  return signed(value, toEven(size.toFixed(digits), size.toFixed(EXACT), digits));
}

/** A number as a digit, so many behind the point, and a power of ten of two digits at least: `1.5000e-05`. */
export function exponential(value: number, digits: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  const size = Math.abs(value), [exact, power] = size.toExponential(EXACT).split("e");
  const [rounded, own] = size.toExponential(digits).split("e");
  const mantissa = toEven(rounded!, exact!, digits), exponent = mantissa === rounded ? own! : power!;
  return signed(value, `${mantissa}e${exponent.replace(/^([+-])(\d)$/, "$10$2")}`);
}

function notFinite(value: number): string {
  return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
}
