/**
 * Convolutions of few channels on a GPU, forward and in the input: image rows and weights in workgroup memory.
 *
 * A workgroup takes a band of a plane, or whole planes of a few images, and a tile of result channels. Some source channels at
 * a time come into workgroup memory, with zeros where there is padding, so that no tap asks whether it lies inside; and the
 * weights of the tile, four channels a vec4. An invocation keeps one or two rows by four columns of sums for each of its
 * channels, takes a row of sources after the other and multiplies it with all taps that meet it. Sums are chains of `fma`,
 * channel after channel of the sources.
 *
 * @module
 */
import type { Work } from "../../../gpu/work.ts";
import { Memo } from "../../memo.ts";
import { epilogueKey } from "../../wgsl/epilogue.ts";
import { dispatch, type KernelParts } from "../../wgsl/source.ts";
import { all, range, read, u32s, vector, vectorOf } from "../../wgsl/text.ts";
import { type Convolution, weightStrides } from "../geometry.ts";
import { type TileStore, tileStore } from "../store.ts";
import {
  columnsOf,
  type SharedRowsLayout,
  sharedRowsLayout,
  type SharedRowsTile,
  wholeWaves,
} from "./layout.ts";

const VEC4 = vectorOf("f32", 4);
const texts = new Memo<KernelParts>();

/** Makes the dispatch of a convolution with a given tile. */
export function convolveSharedRows(call: Convolution, tile: SharedRowsTile): Work {
  const { name, n, rows, cols, weights, bias, pooling, y } = call,
    { groups, sources, results, kh, kw } = weights;
  const layout = sharedRowsLayout(call, tile)!;
  const place = { outH: rows.out, outW: cols.out, rows: tile.rows, cols: columnsOf(cols) };
  const store = tileStore(place, y, call.epilogue, pooling);
  const pooled = pooling ? [pooling.kind, pooling.indices !== null, pooling.storeFull] : [];
  const key = [name, tile, rows, cols, weights, bias !== null, pooled, epilogueKey(call.epilogue)];
  const parts = texts.get(key, () => partsOf({ call, layout, store }));
  const workgroups = Math.ceil(n / layout.images) * layout.bands * groups * layout.channelTiles;
  const main = dispatch(
    parts,
    [call.source, call.weight, ...(bias ? [bias] : []), ...store.storages],
    [n, ...store.numbers],
    workgroups * parts.workgroupSize,
    2 * n * groups * sources * results * kh * kw * rows.out * cols.out,
  );
  return { dispatches: [main], temporaries: [] };
}

/** What a text is made of. */
interface SharedRowsText {
  readonly call: Convolution;
  readonly layout: SharedRowsLayout;
  readonly store: TileStore;
}

function partsOf(text: SharedRowsText): KernelParts {
  const { call, layout, store } = text,
    { name, cols, weights, bias } = call,
    { groups, sources, kh, kw } = weights;
  const { tile, across, down, bands, images, chunk, height, pitch, channelTiles } = layout;
  const threads = across * down, chunks = Math.ceil(sources / chunk);
  const channelTurn = `for (var s = 0u; s < ${
    sources % chunk === 0 ? `${chunk}u` : `min(${chunk}u, ${sources}u - first)`
  }; s++) {
      let at = corner + s * ${height * pitch}u;
      ${channelText(text)}
    }`;
  const turn = `workgroupBarrier();
    ${fillText(text)}
    workgroupBarrier();
    ${channelTurn}`;
  const body = `
  let channelTile = group % ${channelTiles}u;
  let part = group / ${channelTiles}u % ${groups}u;
  let band = group / ${channelTiles * groups}u % ${bands}u;
  let image0 = group / ${channelTiles * groups * bands}u * ${images}u;
  let o0 = channelTile * ${tile.channels}u;
  let own = local / ${threads}u;
  let colTile = local % ${across}u;
  let rowTile = local % ${threads}u / ${across}u;
  let corner = own * ${chunk * height * pitch}u + rowTile * ${layout.rowSpan.hop * pitch}u + colTile * ${
    layout.colSpan.hop / 4
  }u;
  ${sumNames(call, tile).map((name) => `var ${name} = ${VEC4}();`).join(" ")}
  ${
    chunks === 1
      ? `let first = 0u; ${turn}`
      : `for (var first = 0u; first < ${sources}u; first += ${chunk}u) { ${turn} }`
  }
  let image = image0 + own;
  let row0 = (band * ${down}u + rowTile) * ${tile.rows}u;
  let col0 = colTile * ${columnsOf(cols)}u;
  ${storesText(text)}`;
  return {
    name,
    bindings: [read("x", "f32"), read("w", "f32"), ...(bias ? [read("bias", "f32")] : []), ...store.bindings],
    numberDecls: [...u32s("n"), ...store.numberDecls],
    declarations: `var<workgroup> planes: array<${VEC4}, ${images * chunk * height * pitch}>;
var<workgroup> weights: array<array<array<${VEC4}, ${Math.ceil(tile.channels / 4)}>, ${kh * kw}>, ${chunk}>;
${store.declarations}`,
    workgroupSize: wholeWaves(images * threads),
    body,
  };
}

/**
 * The sums of channel `o` and row `r` of an invocation: a vec4 of columns, as far apart as there are `phases`; the first of them is
 * `phase`.
 */
function sumName(o: number, r: number, phase: number): string {
  return `a${o}_${r}_${phase}`;
}

/** How far the columns of a vec4 of sums lie apart. */
function phasesOf({ cols }: Convolution): number {
  return columnsOf(cols) / 4;
}

function sumNames(call: Convolution, { channels, rows }: SharedRowsTile): string[] {
  return range(channels).flatMap((o) =>
    range(rows).flatMap((r) => range(phasesOf(call)).map((phase) => sumName(o, r, phase)))
  );
}

