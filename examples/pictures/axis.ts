/**
 * What an axis spans and where its ticks stand: round numbers, whole epochs, and no spread that is made to look like more
 * than it is.
 *
 * @module
 */
import { axisRange, type Chart } from "./chart.ts";

/** An axis. */
export interface Axis {
  /** The least value shown. */
  low: number;
  /** The greatest value shown. */
  high: number;
  /** Where the ticks stand, from the least to the greatest. */
  ticks: readonly number[];
}

/** The least step of 1, 2 or 5 times a power of ten that makes no more than `count` of a span. */
function roundStep(span: number, count: number): number {
  const rough = span / count, power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((times) => times * power >= rough * (1 - 1e-9)) ?? 10);
}

function multiples(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, i) => Number(((first + i) * step).toPrecision(12)),
  );
}

/**
 * Lays out the x axis: from the first to the last point or limit, both with a tick, and all ticks whole numbers unless it
 * is shorter than one.
 *
 * @param chart The chart to be drawn.
 * @param count The most ticks, but for one at each end.
 * @returns The axis.
 */
export function xAxis(chart: Chart, count = 10): Axis {
  let [low, high] = axisRange(chart, 0);
  const points = chart.series.flatMap((one) => one.points).filter((point) => point.every(Number.isFinite));
  const isOne = chart.xLim === undefined && points.length > 0 && points.every(([x]) => x === points[0]![0]);
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  if (isOne) [low, high] = [points[0]![0] - 0.5, points[0]![0] + 0.5]; // the one epoch in the middle
  const step = roundStep(high - low, count);
  if (high - low < 1) return { low, high, ticks: multiples(low, high, step) };
  const ends = [low, high].filter(Number.isInteger);
  const between = multiples(low, high, Math.max(1, step))
    .filter((tick) => ends.every((end) => tick === end || Math.abs(tick - end) > 0.45 * step));
  return { low, high, ticks: [...new Set([...ends, ...between])].sort((a, b) => a - b) };
}

/** A value that a span can be computed of. */
function bounded(value: number): number {
  return Math.max(-1e300, Math.min(1e300, value));
}

/**
 * Lays out the y axis: round numbers around all points, or the chart's limits. It spans a tenth of its greatest value at
 * least, a fifth where all are shares, so that noise does not look like learning; and where no value passes 1, or is
 * below 0, it does not either.
 *
 * @param chart The chart to be drawn.
 * @returns The axis.
 */
export function yAxis(chart: Chart): Axis {
  const [least, greatest] = axisRange(chart, 1);
  if (chart.yLim) {
    return { low: least, high: greatest, ticks: multiples(least, greatest, roundStep(greatest - least, 5)) };
  }
  const values = chart.series.flatMap(({ points }) => points)
    .filter((point) => point.every(Number.isFinite)).map(([, y]) => y);
  const [from, to] = values.length > 0
    ? [bounded(Math.min(...values)), bounded(Math.max(...values))] as const
    : [0, 1] as const;
  const floor = from >= 0 ? 0 : -Infinity, ceiling = from >= 0 && to <= 1 ? 1 : Infinity;
  const size = Math.max(Math.abs(from), Math.abs(to)) || 1;
  const span = Math.max(to - from, chart.share ? 0.2 : size / 10, 1e-300);
  let low = (from + to - span) / 2, high = low + span;
  if (high > ceiling) [low, high] = [ceiling - span, ceiling];
  if (low < floor) [low, high] = [floor, floor + span];
  const step = roundStep(high - low, 5);
  low = Math.max(floor, Math.floor(low / step + 1e-9) * step);
  high = Math.min(ceiling, Math.ceil(high / step - 1e-9) * step);
  const ticks = multiples(low, high, step);
  return { low: ticks[0] ?? low, high: ticks.at(-1) ?? high, ticks };
}
