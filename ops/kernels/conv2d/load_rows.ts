/**
 * Loading pieces of image rows into registers, in as few and as wide loads as the widths allow.
 *
 * @module
 */
import { all, range, vectorOf } from "../wgsl/text.ts";
import { type ConvolutionAxis, presence, sourceOffset, tileStride } from "./geometry.ts";

/** The piece of a row of `width` elements that tile `t` needs: elements `t stride + offset`. */
export interface RowPiece {
  readonly width: number;
  readonly tiles: number;
  readonly stride: number;
  readonly offsets: readonly number[];
}

/** A way to load a piece. */
export interface RowLoader {
  /** Elements of a load; the tensor is bound as such. */
  readonly lanes: 1 | 4;
  /** Estimated time on a CPU adapter, in nanoseconds for eight invocations. */
  readonly cost: number;
  /**
   * Statements that load the piece from `tensor` into variables named after `name`.
   *
   * @param start u32 expression: index of the row's first element.
   * @param column u32 expression: `t stride`.
   * @param present Condition under which the row exists, null where it always does.
   */
  load(tensor: string, name: string, start: string, column: string, present: string | null): string;
  /** The element at an offset as an expression, null where it always lies outside. */
  at(name: string, offset: number): string | null;
}

/** Chooses how a piece is loaded. */
function rowLoader(piece: RowPiece): RowLoader {
  const { width, tiles, stride } = piece;
  const offsets = [...new Set(piece.offsets)].sort((a, b) => a - b)
    .filter((o) => presence(o, stride, tiles, width) !== "never");
  const narrow = scalars({ ...piece, offsets });
  if (offsets.length < 2) return narrow;
  if (width % 4 === 0 && stride % 4 === 0) return cheaper(aligned({ ...piece, offsets }), narrow);
  return tiles === 1 ? cheaper(shifted({ ...piece, offsets }), narrow) : narrow;
}

function cheaper(a: RowLoader, b: RowLoader): RowLoader {
  return a.cost <= b.cost ? a : b;
}

/** The end of a variable's name, for an offset that may be negative. */
export function suffix(offset: number): string {
  return offset < 0 ? `m${-offset}` : `${offset}`;
}

/** Nanoseconds of eight invocations that a scalar's load takes. */
export const SCALAR_LOAD = 9;

function scalars({ width, tiles, stride, offsets }: RowPiece): RowLoader {
  const known = new Set(offsets);
  return {
    lanes: 1,
    cost: offsets.length * SCALAR_LOAD,
    load: (tensor, name, start, column, present) => {
      const lines = [`let ${name}_i = ${start} + ${column};`];
      for (const o of offsets) {
        const always = presence(o, stride, tiles, width) === "always";
        const at = `i32(${column}) + ${o}`;
        const index = always
          ? (o < 0 ? `${name}_i - ${-o}u` : `${name}_i + ${o}u`)
          : `${start} + u32(clamp(${at}, 0, ${width - 1}))`;
        const checks = [
          ...(present ? [present] : []),
          ...(always ? [] : [`${at} >= 0`, `${at} < ${width}`]),
        ];
        lines.push(`let ${name}_${suffix(o)} = ${masked(`${tensor}[${index}]`, "0.0", checks)};`);
      }
      return lines.join("\n");
    },
    at: (name, o) => (known.has(o) ? `${name}_${suffix(o)}` : null),
  };
}

function masked(value: string, zero: string, checks: readonly string[]): string {
  return checks.length === 0 ? value : `select(${zero}, ${value}, ${all(...checks)})`;
}

