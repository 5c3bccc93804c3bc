/**
 * Rows of small pictures in a terminal, each beneath its title.
 *
 * @module
 */
import { type ColorDepth, halfBlocks } from "./half_blocks.ts";
import type { Tile } from "./tile.ts";

/** A picture and the lines above it. */
export interface TitledTile {
  readonly tile: Tile;
  readonly title: readonly string[];
}

/** How rows are set. */
export interface RowOptions {
  /** Pictures of a row. */
  readonly columns: number;
  /** The window's width. */
  readonly width: number;
  readonly depth: ColorDepth;
  /** Columns of the window that a picture takes, where there is room. */
  readonly side: number;
}

/**
 * Draws pictures in rows. Each is made as narrow as the window asks for, down to 4 columns; what finds no room then is left
 * out.
 *
 * @param pictures The pictures.
 * @param options How many stand in a row, and how wide.
 * @returns The lines. The last line of each title stands right above its picture.
 */
export function imageRows(pictures: readonly TitledTile[], options: RowOptions): string[] {
  const { columns, width, depth } = options;
  const side = Math.max(4, Math.min(options.side, Math.floor(width / columns) - 1));
  const lines: string[] = [];
  for (let at = 0; at < pictures.length; at += columns) {
    const row = pictures.slice(at, at + columns), above = Math.max(...row.map(({ title }) => title.length));
    const named = (line: number) =>
      row.map(({ tile, title }) => ({ tile, name: title[title.length - above + line] ?? "" }));
    for (let line = 0; line < above - 1; line++) lines.push(halfBlocks(named(line), width, depth, side)[0]!);
    lines.push(...halfBlocks(named(above - 1), width, depth, side).slice(above > 0 ? 0 : 1));
  }
  return lines;
}
