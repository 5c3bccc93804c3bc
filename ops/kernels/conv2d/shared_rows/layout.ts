/**
 * How a workgroup of a convolution with few channels shares out planes, and what it keeps in workgroup memory.
 *
 * @module
 */
import { type Convolution, type ConvolutionAxis, sourceOffset } from "../geometry.ts";

/** What one invocation computes: so many rows of a plane, and four columns (or more, see `columnsOf`), for so many result channels. */
export interface SharedRowsTile {
  readonly rows: number;
  readonly channels: number;
}

/** How an axis of sources lies in workgroup memory, padding included. */
export interface SourceSpan {
  /** The source of the first result of a plane, perhaps outside. */
  readonly first: number;
  /** Sources from a tile to the next. */
  readonly hop: number;
  /** Sources that a tile meets. */
  readonly length: number;
  /** The place, among those of its tile, of the source of result `j` and tap `t`; null where they never meet. */
  place(j: number, t: number): number | null;
}

/** What a workgroup takes. */
export interface SharedRowsLayout {
  readonly tile: SharedRowsTile;
  /** Tiles of a plane across, and down in a band; bands of a plane. */
  readonly across: number;
  readonly down: number;
  readonly bands: number;
  /** Images, and source channels at a time. */
  readonly images: number;
  readonly chunk: number;
  readonly rowSpan: SourceSpan;
  readonly colSpan: SourceSpan;
  /** Rows of sources of a band, and vec4s of a row. */
  readonly height: number;
  readonly pitch: number;
  /** Tiles of result channels of a group. */
  readonly channelTiles: number;
}

/**
 * Columns of an invocation: a vec4, or as many of them as the stride of an input gradient, since only every so many-th column meets the
 * same taps.
 */
export function columnsOf({ transposed, stride }: ConvolutionAxis): number {
  return transposed ? 4 * stride : 4;
}
/** Most result channels of an invocation, and its sums: registers for twice as many are there. */
const MOST_CHANNELS = 8, MOST_VEC4S = 16;
/** Most invocations of a workgroup, and how many hide each other's waits beside that much workgroup memory. */
export const MOST_INVOCATIONS = 256, ENOUGH_INVOCATIONS = 128;
/** Bytes of workgroup memory: more would leave a core too few workgroups that hide each other's waits, or that share a dispatch. */
export const SHARED_BYTES = 8192;
/** Longest chain of sums; longer ones are made by kernels that cut them. */
const LONGEST_CHAIN = 1024;

function spanOf(axis: ConvolutionAxis, tile: number): SourceSpan {
  const results = Array.from({ length: tile }, (_, j) => j),
    taps = Array.from({ length: axis.taps }, (_, t) => t);
  const offsets = results.flatMap((j) => taps.map((t) => sourceOffset(axis, j, t))).filter((o) => o !== null);
  const first = Math.min(...offsets);
  return {
    first,
    hop: axis.transposed ? tile / axis.stride : tile * axis.stride,
    length: Math.max(...offsets) - first + 1,
    place: (j, t) => {
      const offset = sourceOffset(axis, j, t);
      return offset === null ? null : offset - first;
    },
  };
}

/** Shares out a convolution, or says with null that it cannot be done this way. */
export function sharedRowsLayout(call: Convolution, tile: SharedRowsTile): SharedRowsLayout | null {
  const { rows, cols, weights } = call, { sources, results, kh, kw } = weights;
  const skipped = rows.transposed ? rows.stride * cols.stride : 1; // so many-th of the taps meet a result
  if (sources * kh * kw > LONGEST_CHAIN * skipped || tile.channels < 1) return null;
  const columns = columnsOf(cols),
    across = Math.ceil(cols.out / columns),
    tilesDown = Math.ceil(rows.out / tile.rows);
  if (across > MOST_INVOCATIONS) return null;
  const rowSpan = spanOf(rows, tile.rows), colSpan = spanOf(cols, columns);
  const pitch = (across - 1) * colSpan.hop / 4 + Math.ceil(colSpan.length / 4);
  const weightBytes = 16 * kh * kw * Math.ceil(tile.channels / 4);
  const fits = (down: number, images: number) => {
    const height = (down - 1) * rowSpan.hop + rowSpan.length;
    const chunk = Math.floor(SHARED_BYTES / (16 * images * height * pitch + weightBytes));
    return { height, chunk: Math.min(chunk, sources) };
  };
  const most = Math.min(tilesDown, Math.floor(MOST_INVOCATIONS / across));
  const bands = Array.from({ length: most }, (_, i) => Math.ceil(tilesDown / (most - i)))
    .find((bands) => fits(Math.ceil(tilesDown / bands), 1).chunk > 0);
  if (bands === undefined) return null;
  const down = Math.ceil(tilesDown / bands), threads = across * down;
  const images = bands > 1 ? 1 : imagesOf(threads, (images) => fits(down, images).chunk / sources);
  return {
    tile,
    across,
    down,
    bands,
    images,
    ...fits(down, images),
    rowSpan,
    colSpan,
    pitch,
    channelTiles: Math.ceil(results / tile.channels),
  };
}

/**
 * How many images a workgroup takes: those that leave the fewest invocations of its waves idle, and bring many source channels at
 * a time.
 *
 * @param chunk The share of the source channels that fits workgroup memory, for so many images.
 */
function imagesOf(threads: number, chunk: (images: number) => number): number {
  const worth = (images: number) =>
    busyShare(images * threads) * Math.sqrt(Math.min(1, images * threads / ENOUGH_INVOCATIONS)) *
    chunk(images) / (chunk(images) + 0.1);
  const most = Math.max(1, Math.floor(MOST_INVOCATIONS / threads));
  return Array.from({ length: most }, (_, i) => i + 1).sort((a, b) => worth(b) - worth(a) || a - b)[0]!;
}

/** Invocations of a workgroup that needs so many: whole waves, so that workgroups of different work have one size and may share a dispatch. */
export function wholeWaves(invocations: number): number {
  return WAVE * Math.ceil(invocations / WAVE);
}
const WAVE = 64;

/** The share of the lanes of a workgroup's waves that have work. */
export function busyShare(invocations: number): number {
  return invocations / wholeWaves(invocations);
}

/** The tiles that a convolution may take, the one that is taken unless measured first. */
export function sharedRowsTiles(
  { weights: { results }, pooling, rows, cols }: Convolution,
): SharedRowsTile[] {
  const even = (most: number) => Math.ceil(results / Math.ceil(results / most));
  const apart = rows.transposed ? rows.stride : 1; // rows that meet the same taps
  const heights = pooling ? [2] : apart > 1 ? [apart] : rows.out === 1 ? [1] : [2, 1];
  return heights.flatMap((rows) => {
    const most = Math.floor(MOST_VEC4S / (rows * columnsOf(cols) / 4));
    const channels = new Set(
      [MOST_CHANNELS, 4, 12].filter((n) => n <= Math.max(4, most)).map((n) => even(Math.min(n, most))),
    );
    return most < 1 ? [] : [...channels].map((channels) => ({ rows, channels }));
  });
}
