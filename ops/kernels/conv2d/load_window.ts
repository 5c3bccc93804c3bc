/**
 * Loading all source rows that a tile of rows meets, each once.
 *
 * @module
 */
import { all, range } from "../wgsl/text.ts";
import { type ConvolutionAxis, type Presence, presence, sourceOffset, tileStride } from "./geometry.ts";
import { columnLoader, columnOffsets, type RowLoader, suffix } from "./load_rows.ts";

/** A way to load the rows; `values` of them stay in registers. */
export interface WindowLoader {
  readonly lanes: 1 | 4;
  readonly cost: number;
  readonly values: number;
  /**
   * Statements that load the window of one plane.
   *
   * @param tensor What it is loaded from.
   * @param name Prefix of the variables.
   * @param plane u32 expression: index of the plane over batch and channels.
   * @param column u32 expression: the tile's number times its stride in columns. `row_tile` is in scope.
   */
  load(tensor: string, name: string, plane: string, column: string): string;
  /** The source at a row and column offset, null where it always lies outside. */
  at(name: string, row: number, column: number): string | null;
}

/** A row of the window: its offset, and whether it exists. */
interface Row {
  readonly offset: number;
  readonly there: Presence;
}

interface SourceWindow {
  readonly rows: ConvolutionAxis;
  readonly cols: ConvolutionAxis;
  readonly stride: number;
  readonly tiles: number;
  readonly needed: readonly Row[];
  readonly columns: readonly number[];
}

/** Chooses how the window of a tile is loaded: row by row, or as one run where rows share their groups of four. */
export function windowLoader(
  rows: ConvolutionAxis,
  cols: ConvolutionAxis,
  tile: { rows: number; cols: number },
): WindowLoader {
  const stride = tileStride(rows, tile.rows)!, tiles = Math.ceil(rows.out / tile.rows);
  const offsets = new Set(
    range(tile.rows).flatMap((r) => range(rows.taps).map((t) => sourceOffset(rows, r, t))).filter((o) =>
      o !== null
    ),
  );
  const needed = [...offsets].sort((a, b) => a - b)
    .map((offset) => ({ offset, there: presence(offset, stride, tiles, rows.source) }))
    .filter((r) => r.there !== "never");
  const columns = [...new Set(columnOffsets(cols, tile.cols))].sort((a, b) => a - b)
    .filter((o) =>
      presence(o, tileStride(cols, tile.cols)!, Math.ceil(cols.out / tile.cols), cols.source) !== "never"
    );
  const window = { rows, cols, stride, tiles, needed, columns };
  const byRow = rowByRow(window, columnLoader(cols, tile.cols));
  // Where planes and tiles begin at multiples of four, the place of every row in its group is known.
  const fixed = rows.source * cols.source % 4 === 0 && stride * cols.source % 4 === 0 &&
    tile.cols === cols.out;
  if (!fixed || cols.source % 4 === 0 || columns.length === 0) return byRow;
  const run = asRun(window);
  return run.cost < byRow.cost ? run : byRow;
}

/** Declares whether a row exists that not every tile has. */
function presenceText(name: string, { offset, there }: Row, { rows, stride }: SourceWindow): string[] {
  if (there === "always") return [];
  const row = `i32(row_tile) * ${stride} + ${offset}`;
  return [`let ${name}_p${suffix(offset)} = ${all(`${row} >= 0`, `${row} < ${rows.source}`)};`];
}

function rowByRow(window: SourceWindow, loader: RowLoader): WindowLoader {
  const { rows, cols, stride, needed, columns } = window;
  const known = new Set(needed.map((r) => r.offset));
  return {
    lanes: loader.lanes,
    cost: needed.length * loader.cost,
    values: needed.length * columns.length,
    load: (tensor, name, plane, column) =>
      needed.flatMap((r) => {
        const own = `${name}_r${suffix(r.offset)}`, row = `i32(row_tile) * ${stride} + ${r.offset}`;
        const check = r.there === "always" ? null : `${name}_p${suffix(r.offset)}`;
        const inside = check ? `clamp(${row}, 0, ${rows.source - 1})` : row;
        return [
          ...presenceText(name, r, window),
          `let ${own}_start = (${plane} * ${rows.source}u + u32(${inside})) * ${cols.source}u;`,
          loader.load(tensor, own, `${own}_start`, column, check),
        ];
      }).join("\n"),
    at: (name, row, column) => (known.has(row) ? loader.at(`${name}_r${suffix(row)}`, column) : null),
  };
}

function asRun(window: SourceWindow): WindowLoader {
  const { rows, cols, stride, tiles, needed, columns } = window;
  const width = cols.source, quads = rows.source * width / 4, hop = stride * width / 4;
  const quad = (row: number, column: number) => Math.floor((row * width + column) / 4);
  const groups = [...new Set(needed.flatMap((r) => columns.map((c) => quad(r.offset, c))))].sort((a, b) =>
    a - b
  );
  const known = new Map(needed.map((r) => [r.offset, r]));
  const inRow = new Set(columns);
  const some = needed.filter((r) => r.there === "sometimes");
  const value = (name: string, row: number, column: number) => {
    const place = row * width + column;
    return `${name}_g${suffix(quad(row, column))}[${((place % 4) + 4) % 4}]`;
  };
  return {
    lanes: 4,
    cost: groups.length * 17 + some.length * columns.length * 0.4,
    values: needed.length * columns.length,
    load: (tensor, name, plane) => {
      const lines = [`let ${name}_start = ${plane} * ${quads}u;`];
      for (const g of groups) {
        const at = `i32(row_tile) * ${hop} + ${g}`;
        const inside = presence(g, hop, tiles, quads) === "always" ? at : `clamp(${at}, 0, ${quads - 1})`;
        lines.push(`let ${name}_g${suffix(g)} = ${tensor}[${name}_start + u32(${inside})];`);
      }
      for (const r of some) {
        lines.push(...presenceText(name, r, window));
        const p = `${name}_p${suffix(r.offset)}`;
        lines.push(
          ...columns.map((c) =>
            `let ${name}_${suffix(r.offset)}_${c} = select(0.0, ${value(name, r.offset, c)}, ${p});`
          ),
        );
      }
      return lines.join("\n");
    },
    at: (name, row, column) => {
      const r = known.get(row);
      if (!r || !inRow.has(column)) return null;
      return r.there === "sometimes" ? `${name}_${suffix(row)}_${column}` : value(name, row, column);
    },
  };
}
