/**
 * The end of a convolution's kernel: one channel's tile of values goes through the epilogue, is stored in
 * pieces as wide as its place allows, and may be pooled in windows of two by two.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Epilogue, EpilogueText, FusedPooling } from "../wgsl/epilogue.ts";
import { mathFunctions } from "../wgsl/math.ts";
import type { BindingDecl, DispatchNumber, NumberDecl } from "../wgsl/source.ts";
import { all, type Lanes, range, vector, vectorOf, write } from "../wgsl/text.ts";

/** A tile of `rows` by `cols` values out of planes of `outH` by `outW`. */
export interface TilePlace {
  readonly outH: number;
  readonly outW: number;
  readonly rows: number;
  readonly cols: number;
}

/** What a kernel needs to store its values. */
export interface TileStore {
  readonly bindings: readonly BindingDecl[];
  readonly storages: readonly Storage[];
  readonly numberDecls: readonly NumberDecl[];
  readonly numbers: readonly DispatchNumber[];
  readonly declarations: string;
  /** Whether there is so much to do for a value that it should stand in the text once. */
  readonly isLong: boolean;
  /**
   * Statements that store one channel's tile.
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
  readonly lanes: Lanes;
  readonly places: readonly (readonly [r: number, j: number])[];
}

/** Values of a tile in groups that may be stored at once. */
export function storeGroups({ outH, outW, rows, cols }: TilePlace): Group[] {
  const whole = cols === outW && outH % rows === 0;
  const flat = whole ? widest(rows * outW, outH * outW) : 1;
  const row = widest(outW, cols);
  const places = range(rows).flatMap((r) => range(cols).map((j) => [r, j] as const));
  const lanes = Math.max(flat, row) as Lanes;
  return range(places.length / lanes).map((k) => ({
    lanes,
    places: places.slice(k * lanes, (k + 1) * lanes),
  }));
}

/** How wide the pieces may be that sizes are whole multiples of. */
function widest(...sizes: number[]): Lanes {
  return sizes.every((s) => s % 4 === 0) ? 4 : sizes.every((s) => s % 2 === 0) ? 2 : 1;
}

/** Writes the end of a kernel whose tiles are at rows `row0` and columns `col0`. */
export function tileStore(place: TilePlace, y: Storage, epilogue: Epilogue, pool?: FusedPooling): TileStore {
  const groups = storeGroups(place);
  const lanes: 1 | 4 = groups[0]!.lanes === 4 && epilogue.allowsVec4 ? 4 : 1;
  const text = epilogue.text(lanes), isStored = !pool || pool.storeFull;
  const pooled = pool ? poolStore(place, pool) : null;
  const nan = pool?.kind === "max" && !text.functions.includes("fn isnanf(")
    ? mathFunctions("isnanf(x)")
    : "";
  return {
    bindings: [
      ...(isStored ? [write("y", vectorOf("f32", groups[0]!.lanes))] : []),
      ...(pooled?.bindings ?? []),
      ...text.bindings,
    ],
    storages: [
      ...(isStored ? [y] : []),
      ...(pooled?.storages ?? []),
      ...epilogue.reads,
      ...epilogue.writes,
    ],
    numberDecls: text.numberDecls,
    numbers: epilogue.numbers,
    declarations: nan + text.functions,
    isLong: text.functions !== "" || pooled !== null,
    channel: (v, channel, present, tag) => {
      const names = new Map<string, string>();
      const lines = groups.flatMap((group, g) => {
        const store = { place, group, lanes, text, isStored };
        const stored = storeGroup(store, v, `plane${tag}`, `${tag}_${g}`);
        const guarded = guard(stored, insideText(place, group), pooled ? `f${tag}_${g}` : null);
        group.places.forEach((at, k) => names.set(at.join(), guarded.values[k]!));
        return guarded.code;
      });
      return [
        `let plane${tag} = (${channel}) * ${place.outH * place.outW}u;`,
        `if (${present}) {`,
        ...lines,
        ...(pooled ? [pooled.channel((r, j) => names.get(`${r},${j}`)!, channel, tag)] : []),
        "}",
      ].join("\n");
    },
  };
}

/** A group of values, and what is done with it. */
interface GroupStore {
  readonly place: TilePlace;
  readonly group: Group;
  /** Values that the epilogue takes at a time. */
  readonly lanes: 1 | 4;
  readonly text: EpilogueText;
  readonly isStored: boolean;
}

/** Statements, and the values that they leave. */
interface StoredGroup {
  readonly code: readonly string[];
  readonly values: readonly string[];
}

/** Applies the epilogue to a group and stores it; `plane` is where the tile's plane begins. */
function storeGroup(
  { place, group: { lanes: whole, places }, lanes, text, isStored }: GroupStore,
  v: (r: number, j: number) => string,
  plane: string,
  tag: string,
): StoredGroup {
  const at = (k: number) =>
    `(${plane} + (row0 + ${places[k]![0]}u) * ${place.outW}u + col0 + ${places[k]![1]}u)`;
  const parts = range(whole / lanes).map((p) => {
    const own = places.slice(p * lanes, (p + 1) * lanes);
    return text.apply(own.map(([r, j]) => v(r, j)), at(p * lanes), `${tag}_${p}`);
  });
  const values = parts.flatMap((p) => p.values), code = parts.map((p) => p.code);
  return {
    code: isStored ? [...code, `y[${at(0)} / ${whole}u] = ${vector("f32", values)};`] : code,
    values,
  };
}

/** The condition under which a group lies inside its plane; "" where it does in every tile. */
function insideText({ outH, outW, rows, cols }: TilePlace, { places }: Group): string {
  const [r, j] = places[0]!;
  return all(
    ...(outH % rows === 0 ? [] : [`row0 + ${r}u < ${outH}u`]),
    ...(outW % cols === 0 ? [] : [`col0 + ${j}u < ${outW}u`]),
  );
}

/** Runs the statements only inside. Their values, where they are wanted afterwards, are then variables, 0 outside. */
function guard({ code, values }: StoredGroup, inside: string, variable: string | null): StoredGroup {
  if (inside === "") return { code, values };
  const names = variable ? values.map((_, k) => `${variable}_${k}`) : [];
  return {
    code: [
      ...names.map((name) => `var ${name} = 0.0;`),
      `if (${inside}) {`,
      ...code,
      ...names.map((name, k) => `${name} = ${values[k]};`),
      "}",
    ],
    values: names,
  };
}

/** Pools a tile that begins at even rows and columns. */
function poolStore({ outH, outW, rows, cols }: TilePlace, pool: FusedPooling) {
  const height = Math.floor(outH / 2), width = Math.floor(outW / 2);
  const groups = storeGroups({ outH: height, outW: width, rows: rows / 2, cols: Math.floor(cols / 2) });
  const lanes = groups[0]!.lanes, { indices } = pool;
  const bindings: BindingDecl[] = [
    write("pooled", vectorOf("f32", lanes)),
    ...(indices ? [write("indices", vectorOf("u32", lanes))] : []),
  ];
  const channel = (v: (r: number, j: number) => string, plane: string, tag: string): string =>
    groups.flatMap(({ places }, g) => {
      const name = (l: number) => `m${tag}_${g}_${l}`;
      const pooled = places.flatMap(([r, j], l) => poolWindow(pool, outW, v, r, j, name(l)));
      const [r, j] = places[0]!;
      const row = `row0 / 2u + ${r}u`, col = `col0 / 2u + ${j}u`;
      const index = `((${plane}) * ${height * width}u + (${row}) * ${width}u + ${col}) / ${lanes}u`;
      const found = places.map((_, l) => `row0 * ${outW}u + col0 + ${name(l)}_at`);
      return [
        ...pooled,
        `if (${all(`${row} < ${height}u`, `${col} < ${width}u`)}) { pooled[${index}] = ${
          vector("f32", places.map((_, l) => name(l)))
        };`,
        ...(indices ? [`indices[${index}] = ${vector("u32", found)};`] : []),
        "}",
      ];
    }).join("\n");
  return { bindings, storages: [pool.y, ...(indices ? [indices] : [])], channel };
}

/** The places of a window, in row-major order. */
const WINDOW = [[0, 0], [0, 1], [1, 0], [1, 1]] as const;

/** Pools the window at row `r` and column `j` of the pooled tile as `name`, with the place of a maximum in `name_at`. */
function poolWindow(
  { kind, indices }: FusedPooling,
  outW: number,
  v: (r: number, j: number) => string,
  r: number,
  j: number,
  name: string,
): string[] {
  const values = WINDOW.map(([down, across]) => v(2 * r + down, 2 * j + across));
  if (kind === "avg") return [`let ${name} = (${values.join(" + ")}) * 0.25;`];
  const at = WINDOW.map(([down, across]) => (2 * r + down) * outW + 2 * j + across);
  const next = [1, 2, 3].flatMap((k) => {
    const wins = `${name}_${k}`;
    return [
      `let ${wins} = (${values[k]} > ${name}) | isnanf(${values[k]});`,
      `${name} = select(${name}, ${values[k]}, ${wins});`,
      ...(indices ? [`${name}_at = select(${name}_at, ${at[k]}u, ${wins});`] : []),
    ];
  });
  return [`var ${name} = ${values[0]}; var ${name}_at = ${at[0]}u;`, ...next];
}
