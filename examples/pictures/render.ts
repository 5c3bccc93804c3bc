/**
 * Line charts as SVG and PNG, on Vega-Lite and resvg. The packages load when the first chart is drawn.
 *
 * A chart is dark text on a white card: a picture cannot tell whether the page around it is light or dark, and
 * a card of its own reads the same on both.
 *
 * @module
 */
import { type Chart, type ChartRow, checkSeries } from "./chart.ts";
import { chineseFont } from "./fonts.ts";
import { once, packageFile, packages } from "./packages.ts";
import { lineMark, MARK_SIZE, vegaRowSpec, vegaSpec } from "./vega_spec.ts";

export type { Chart, ChartRow, Series } from "./chart.ts";

/** A picture's size. */
export interface ChartSize {
  /** Width in CSS pixels, 640 by default; of charts side by side, that of each. */
  width?: number;
  /** Height in CSS pixels, 400 by default; each line of the legend after the first adds 20. */
  height?: number;
}

/**
 * Draws a chart, or charts side by side, as SVG.
 *
 * @param chart The curves and their axes.
 * @param size The picture's size.
 * @returns The SVG document. Rejects with a `RangeError` when two series share a name.
 *
 * @example Usage
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { type Chart, renderSvg } from "./render.ts";
 *
 * const series: Chart["series"] = [{ name: "train loss", points: [[1, 0.9], [2, 0.6]] }];
 * const svg = await renderSvg({ title: "LeNet", xLabel: "epoch", yLabel: "loss", series });
 * assertStringIncludes(svg, "train loss");
 * ```
 */
export async function renderSvg(
  chart: Chart | ChartRow,
  { width = 640, height = 400 }: ChartSize = {},
): Promise<string> {
  const isRow = "charts" in chart;
  (isRow ? chart.charts : [chart]).forEach(checkSeries);
  const { vegaLite: { compile }, vega } = await packages();
  const runtime = vega.parse(
    compile(isRow ? vegaRowSpec(chart, width, height) : vegaSpec(chart, width, height)).spec,
  );
  const view = new vega.View(runtime, { renderer: "none", logLevel: vega.Error });
  try {
    return withMarks(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** Sets the mark of each series on its line in the legend, whose symbols can be one thing only. */
function withMarks(svg: string): string {
  const radius = Math.sqrt(MARK_SIZE) / 2;
  let place = 0;
  return svg.replaceAll(
    /(role-legend-symbol"[^>]*>)(<path transform="(translate\([^"]*\))"[^>]*>(?:<\/path>)?)/g,
    (all, ...found) => {
      const [, line, translate] = found, stroke = line.match(/stroke="[^"]*"/)![0];
      const mark = lineMark("", place++);
      return `${all}<path transform="${translate} scale(${radius})" d="${mark}" fill="none" ${stroke} ` +
        `stroke-width="${1.5 / radius}"></path>`;
    },
  );
}

const rasterizer = once(async () => {
  const { resvg: { initWasm, Resvg } } = await packages();
  const font = await packageFile("npm:dejavu-fonts-ttf@2/ttf/DejaVuSans.ttf");
  await initWasm(await packageFile("npm:@resvg/resvg-wasm@2/index_bg.wasm")); // refuses to start twice
  return { Resvg, font };
});

/**
 * Draws a chart as PNG, two pixels to a CSS pixel. It brings its own font, since a machine may have none.
 *
 * @param chart The curves and their axes.
 * @param size The picture's size.
 * @returns The PNG file's bytes. Rejects with a `RangeError` when two series share a name.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { type Chart, renderPng } from "./render.ts";
 *
 * const series: Chart["series"] = [{ name: "train loss", points: [[1, 0.9], [2, 0.6]] }];
 * const png = await renderPng({ title: "LeNet", xLabel: "epoch", yLabel: "loss", series });
 * assertEquals(new TextDecoder().decode(png.subarray(1, 4)), "PNG");
 * ```
 */
export async function renderPng(chart: Chart | ChartRow, size: ChartSize = {}): Promise<Uint8Array> {
  return rasterize(await renderSvg(chart, size));
}

/**
 * Turns an SVG that `renderSvg` made into PNG, for a caller that wants both.
 *
 * @param svg The SVG document.
 * @returns The PNG file's bytes.
 */
export async function rasterize(svg: string): Promise<Uint8Array> {
  const { Resvg, font } = await rasterizer();
  const chinese = /[\u2e80-\u9fff]/.test(svg) ? await chineseFont() : null;
  const picture = new Resvg(svg, {
    fitTo: { mode: "zoom", value: 2 },
    font: { fontBuffers: chinese ? [font, chinese] : [font], defaultFontFamily: "DejaVu Sans" },
  });
  const image = picture.render();
  const png = image.asPng();
  image.free(); // the collector does not see WebAssembly memory
  picture.free();
  return png;
}
