/**
 * How values look when PyTorch prints them.
 *
 * @module
 */

/** A pair as Python prints a tuple; a number for both as the tuple of it twice. */
export function tuple(value: number | readonly [number, number]): string {
  const [a, b] = typeof value === "number" ? [value, value] : value;
  return `(${a}, ${b})`;
}

/** A number as it is, a pair as a tuple. */
export function numberOrTuple(value: number | readonly [number, number]): string {
  return typeof value === "number" ? `${value}` : tuple(value);
}

/** A boolean as Python prints it. */
export function bool(value: boolean): string {
  return value ? "True" : "False";
}

/** Numbers of any count as Python prints a tuple. */
export function list(values: readonly number[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`;
}

/** A number as Python prints a float: `1.0`, `0.1`, `1e-05`. */
export function float(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (value !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}
