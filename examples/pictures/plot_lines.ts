/**
 * A line chart in characters. Eight braille dots a cell and one colour a series; where there are no colours, a
 * marker a series. The packages for this pass their width, or name every point on the x axis until it is unreadable.
 *
 * @module
 */
import type { Terminal, WindowSize } from "../terminal/terminal.ts";
import { clip, displayWidth } from "../terminal/text_width.ts";
import { formatShort } from "../terminal/numbers.ts";
import { say } from "../words/words.ts";
import { type Axis, xAxis, yAxis } from "./axis.ts";
import { type Chart, checkSeries, dashIndex, paletteIndex, type Series } from "./chart.ts";

const COLORS = [33, 208, 36, 170, 245, 178, 80]; // of 256; middle tones, for dark and light windows
const MARKERS = "*o+x#@%&" + "abcdefghijklmnpqrstuvwyz".toUpperCase();
const DASHES = ["1", "1111000", "110", "11110010", "111111100"].map((dots) => [...dots].map(Number));
const TURN = 3; // cells that each of the curves which lie on each other has in turn
const DOT = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]; // braille bits by row and column of a cell
const MAX_HEIGHT = 16;

/** How a terminal can show a curve. */
export type Style = Pick<Terminal, "colors" | "unicode">;

function paint(text: string, place: number, { colors }: Style): string {
  return colors ? `\x1b[38;5;${COLORS[place % COLORS.length]}m${text}\x1b[39m` : text;
}

/** Dots on a grid of `width` by `height` cells; the series that share cells have their look in them by turns. */
class Raster {
  readonly #bits: Uint8Array;
  readonly #owners = new Map<number, number[]>(); // the series' places, by cell

  constructor(readonly width: number, readonly height: number) {
    this.#bits = new Uint8Array(width * height);
  }

  dot(x: number, y: number, place: number): void {
    if (!(x >= 0 && y >= 0 && x < 2 * this.width && y < 4 * this.height)) return;
    const cell = (y >> 2) * this.width + (x >> 1), owners = this.#owners.get(cell) ?? [];
    this.#bits[cell]! |= DOT[y & 3]![x & 1]!;
    if (!owners.includes(place)) this.#owners.set(cell, [...owners, place]);
  }

  line(row: number, series: readonly Series[], style: Style): string {
    let text = "";
    for (let column = 0; column < this.width; column++) {
      const cell = row * this.width + column, owners = this.#owners.get(cell);
      const place = owners?.[Math.floor(column / TURN) % owners.length];
      if (place === undefined) text += " ";
      else text += paint(symbol(place, this.#bits[cell]!, style), paletteIndex(series[place]!, place), style);
    }
    return text.trimEnd();
  }
}

function symbol(place: number, bits: number, { colors, unicode }: Style): string {
  return colors && unicode ? String.fromCharCode(0x2800 + bits) : MARKERS[place % MARKERS.length]!;
}

/** Whether the dot at a place along a curve is drawn; with markers a curve has no gaps. */
function isDrawn(series: Series, place: number, at: number, { colors, unicode }: Style): boolean {
  const dots = DASHES[colors && unicode ? dashIndex(series, place, DASHES.length) : 0]!;
  return dots[at % dots.length] === 1;
}

function drawCurve(raster: Raster, series: Series, place: number, x: Axis, y: Axis, style: Style): void {
  let previous: [number, number] | undefined;
  let length = 0;
  for (const at of series.points) {
    const point: [number, number] = [
      (at[0] - x.low) / (x.high - x.low) * (2 * raster.width - 1),
      (1 - (at[1] - y.low) / (y.high - y.low)) * (4 * raster.height - 1),
    ];
    if (!point.every(Number.isFinite)) {
      previous = undefined;
      continue;
    }
    const [fromX, fromY] = previous ?? point;
    const [dx, dy] = [point[0] - fromX, point[1] - fromY];
    const steps = Math.min(4096, Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)))) || 1; // may lead far outside
    for (let i = previous ? 1 : 0; i <= steps; i++, length++) {
      if (i < steps && !isDrawn(series, place, length, style)) continue;
      raster.dot(Math.round(fromX + dx * i / steps), Math.round(fromY + dy * i / steps), place);
    }
    previous = point;
  }
}

/** The labels of the y axis by row, as many as leave a row between two. */
function rowLabels({ low, high, ticks }: Axis, height: number): Map<number, string> {
  const rowOf = (tick: number) => Math.floor((1 - (tick - low) / (high - low)) * (4 * height - 1) / 4 + 1e-9);
  const some = Array.from({ length: ticks.length }, (_, i) => i + 1),
    isWhole = (n: number) => (ticks.length - 1) % n === 0;
  for (const every of [...some.filter(isWhole), ...some]) { // those first that keep the last tick
    const rows = ticks.filter((_, i) => i % every === 0).map((tick) =>
      [rowOf(tick), formatShort(tick)] as const
    );
    if (rows.every(([row], i) => i === 0 || rows[i - 1]![0] - row >= 2)) return new Map(rows);
  }
  return new Map();
}

