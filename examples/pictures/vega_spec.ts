/**
 * A chart as a Vega-Lite specification.
 *
 * @module
 */
import type { TopLevelSpec } from "npm:vega-lite@6";
import { formatShort } from "../terminal/numbers.ts";
import { displayWidth } from "../terminal/text_width.ts";
import { type Axis, xAxis, yAxis } from "./axis.ts";
import { type Chart, type ChartRow, dashIndex, paletteIndex, type Series } from "./chart.ts";
import { MARKS, PALETTE } from "./palette.ts";

const COLORS = Object.values(PALETTE);
const DASHES = [[1, 0], [6, 4], [2, 3], [10, 3, 2, 3], [10, 5]]; // as many as have no factor with the colours
const MARKED = 30; // of a curve with more points about ten are marked
const TEXT = "#222222";

function lineColor(series: Series, index: number): string {
  return COLORS[paletteIndex(series, index) % COLORS.length]!;
}

function lineDash(series: Series, index: number): number[] {
  return DASHES[dashIndex(series, index, DASHES.length)]!;
}

/** How large a curve's marks are, in square pixels. */
export const MARK_SIZE = 40;

/** The mark of the series at a place, as a path from -1 to 1. */
export function lineMark(_name: string, index: number): string {
  return MARKS[index % MARKS.length]!;
}

function isInside(value: number, limits?: readonly [number, number]): boolean {
  return Number.isFinite(value) && (!limits || (limits[0] <= value && value <= limits[1]));
}

function rows({ series, xLim, yLim }: Chart) {
  return series.flatMap(({ name, points }, place) => {
    const every = points.length <= MARKED ? 1 : Math.ceil(points.length / 10);
    return points.filter(([x]) => Number.isFinite(x)).map(([x, y], order) => {
      const dot = order % every === place % every && isInside(x, xLim) && isInside(y, yLim);
      return { name, mark: name, order, x, y: Number.isFinite(y) ? y : null, dot };
    });
  });
}

/** An axis of Vega-Lite with our own ticks, each label written as we write numbers and beneath its tick. */
function scaled({ low, high, ticks }: Axis, field: "x" | "y", title: string) {
  const labelExpr = `${JSON.stringify(ticks.map(formatShort))}[indexof(${
    JSON.stringify(ticks)
  }, datum.value)]`;
  return {
    field,
    title,
    type: "quantitative" as const,
    scale: { domain: [low, high], nice: false, zero: false },
    axis: { values: [...ticks], labelExpr, labelFlush: false, labelOverlap: true },
  };
}

function axes(chart: Chart) {
  return { x: scaled(xAxis(chart), "x", chart.xLabel), y: scaled(yAxis(chart), "y", chart.yLabel) };
}

function legendColumns(names: string[], width: number): number {
  const longest = Math.max(0, ...names.map(displayWidth));
  return Math.max(1, Math.floor((width - 90) / (45 + 7 * longest)));
}

const config = {
  font: "DejaVu Sans, Verdana, Arial, sans-serif",
  title: { fontSize: 14, fontWeight: "normal", color: TEXT },
  view: { stroke: null },
  axis: {
    titleFontSize: 12,
    titleFontWeight: "normal",
    titleColor: TEXT,
    labelFontSize: 11,
    labelColor: TEXT,
    gridColor: "#e4e4e4",
    domainColor: "#666666",
    tickColor: "#666666",
  },
  legend: {
    orient: "bottom",
    symbolType: "stroke",
    symbolSize: 500,
    symbolStrokeWidth: 2,
    labelFontSize: 11,
    labelColor: TEXT,
  },
} as const;

type ByName = { field: string; type: "nominal"; title: null };

/** The part of a specification that draws the curves of a chart; `frame` gives the rest. */
function curves(chart: Chart) {
  const { xLabel, yLabel, series } = chart;
  const names = series.map(({ name }) => name);
  const byName: ByName = { field: "name", type: "nominal", title: null };
  const clip = chart.xLim !== undefined || chart.yLim !== undefined;
  return {
    description: `${yLabel} over ${xLabel}, ${names.join(", ")}`,
    data: { values: rows(chart) },
    encoding: {
      ...axes(chart),
      order: { field: "order", type: "quantitative" as const },
      color: { ...byName, scale: { domain: names, range: series.map(lineColor) } },
    },
    layer: [{
      mark: { type: "line" as const, clip, strokeWidth: 2 },
      encoding: { strokeDash: { ...byName, scale: { domain: names, range: series.map(lineDash) } } },
    }, {
      transform: [{ filter: "datum.dot" }],
      mark: { type: "point" as const, filled: false, size: MARK_SIZE, strokeWidth: 1.5, opacity: 1 },
      encoding: {
        // by a field of its own, as the legend shows lines, on which render.ts sets the marks
        shape: {
          ...byName,
          field: "mark",
          scale: { domain: names, range: names.map(lineMark) },
          legend: null,
        },
      },
    }],
  };
}

/** Title, background and legend of a picture, and how many lines the legend takes. */
function frame(title: string, series: readonly Series[], width: number) {
  const names = series.map(({ name }) => name);
  const columns = legendColumns(names, width);
  return {
    legendLines: Math.ceil(names.length / columns),
    around: {
      title,
      padding: 12,
      background: "white",
      config: { ...config, legend: { ...config.legend, columns, labelLimit: width - 90 } },
    },
  };
}

/**
 * Describes a chart for Vega-Lite; each line of the legend after the first makes it 20 pixels higher.
 *
 * @param chart The curves and their axes.
 * @param width Width in CSS pixels.
 * @param height Height in CSS pixels with a legend of one line.
 * @returns The specification.
 */
export function vegaSpec(chart: Chart, width: number, height: number): TopLevelSpec {
  const { legendLines, around } = frame(chart.title, chart.series, width);
  const { description, ...content } = curves(chart);
  return {
    ...around,
    ...content,
    description: `${chart.title}: ${description}`,
    width,
    height: height + 20 * Math.max(0, legendLines - 1),
    autosize: { type: "fit", contains: "padding" },
  };
}

/**
 * Describes charts side by side for Vega-Lite, with one title and one legend.
 *
 * @param row The charts.
 * @param width Width of each in CSS pixels, axis included.
 * @param height Height in CSS pixels, title, axes and one line of legend included.
 * @returns The specification.
 */
export function vegaRowSpec({ title, charts }: ChartRow, width: number, height: number): TopLevelSpec {
  const { around } = frame(title, charts[0]?.series ?? [], width * charts.length);
  return {
    ...around,
    title: { text: title, anchor: "middle" },
    hconcat: charts.map((chart) => ({ ...curves(chart), width: width - 70, height: height - 110 })),
    resolve: { legend: { color: "shared", strokeDash: "shared" } },
  };
}
