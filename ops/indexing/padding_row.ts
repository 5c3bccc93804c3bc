/**
 * Which row of an embedding stays as it is.
 *
 * @module
 */

/** The row that `paddingIdx` names, counted from 0, or null where there is none. */
export function paddingRow(what: string, rows: number, paddingIdx?: number | null): number | null {
  if (paddingIdx === undefined || paddingIdx === null) return null;
  if (!Number.isInteger(paddingIdx) || paddingIdx < -rows || paddingIdx >= rows) {
    throw new RangeError(
      `Cannot ${what} as paddingIdx must be one of the ${rows} rows: ${paddingIdx}`,
    );
  }
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}