/** The line of the x axis with its ticks, and beneath it the line of their labels. */
function xLines({ low, high, ticks }: Axis, width: number, unicode: boolean): [line: string, labels: string] {
  const columnOf = (tick: number) =>
    Math.floor(Math.round((tick - low) / (high - low) * (2 * width - 1)) / 2);
  const [floor, mark] = unicode ? "─┬" : "-+";
  const line = Array(width).fill(floor), labels = Array<string>(width).fill(" ");
  let free = -Infinity; // the first column for the next label
  const last = ticks.at(-1);
  const lastStart = last === undefined ? width : startOf(last);
  function startOf(tick: number): number {
    const { length } = formatShort(tick);
    return Math.max(0, Math.min(width - length, columnOf(tick) - (length >> 1)));
  }
  for (const tick of ticks) {
    const text = formatShort(tick), start = startOf(tick);
    if (tick !== last && (start < free || start + text.length + 2 > lastStart)) continue;
    labels.splice(start, text.length, ...text);
    line[columnOf(tick)] = mark;
    free = start + text.length + 2;
  }
  return [line.join(""), labels.join("").trimEnd()];
}

/** A stretch of a series' line as the legend shows it. */
function lineKey(series: Series, place: number, style: Style): string {
  const isShown = (at: number) => isDrawn(series, place, at, style);
  return Array.from({ length: 4 }, (_, i) => {
    const bits = (isShown(2 * i) ? DOT[1]![0]! : 0) | (isShown(2 * i + 1) ? DOT[1]![1]! : 0);
    return symbol(place, bits, style);
  }).join("");
}

function legend({ series }: Chart, width: number, style: Style): string[] {
  const lines: string[] = [];
  series.forEach((one, place) => {
    const key = style.colors && style.unicode ? lineKey(one, place, style) : symbol(place, 0, style);
    const entry = clip(`${paint(key, paletteIndex(one, place), style)} ${one.name}`, width);
    const joined = lines.length > 0 ? `${lines.at(-1)}   ${entry}` : entry;
    if (lines.length > 0 && displayWidth(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(entry);
  });
  return lines;
}

/** What is drawn over what. */
function axesTitle({ xLabel: x, yLabel: y }: Chart): string {
  return x !== "" && y !== "" ? say("{y} by {x}", { y, x }) : y + x;
}

/**
 * Draws a chart as lines that fit a window, with a row to spare for a status line.
 *
 * @param chart The curves and their axes. Throws a `RangeError` when two series share a name.
 * @param size The window's size.
 * @param style Whether there are colours and braille characters.
 * @returns The lines, each at most a column narrower than the window; none when the window is too small.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { plotLines } from "./plot_lines.ts";
 *
 * const chart = {
 *   title: "LeNet",
 *   xLabel: "epoch",
 *   yLabel: "loss",
 *   series: [{ name: "train", points: [[1, 3], [2, 2], [3, 1]] as const }],
 * };
 * assertEquals(plotLines(chart, { columns: 20, rows: 9 }, { colors: false, unicode: false }), [
 *   "LeNet",
 *   "loss by epoch",
 *   "3 +******",
 *   "  |     ******",
 *   "1 +          ******",
 *   "  ++-------+------+",
 *   "   1       2      3",
 *   "* train",
 * ]);
 * ```
 */
export function plotLines(chart: Chart, { columns, rows }: WindowSize, style: Style): string[] {
  checkSeries(chart);
  const keys = legend(chart, columns - 1, style);
  const height = Math.min(MAX_HEIGHT, rows - keys.length - 5); // title, y label, axis, x labels, status
  const y = yAxis(chart), labels = rowLabels(y, height);
  const margin = Math.max(0, ...[...labels.values()].map((label) => label.length));
  const width = columns - margin - 3;
  if (width < 8 || height < 3) return [];
  const raster = new Raster(width, height),
    x = xAxis(chart, Math.max(2, Math.min(10, Math.floor(width / 6))));
  chart.series.forEach((series, place) => drawCurve(raster, series, place, x, y, style));
  const [tick, side, corner] = style.unicode ? "┤│└" : "+|+";
  const body = Array.from({ length: height }, (_, row) => {
    const label = labels.get(row);
    const edge = `${(label ?? "").padStart(margin)} ${label === undefined ? side : tick}`;
    return edge + raster.line(row, chart.series, style);
  });
  const [line, numbers] = xLines(x, width, style.unicode);
  return [
    chart.title,
    axesTitle(chart),
    ...body,
    `${" ".repeat(margin)} ${corner}${line}`,
    " ".repeat(margin + 2) + numbers,
    ...keys,
  ].map((line) => clip(line, columns - 1));
}