/** Rows and tiles begin at multiples of four: a group of four lies inside or outside as a whole. */
function aligned({ width, tiles, stride, offsets }: RowPiece): RowLoader {
  const known = new Set(offsets);
  const groups = [...new Set(offsets.map((o) => Math.floor(o / 4)))];
  return {
    lanes: 4,
    cost: groups.length * 17,
    load: (tensor, name, start, column, present) => {
      const lines = [`let ${name}_i = (${start} + ${column}) / 4u;`];
      for (const g of groups) {
        const always = presence(4 * g, stride, tiles, width) === "always";
        const at = `i32(${column}) + ${4 * g}`;
        const index = always
          ? (g < 0 ? `${name}_i - ${-g}u` : `${name}_i + ${g}u`)
          : `(${start} + u32(clamp(${at}, 0, ${width - 4}))) / 4u`;
        const checks = [
          ...(present ? [present] : []),
          ...(always ? [] : [`${at} >= 0`, `${at} < ${width}`]),
        ];
        lines.push(
          `let ${name}_${suffix(g)} = ${masked(`${tensor}[${index}]`, `${vectorOf("f32", 4)}()`, checks)};`,
        );
      }
      return lines.join("\n");
    },
    at: (name, o) => (known.has(o) ? `${name}_${suffix(Math.floor(o / 4))}[${((o % 4) + 4) % 4}]` : null),
  };
}

/** One tile of a row that begins anywhere: loads the groups of four around it and shifts them into place. */
function shifted({ width, offsets }: RowPiece): RowLoader {
  const known = new Set(offsets);
  const first = Math.floor(offsets[0]! / 4), last = offsets[offsets.length - 1]!;
  const odd = width % 2 === 1;
  const most = odd ? 3 : 2; // rows of even width begin at even places
  const groups = Math.floor((last + most) / 4) - first + 1;
  const halfway = Array.from({ length: last - 4 * first + (odd ? 2 : 1) }, (_, k) => 4 * first + k);
  return {
    lanes: 4,
    cost: groups * 17 + (odd ? 2 : 1) * offsets.length * 0.4,
    load: (tensor, name, start, _column, present) => {
      const lines = [`let ${name}_i = ${start} / 4u + ${first}u;`, `let ${name}_s = (${start} & 2u) != 0u;`];
      for (let g = 0; g < groups; g++) lines.push(`let ${name}_g${g} = ${tensor}[${name}_i + ${g}u];`);
      const loaded = (o: number) => {
        const k = Math.min(o - 4 * first, 4 * groups - 1);
        return `${name}_g${k >> 2}[${k & 3}]`;
      };
      const end = odd ? "h" : "";
      for (const o of odd ? halfway : offsets) {
        const value = `select(${loaded(o)}, ${loaded(o + 2)}, ${name}_s)`;
        const checks = odd || !present ? [] : [present];
        lines.push(`let ${name}_${end}${o} = ${masked(value, "0.0", checks)};`);
      }
      if (odd) {
        lines.push(`let ${name}_t = (${start} & 1u) != 0u;`);
        for (const o of offsets) {
          const value = `select(${name}_h${o}, ${name}_h${o + 1}, ${name}_t)`;
          lines.push(`let ${name}_${o} = ${masked(value, "0.0", present ? [present] : [])};`);
        }
      }
      return lines.join("\n");
    },
    at: (name, o) => (known.has(o) ? `${name}_${o}` : null),
  };
}

/** How the columns of a tile lie in a row of the source. */
export function columnOffsets(cols: ConvolutionAxis, tile: number): number[] {
  return range(tile).flatMap((j) => range(cols.taps).map((t) => sourceOffset(cols, j, t))).filter((o) =>
    o !== null
  );
}

/** Chooses how a tile's piece of one source row is loaded. */
export function columnLoader(cols: ConvolutionAxis, tile: number): RowLoader {
  return rowLoader({
    width: cols.source,
    tiles: Math.ceil(cols.out / tile),
    stride: tileStride(cols, tile)!,
    offsets: columnOffsets(cols, tile),
  });
}

/** Chooses how a tile's columns of a tensor that is read as it is are loaded. */
export function plainLoader(width: number, tile: number): RowLoader {
  return rowLoader({
    width,
    tiles: Math.ceil(width / tile),
    stride: tile < width ? tile : 0,
    offsets: range(tile),
  });
}
