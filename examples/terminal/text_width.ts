/**
 * How many columns a text takes in a terminal.
 *
 * @module
 */

// deno-lint-ignore no-control-regex
const PIECES = /\x1b\[[0-9;]*m|[^]/gu;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function pieceWidth(piece: string): number {
  if (piece.length > 2 || /\p{M}/u.test(piece)) return 0; // a colour, or an accent on what stands before it
  return WIDE.test(piece) ? 2 : 1;
}

/**
 * Counts the columns that a line takes: none for colours, two for Chinese characters.
 *
 * @param line A line without control characters but colours.
 * @returns The line's width in columns.
 */
export function displayWidth(line: string): number {
  return (line.match(PIECES) ?? []).reduce((sum, piece) => sum + pieceWidth(piece), 0);
}

/**
 * Cuts a line off at a width, keeping the colour codes beyond it so that none stays switched on.
 *
 * @param line A line without control characters but colours.
 * @param columns The most columns it may take.
 * @returns The line's beginning.
 */
export function clip(line: string, columns: number): string {
  let left = columns;
  return (line.match(PIECES) ?? []).filter((piece) => {
    const width = pieceWidth(piece);
    if (width > 0) left -= width;
    return width === 0 ? left >= 0 || piece.startsWith("\x1b") : left >= 0;
  }).join("");
}
