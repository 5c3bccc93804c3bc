/**
 * A chart as a Vega-Lite specification.
 *
 * @module
 */
import type { TopLevelSpec } from "npm:vega-lite@6";
import { axisRange, type Chart, type ChartRow, paletteIndex, type Series } from "./chart.ts";
import { PALETTE } from "./palette.ts";

const COLORS = Object.values(PALETTE);
const DASHES = [[1, 0], [6, 4], [10, 3, 2, 3], [2, 3]]; // solid, dashed, and these when the colours come round again
const MARKED = 30; // a curve of more points is drawn without dots
const TEXT = "#222222";

function lineColor(series: Series, index: number): string {
  return COLORS[paletteIndex(series, index) % COLORS.length];
}

function lineDash(series: Series, index: number): number[] {
  const round = Math.floor(paletteIndex(series, index) / COLORS.length);
  return DASHES[((series.dashed ? 1 : 0) + 2 * round) % DASHES.length];
}

function isInside(value: number, limits?: readonly [number, number]): boolean {
  return Number.isFinite(value) && (!limits || (limits[0] <= value && value <= limits[1]));
}

function rows({ series, xLim, yLim }: Chart) {
  return series.flatMap(({ name, points }) =>
    points.filter(([x]) => Number.isFinite(x)).map(([x, y], order) => {
      const dot = points.length <= MARKED && isInside(x, xLim) && isInside(y, yLim);
      return { name, order, x, y: Number.isFinite(y) ? y : null, dot };
    })
  );
}

function axes(chart: Chart) {
  const [first, last] = axisRange(chart, 0);
  const x = { field: "x", type: "quantitative" as const, title: chart.xLabel };
  const y = { field: "y", type: "quantitative" as const, title: chart.yLabel };
  return {
    x: {
      ...x,
      scale: { domain: [first, last], nice: false, zero: false },
      axis: { tickCount: 10, ...(last - first >= 2 ? { tickMinStep: 1 } : {}) }, // no half epochs
    },
    y: { ...y, scale: { domain: [...axisRange(chart, 1)], nice: chart.yLim === undefined, zero: false } },
  };
}

function legendColumns(names: string[], width: number): number {
  const longest = Math.max(0, ...names.map((name) => name.length));
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

type ByName = { field: "name"; type: "nominal"; title: null };

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
      mark: { type: "point" as const, filled: true, size: 22, opacity: 1 },
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
