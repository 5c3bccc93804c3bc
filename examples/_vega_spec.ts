/**
 * A chart in Vega-Lite's words.
 *
 * @module
 */
import type { TopLevelSpec } from "npm:vega-lite@6";
import { axisRange, type Chart, type Series } from "./_chart.ts";

// Okabe and Ito's colours for every kind of colour vision, but for yellow, which is too pale on white.
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#e69f00", "#56b4e9"];
const DASHES = [[1, 0], [6, 4], [10, 3, 2, 3], [2, 3]]; // solid, dashed, and these when the colours come round again
const MARKED = 30; // a curve of more points is drawn without dots
const TEXT = "#222222";

function colorOf({ color }: Series, index: number): string {
  return COLORS[(color ?? index) % COLORS.length];
}

function dashOf({ color, dashed }: Series, index: number): number[] {
  const round = Math.floor((color ?? index) / COLORS.length);
  return DASHES[((dashed ? 1 : 0) + 2 * round) % DASHES.length];
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

/**
 * Describes a chart for Vega-Lite; each line of the legend after the first makes it 20 pixels higher.
 *
 * @param chart The curves and their axes.
 * @param width Width in CSS pixels.
 * @param height Height in CSS pixels with a legend of one line.
 * @returns The specification.
 */
export function vegaSpec(chart: Chart, width: number, height: number): TopLevelSpec {
  const { title, xLabel, yLabel, series } = chart;
  const names = series.map(({ name }) => name);
  const columns = legendColumns(names, width);
  const lines = Math.ceil(names.length / columns);
  const byName = { field: "name", type: "nominal" as const, title: null };
  const clip = chart.xLim !== undefined || chart.yLim !== undefined;
  return {
    title,
    description: `${title}: ${yLabel} over ${xLabel}, ${names.join(", ")}`,
    width,
    height: height + 20 * Math.max(0, lines - 1),
    padding: 12,
    autosize: { type: "fit", contains: "padding" },
    background: "white",
    data: { values: rows(chart) },
    encoding: {
      ...axes(chart),
      order: { field: "order", type: "quantitative" },
      color: { ...byName, scale: { domain: names, range: series.map(colorOf) } },
    },
    layer: [{
      mark: { type: "line", clip, strokeWidth: 2 },
      encoding: { strokeDash: { ...byName, scale: { domain: names, range: series.map(dashOf) } } },
    }, {
      transform: [{ filter: "datum.dot" }],
      mark: { type: "point", filled: true, size: 22, opacity: 1 },
    }],
    config: { ...config, legend: { ...config.legend, columns, labelLimit: width - 90 } },
  };
}
