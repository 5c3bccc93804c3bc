/**
 * The rows of sources that a tile of a direct convolution multiplies, and the products of a turn.
 *
 * @module
 */
import { all, range } from "../../wgsl/text.ts";
import { type ConvolutionAxis, sourceOffset } from "../geometry.ts";
import type { DirectText } from "./kernel.ts";
import type { RowLoader } from "../load_rows.ts";
import type { WindowLoader } from "../load_window.ts";

/** The source rows that a turn has at hand. */
export interface SourceRows {
  readonly code: string;
  readonly kernelRows: readonly { readonly ky: number; readonly expression: string }[];
  /** What row `r` of the tile multiplies with kernel row `ky`, at a column offset; null where there is nothing. */
  at(r: number, ky: number, column: number): string | null;
}

/** Turns of the loop over kernel rows in order "rows". */
export function rowTurns(rows: ConvolutionAxis): number {
  return rows.transposed && rows.dilation === 1 ? Math.ceil(rows.taps / rows.stride) : rows.taps;
}

/** The rows of turn `t`: a piece for every row of the tile. */
export function loopedRows({ call, tile, loader }: DirectText): SourceRows {
  const { stride, dilation, pad, taps, source, transposed } = call.rows, pieces = loader as RowLoader;
  const lines: string[] = [];
  const load = (r: number, row: string, conditions: string[]) => {
    const checks = [...conditions, `${row} >= 0`, `${row} < ${source}`];
    const inside = `u32(clamp(${row}, 0, ${source - 1}))`;
    lines.push(
      `let p${r} = ${all(...checks)};`,
      `let start${r} = ((source0 + s) * ${source}u + ${inside}) * ${call.cols.source}u;`,
      pieces.load("x", `x${r}`, `start${r}`, "column", `p${r}`),
    );
  };
  if (transposed && stride > 1) {
    // Only every stride-th kernel row meets a source; which one depends on the row, so the tile has one row.
    if (dilation === 1) {
      lines.push(`let ky = (row0 + ${pad}u) % ${stride}u + t * ${stride}u;`);
      lines.push(`let r0 = i32((row0 + ${pad}u) / ${stride}u) - i32(t);`);
      load(0, "r0", [`ky < ${taps}u`]);
    } else {
      lines.push(
        `let ky = t;`,
        `let at = i32(row0) + ${pad} - i32(t) * ${dilation};`,
        `let r0 = at / ${stride};`,
      );
      load(0, "r0", ["at >= 0", `at % ${stride} == 0`]);
    }
  } else {
    lines.push("let ky = t;");
    for (const r of range(tile.rows)) {
      const at = `i32(row0 + ${r}u) * ${stride}`;
      const tap = `i32(t) * ${dilation}`;
      lines.push(`let r${r} = ${transposed ? `${at} + ${pad} - ${tap}` : `${at} + ${tap} - ${pad}`};`);
      load(r, `r${r}`, []);
    }
  }
  const expression = `min(ky, ${taps - 1}u)`;
  return {
    code: lines.join("\n"),
    kernelRows: [{ ky: 0, expression }],
    at: (r, _ky, column) => pieces.at(`x${r}`, column),
  };
}

/** All rows that the tile meets, of source channel `s`. */
export function unrolledRows({ call, loader }: DirectText, s: string, name: string): SourceRows {
  const { rows } = call, window = loader as WindowLoader;
  return {
    code: window.load("x", name, `(source0 + ${s})`, "column"),
    kernelRows: range(rows.taps).map((ky) => ({ ky, expression: `${ky}u` })),
    at: (r, ky, column) => {
      const row = sourceOffset(rows, r, ky);
      return row === null ? null : window.at(name, row, column);
    },
  };
}

/** Accumulators that are worked on together, so that they and their sources stay in registers; half of a row of 28. */
export const COLUMN_BLOCK = 14;
/** Adds to one channel's accumulators all products of the pieces at hand. */
export function multiplyAdd(
  { call, tile, isFused }: DirectText,
  source: SourceRows["at"],
  kernelRows: readonly { ky: number; at: (kx: number) => string }[],
  acc: (r: number, j: number) => string,
): string {
  const lines: string[] = [];
  for (const r of range(tile.rows)) {
    for (let block = 0; block < tile.cols; block += COLUMN_BLOCK) {
      for (const { ky, at } of kernelRows) {
        for (const j of range(Math.min(COLUMN_BLOCK, tile.cols - block)).map((k) => block + k)) {
          const terms = range(call.cols.taps).flatMap((kx) => {
            const offset = sourceOffset(call.cols, j, kx);
            const x = offset === null ? null : source(r, ky, offset);
            return x === null ? [] : [[x, at(kx)] as const];
          });
          if (terms.length > 0) lines.push(sumText(acc(r, j), terms, isFused));
        }
      }
    }
  }
  return lines.join("\n");
}

/** Adds products to a sum: as a chain of `fma`, or where an adapter has none as they are. */
function sumText(sum: string, terms: readonly (readonly [x: string, w: string])[], isFused: boolean): string {
  if (!isFused) return `${sum} += ${terms.map(([x, w]) => `${x} * ${w}`).join(" + ")};`;
  return `${sum} = ${terms.reduce((before, [x, w]) => `fma(${x}, ${w}, ${before})`, sum)};`;
}
