/**
 * What a line chart shows; `render.ts` draws it as a picture, `plot_lines.ts` in a terminal.
 *
 * @module
 */

/** One curve of a chart. */
export interface Series {
  /** The series' name in the legend; no two series of a chart share a name. */
  name: string;
  /** The `[x, y]` points, in the order in which they are joined; one that is not finite leaves a gap. */
  points: readonly (readonly [number, number])[];
  /** Whether its line is dashed at any place, as for a second quantity; the first is not unless it is told so. */
  dashed?: boolean;
  /** The place of its colour in the palette, by default its own place; series that belong together share one. */
  color?: number;
}

/** The place of a series' colour in a palette; `index` is its place among the series. */
export function paletteIndex({ color }: Series, index: number): number {
  return color ?? index;
}

/**
 * The place of a series' dashes among `count` patterns, the first of which is a line without gaps: each series has its
 * own, so that curves which lie on each other are told apart.
 */
export function dashIndex({ dashed }: Series, index: number, count: number): number {
  const place = index % count;
  return dashed && place === 0 ? 1 : place;
}

/** Curves over common axes. */
export interface Chart {
  /** The title above the curves. */
  title: string;
  /** The title of the x axis. */
  xLabel: string;
  /** The title of the y axis. */
  yLabel: string;
  /** The curves, in the legend's order. */
  series: readonly Series[];
  /** Whether y is a share, from 0 to 1. */
  share?: boolean;
  /** First and last x shown, by default the points'. */
  xLim?: readonly [number, number] | undefined;
  /** Lowest and highest y shown, by default the points'. */
  yLim?: readonly [number, number] | undefined;
}

/** Charts side by side, such as the losses and the accuracies of the same networks, over one legend. */
export interface ChartRow {
  /** The title above the charts. */
  title: string;
  /** The charts, all with the same series by name: one look a name, in all of them. */
  charts: readonly Chart[];
}

/**
 * Refuses series that share a name, which a legend could not tell apart.
 *
 * @param chart The chart to be drawn.
 */
export function checkSeries({ series }: Chart): void {
  const names = series.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new RangeError(
    `Cannot draw a chart as each series must have its own name: two are called "${twice}"`,
  );
}

/**
 * Returns what an axis spans: the chart's limits, else the finite points', never an empty range.
 *
 * @param chart The chart to be drawn.
 * @param axis 0 for x, 1 for y.
 * @returns The lowest and the highest value, `[0, 1]` when there is no point.
 */
export function axisRange(chart: Chart, axis: 0 | 1): readonly [number, number] {
  const limits = [chart.xLim, chart.yLim][axis];
  if (limits) return limits;
  let [low, high] = [Infinity, -Infinity];
  for (const point of chart.series.flatMap(({ points }) => points)) {
    if (!point.every(Number.isFinite)) continue;
    [low, high] = [Math.min(low, point[axis]), Math.max(high, point[axis])];
  }
  if (low < high) return [low, high];
  if (low > high || low === 0) return [0, 1];
  return [low - Math.abs(low) / 2, low + Math.abs(low) / 2];
}