/** Brings the sources and weights of the channels from `first` on. */
function fillText({ call, layout }: SharedRowsText): string {
  const { rows, cols, weights: shape } = call, { groups, sources, results, kh, kw } = shape;
  const { tile, images, chunk, height, pitch, rowSpan, colSpan, across, down } = layout, taps = kh * kw;
  const { strideO, strideS } = weightStrides(shape), quads = Math.ceil(tile.channels / 4);
  const threads = wholeWaves(images * across * down), plane = rows.source * cols.source;
  const values = range(4).map((l) =>
    `select(0.0, x[start + u32(column + ${l})], ${all("isRow", `u32(column + ${l}) < ${cols.source}u`)})`
  );
  const lanes = range(4).map((l) => `w[at + min(o + ${l}u, ${results - 1}u) * ${strideO}u]`);
  return `for (var i = local; i < ${images * chunk * height * pitch}u; i += ${threads}u) {
      let column = i32(i % ${pitch}u * 4u) + ${colSpan.first};
      let row = i32(band * ${down * rowSpan.hop}u + i / ${pitch}u % ${height}u) + ${rowSpan.first};
      let channel = min(first + i / ${pitch * height}u % ${chunk}u, ${sources - 1}u);
      let image = image0 + i / ${pitch * height * chunk}u;
      let isRow = u32(row) < ${rows.source}u;
      let start = ((image * ${groups}u + part) * ${sources}u + channel) * ${plane}u + u32(row) * ${cols.source}u;
      planes[i] = ${vector("f32", values)};
    }
    for (var i = local; i < ${chunk * taps * quads}u; i += ${threads}u) {
      let o = o0 + i % ${quads}u * 4u;
      let s = i / ${quads * taps}u;
      let tap = i / ${quads}u % ${taps}u;
      let at = part * ${sources * results * taps}u + min(first + s, ${sources - 1}u) * ${strideS}u + tap;
      weights[s][tap][i % ${quads}u] = ${vector("f32", lanes)};
    }`;
}

/** The products of source channel `s`: row of sources after row, each with all taps that meet it. */
function channelText({ call, layout }: SharedRowsText): string {
  const { tile, rowSpan, colSpan, pitch } = layout, { kh, kw } = call.weights, phases = phasesOf(call);
  const quads = Math.ceil(colSpan.length / 4);
  const meeting = (y: number) =>
    range(tile.rows).flatMap((r) =>
      range(kh).filter((ky) => rowSpan.place(r, ky) === y).map((ky) => ({ r, ky }))
    );
  return range(rowSpan.length).filter((y) => meeting(y).length > 0).map((y) => {
    const loads = range(quads).map((q) => `let x${q} = planes[at + ${y * pitch + q}u];`);
    const lines = meeting(y).flatMap(({ r, ky }) =>
      range(phases).flatMap((phase) =>
        range(kw).flatMap((kx) => {
          const places = range(4).map((i) => colSpan.place(phase + phases * i, kx));
          if (places[0] === null) return [];
          const v = `v${r}_${phase}_${kx}`, values = places.map((k) => `x${k! >> 2}[${k! & 3}]`);
          const products = range(tile.channels).map((o) => {
            const sum = sumName(o, r, phase), weight = `weights[s][${ky * kw + kx}][${o >> 2}][${o & 3}]`;
            return `${sum} = fma(${v}, ${VEC4}(${weight}), ${sum});`;
          });
          return [`let ${v} = ${vector("f32", values)};`, ...products];
        })
      )
    );
    return `{ ${loads.join(" ")}\n${lines.join(" ")} }`;
  }).join("\n");
}

/** Stores the channels: each where it stands, or, where the store is long, in a loop that moves the others up. */
function storesText({ call, layout: { tile, images, across, bands, down }, store }: SharedRowsText): string {
  const { weights: { groups, results }, bias, rows } = call;
  const threads = images * across * down, isRagged = bands * down > Math.ceil(rows.out / tile.rows); // the last band reaches beyond the plane
  const present = (o: string) =>
    all(
      "image < u.n",
      ...(wholeWaves(threads) > threads ? [`own < ${images}u`] : []), // the others have nothing to do
      ...(isRagged ? [`row0 < ${rows.out}u`] : []),
      ...(results % tile.channels === 0 ? [] : [`o0 + ${o} < ${results}u`]),
    );
  const phases = phasesOf(call),
    vec4s = range(tile.rows).flatMap((r) => range(phases).map((phase) => [r, phase] as const));
  const channel = (from: number, o: string, tag: string) => {
    const start = bias ? ` + bias[part * ${results}u + min(o0 + ${o}, ${results - 1}u)]` : "";
    const values = vec4s.map(([r, phase]) =>
      `let v${tag}_${r}_${phase} = ${sumName(from, r, phase)}${start};`
    );
    const stored = store.channel(
      (r, j) => `v${tag}_${r}_${j % phases}[${Math.floor(j / phases)}]`,
      `(image * ${groups}u + part) * ${results}u + o0 + ${o}`,
      present(o),
      tag,
    );
    return `${values.join(" ")}\n${stored}`;
  };
  if (!store.isLong) return range(tile.channels).map((o) => channel(o, `${o}u`, `${o}`)).join("\n");
  const moves = range(tile.channels - 1).flatMap((o) =>
    vec4s.map(([r, phase]) => `${sumName(o, r, phase)} = ${sumName(o + 1, r, phase)};`)
  );
  return `for (var o = 0u; o < ${tile.channels}u; o++) {
    ${channel(0, "o", "")}
    ${moves.join(" ")}
  }`;
}
