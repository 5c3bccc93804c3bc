/**
 * Options that are one number for height and width, or one for each.
 *
 * @module
 */

/** Height and width, in this order. */
export type Pair = readonly [height: number, width: number];

/**
 * Checks a number or pair of whole numbers and makes it a pair.
 *
 * @throws {RangeError} If a number is not whole or lies below `least`.
 */
export function pair(op: string, name: string, value: number | readonly number[], least: number): Pair {
  const both = typeof value === "number" ? [value, value] : value;
  if (!Array.isArray(both) || both.length !== 2 || both.some((v) => !Number.isInteger(v) || v < least)) {
    throw new RangeError(
      `Cannot apply ${op} as ${name} must be a whole number from ${least} up, or two: ${
        JSON.stringify(value)
      }`,
    );
  }
  return [both[0], both[1]];
}
