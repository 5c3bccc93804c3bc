/**
 * The end of a convolution's kernel: one channel's tile of values goes through the epilogue, is stored in
 * pieces as wide as its place allows, and may be pooled in windows of two by two.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import { range } from "../wgsl/text.ts";
import type { Epilogue, FusedPooling } from "../wgsl/epilogue.ts";
import { mathFunctions } from "../wgsl/math.ts";
import type { BindingDecl, DispatchNumber, NumberDecl } from "../wgsl/source.ts";

/** A tile of `rows` by `cols` values out of planes of `outH` by `outW`. */
export interface TilePlace {
  readonly outH: number;
  readonly outW: number;
  readonly rows: number;
  readonly cols: number;
}

/** What a kernel needs to finish its values. */
export interface TileStore {
  readonly bindings: BindingDecl[];
  readonly storages: Storage[];
  readonly numbers: readonly NumberDecl[];
  readonly values: readonly DispatchNumber[];
  readonly declarations: string;
  /** Whether there is so much to do for a value that it should stand in the text once. */
  readonly isLong: boolean;
  /**
   * Statements that finish one channel's tile.
   *
   * @param v Name of the value at a row and column of the tile.
   * @param channel u32 expression: index of the plane over batch and channels.
   * @param present Condition under which the tile exists.
   * @param tag Makes names unique.
   */
  channel(v: (r: number, j: number) => string, channel: string, present: string, tag: string): string;
}

/** Values that lie side by side in a plane: their places in the tile, of the same row or of whole rows. */
interface Group {
  readonly lanes: 1 | 2 | 4;
  readonly places: readonly (readonly [r: number, j: number])[];
}

/** Values of a tile in groups that may be stored at once. */
export function storeGroups({ outH, outW, rows, cols }: TilePlace): Group[] {
  const whole = cols === outW && outH % rows === 0;
  const flat = whole ? widest(rows * outW, outH * outW) : 1;
  const row = widest(outW, cols);
  const places = range(rows).flatMap((r) => range(cols).map((j) => [r, j] as const));
  const lanes = Math.max(flat, row) as 1 | 2 | 4;
  return range(places.length / lanes).map((k) => ({
    lanes,
    places: places.slice(k * lanes, (k + 1) * lanes),
  }));
}

function widest(...sizes: number[]): 1 | 2 | 4 {
  return sizes.every((s) => s % 4 === 0) ? 4 : sizes.every((s) => s % 2 === 0) ? 2 : 1;
}

/** Plans the end of a kernel whose tiles are at rows `row0` and columns `col0`. */
export function planStore(place: TilePlace, y: Storage, epilogue: Epilogue, pool?: FusedPooling): TileStore {
  const groups = storeGroups(place);
  const lanes = groups[0].lanes === 4 && epilogue.allowsVec4 ? 4 : 1;
  const text = epilogue.text(lanes);
  const stored = !pool || pool.storeFull;
  const pooled = pool ? planPool(place, pool) : null;
  const bindings: BindingDecl[] = [], storages: Storage[] = [];
  if (stored) {
    bindings.push({ name: "y", type: vectorOf("f32", groups[0].lanes), access: "read_write" });
    storages.push(y);
  }
  bindings.push(...(pooled?.bindings ?? []), ...text.bindings);
  storages.push(...(pooled?.storages ?? []), ...epilogue.reads, ...epilogue.writes);
  const nan = pool?.kind === "max" && !text.functions.includes("fn isnanf(")
    ? mathFunctions("isnanf(x)")
    : "";
  return {
    bindings,
    storages,
    numbers: text.numbers,
    values: epilogue.numbers,
    declarations: nan + text.functions,
    isLong: text.functions !== "" || pooled !== null,
    channel: (v, channel, present, tag) => {
      const { outH, outW, rows, cols } = place;
      const lines = [`let plane${tag} = (${channel}) * ${outH * outW}u;`, `if (${present}) {`];
      const names = new Map<string, string>();
      groups.forEach((group, g) => {
        const at = (k: number) =>
          `(plane${tag} + (row0 + ${group.places[k][0]}u) * ${outW}u + col0 + ${group.places[k][1]}u)`;
        const parts = range(group.lanes / lanes).map((p) => {
          const mine = group.places.slice(p * lanes, (p + 1) * lanes);
          return text.apply(mine.map(([r, j]) => v(r, j)), at(p * lanes), `${tag}_${g}_${p}`);
        });
        const values = parts.flatMap((p) => p.values), code = parts.map((p) => p.code);
        if (stored) code.push(`y[${at(0)} / ${group.lanes}u] = ${vector("f32", values)};`);
        const [r, j] = group.places[0];
        const inside: string[] = [];
        if (outH % rows !== 0) inside.push(`row0 + ${r}u < ${outH}u`);
        if (outW % cols !== 0) inside.push(`col0 + ${j}u < ${outW}u`);
        const name = (k: number) => (inside.length === 0 ? values[k] : `f${tag}_${g}_${k}`);
        values.forEach((_, k) => names.set(group.places[k].join(), name(k)));
        if (inside.length === 0) return void lines.push(...code);
        if (pooled) {
          lines.push(...values.map((_, k) => `var ${name(k)} = 0.0;`));
          code.push(...values.map((value, k) => `${name(k)} = ${value};`));
        }
        lines.push(`if (${inside.join(" && ")}) {`, ...code, "}");
      });
      if (pooled) lines.push(pooled.channel((r, j) => names.get(`${r},${j}`)!, channel, tag));
      return [...lines, "}"].join("\n");
    },
  };
}

