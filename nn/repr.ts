/**
 * How values look when PyTorch prints them.
 *
 * @module
 */

/** A pair as Python prints a tuple; a number for both as a tuple of the number twice. */
export function tuple(value: number | readonly [number, number]): string {
  const [a, b] = typeof value === "number" ? [value, value] : value;
  return `(${a}, ${b})`;
}

/** A number alone or a pair as a tuple, each number as `one` prints it. */
export function numberOrTuple(
  value: number | readonly [number, number],
  one: (value: number) => string = String,
): string {
  return typeof value === "number" ? one(value) : `(${value.map(one).join(", ")})`;
}

/** Numbers of any count as Python prints a tuple. */
export function list(values: readonly number[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`;
}

/** A boolean as Python prints it. */
export function bool(value: boolean): string {
  return value ? "True" : "False";
}

/** A number as Python prints a float: `1.0`, `1e-05`. */
export function float(value: number): string {
  const size = Math.abs(value);
  if (size > 0 && size < 1e-4) return value.toExponential().replace(/-(\d)$/, "-0$1");
  return Number.isInteger(value) ? value.toFixed(1) : `${value}`;
}
