/**
 * How a workgroup of a convolution with few channels shares out planes, and what it keeps in workgroup memory.
 *
 * @module
 */
import { type Convolution, type ConvolutionAxis, sourceOffset } from "../geometry.ts";

/** What one invocation computes: `rows` by four columns of a plane, for so many result channels. */
export interface SharedRowsTile {
  readonly rows: 1 | 2;
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
  /** The place, among those of its tile, of the source of result `j` and tap `t`. */
  place(j: number, t: number): number;
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

/** Columns of an invocation: a vec4. */
export const COLUMNS = 4;
/** Most result channels of an invocation, and its sums: registers for twice as many are there. */
const MOST_CHANNELS = 8;
/** Most invocations of a workgroup, and how many hide each other's waits beside that much workgroup memory. */
export const MOST_INVOCATIONS = 256, ENOUGH_INVOCATIONS = 128;
/** Bytes of workgroup memory: more would leave a core too few workgroups that hide each other's waits. */
export const SHARED_BYTES = 16384;
/** Longest chain of sums; longer ones are made by kernels that cut them. */
const LONGEST_CHAIN = 1024;

function spanOf(axis: ConvolutionAxis, tile: number): SourceSpan {
  const { taps, stride, dilation, transposed } = axis, reach = (taps - 1) * dilation;
  const first = sourceOffset(axis, 0, transposed ? taps - 1 : 0)!;
  return {
    first,
    hop: tile * stride,
    length: (tile - 1) * stride + reach + 1,
    place: (j, t) => sourceOffset(axis, j, t)! - first,
  };
}

/** Shares out a convolution, or says with null that it cannot be done this way. */
export function sharedRowsLayout(call: Convolution, tile: SharedRowsTile): SharedRowsLayout | null {
  const { rows, cols, weights } = call, { sources, results, kh, kw } = weights;
  if ([rows, cols].some(({ transposed, stride }) => transposed && stride > 1)) return null;
  if (sources * kh * kw > LONGEST_CHAIN) return null;
  const across = Math.ceil(cols.out / COLUMNS), tilesDown = Math.ceil(rows.out / tile.rows);
  if (across > MOST_INVOCATIONS) return null;
  const rowSpan = spanOf(rows, tile.rows), colSpan = spanOf(cols, COLUMNS);
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
  return Array.from({ length: most }, (_, i) => i + 1).sort((a, b) => worth(b) - worth(a) || a - b)[0];
}

/** The share of the lanes of a workgroup's waves, of 32 lanes, that have an invocation. */
export function busyShare(invocations: number): number {
  return invocations / (WAVE * Math.ceil(invocations / WAVE));
}
const WAVE = 32;

/** The tiles that a convolution may take, the one that is taken unless measured first. */
export function sharedRowsTiles({ weights: { results }, pooling, rows }: Convolution): SharedRowsTile[] {
  const even = (most: number) => Math.ceil(results / Math.ceil(results / most));
  const channels = [...new Set([even(MOST_CHANNELS), even(4), even(12)])];
  const heights = pooling ? [2] as const : rows.out === 1 ? [1] as const : [2, 1] as const;
  return channels.flatMap((channels) => heights.map((rows) => ({ rows, channels })));
}