function vectorOf(type: string, lanes: number): string {
  return lanes === 1 ? type : `vec${lanes}<${type}>`;
}

function vector(type: string, items: readonly string[]): string {
  return items.length === 1 ? items[0] : `${vectorOf(type, items.length)}(${items.join(", ")})`;
}

/** Pools a tile that begins at even rows and columns; a window's values are taken in row-major order. */
function planPool({ outH, outW, rows, cols }: TilePlace, pool: FusedPooling) {
  const height = Math.floor(outH / 2), width = Math.floor(outW / 2);
  const groups = storeGroups({ outH: height, outW: width, rows: rows / 2, cols: Math.floor(cols / 2) });
  const lanes = groups[0].lanes;
  const bindings: BindingDecl[] = [{ name: "pooled", type: vectorOf("f32", lanes), access: "read_write" }];
  const storages = [pool.y];
  if (pool.indices) {
    bindings.push({ name: "indices", type: vectorOf("u32", lanes), access: "read_write" });
    storages.push(pool.indices);
  }
  const window = [[0, 0], [0, 1], [1, 0], [1, 1]];
  const channel = (v: (r: number, j: number) => string, plane: string, tag: string): string => {
    const lines: string[] = [];
    groups.forEach((group, g) => {
      const names = group.places.map(([r, j], l) => {
        const value = (k: number) => v(2 * r + window[k][0], 2 * j + window[k][1]);
        const name = `m${tag}_${g}_${l}`;
        if (pool.kind === "avg") {
          lines.push(`let ${name} = (${range(4).map(value).join(" + ")}) * 0.25;`);
          return name;
        }
        const at = (k: number) => 2 * r * outW + 2 * j + window[k][0] * outW + window[k][1];
        lines.push(`var ${name} = ${value(0)}; var ${name}_at = ${at(0)}u;`);
        for (const k of [1, 2, 3]) {
          const wins = `${name}_${k}`;
          lines.push(`let ${wins} = ${value(k)} > ${name} || isnanf(${value(k)});`);
          lines.push(`${name} = select(${name}, ${value(k)}, ${wins});`);
          if (pool.indices) lines.push(`${name}_at = select(${name}_at, ${at(k)}u, ${wins});`);
        }
        return name;
      });
      const [r, j] = group.places[0];
      const row = `row0 / 2u + ${r}u`, col = `col0 / 2u + ${j}u`;
      const inside = `${row} < ${height}u && ${col} < ${width}u`;
      const index = `((${plane}) * ${height * width}u + (${row}) * ${width}u + ${col}) / ${lanes}u`;
      lines.push(`if (${inside}) { pooled[${index}] = ${vector("f32", names)};`);
      if (pool.indices) {
        const places = names.map((name) => `row0 * ${outW}u + col0 + ${name}_at`);
        lines.push(`indices[${index}] = ${vector("u32", places)};`);
      }
      lines.push("}");
    });
    return lines.join("\n");
  };
  return { bindings, storages, channel };
}
