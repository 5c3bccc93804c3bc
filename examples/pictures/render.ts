/**
 * Line charts as SVG and PNG, on Vega-Lite and resvg. The packages load when the first chart is drawn.
 *
 * A chart is dark text on a white card: a picture cannot tell whether the page around it is light or dark, and
 * a card of its own reads the same on both.
 *
 * @module
 */
import { type Chart, type ChartRow, checkSeries } from "./chart.ts";
import { vegaRowSpec, vegaSpec } from "./vega_spec.ts";

export type { Chart, ChartRow, Series } from "./chart.ts";

/** A picture's size. */
export interface ChartSize {
  /** Width in CSS pixels, 640 by default; of charts side by side, that of each. */
  width?: number;
  /** Height in CSS pixels, 400 by default; each line of the legend after the first adds 20. */
  height?: number;
}

async function loaded<T>(packages: Promise<T>): Promise<T> {
  try {
    return await packages;
  } catch (cause) {
    const reason = String(cause).split("\n")[0];
    throw new Error(`Cannot draw a chart as its npm packages must be cached or reachable: ${reason}`, {
      cause,
    });
  }
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
  const [{ compile }, vega] = await loaded(Promise.all([import("npm:vega-lite@6"), import("npm:vega@6")]));
  const runtime = vega.parse(
    compile(isRow ? vegaRowSpec(chart, width, height) : vegaSpec(chart, width, height)).spec,
  );
  const view = new vega.View(runtime, { renderer: "none", logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function readPackageFile(specifier: string): Promise<Uint8Array> {
  return Deno.readFile(new URL(import.meta.resolve(specifier))); // a file: URL once the package is loaded
}

async function loadRasterizer() {
  const [{ initWasm, Resvg }] = await Promise.all([
    import("npm:@resvg/resvg-wasm@2"),
    import("npm:dejavu-fonts-ttf@2/package.json", { with: { type: "json" } }),
  ]);
  const font = await readPackageFile("npm:dejavu-fonts-ttf@2/ttf/DejaVuSans.ttf");
  await initWasm(await readPackageFile("npm:@resvg/resvg-wasm@2/index_bg.wasm"));
  return { Resvg, font };
}

let rasterizer: ReturnType<typeof loadRasterizer> | undefined; // one a process: it refuses to start twice

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
  const { Resvg, font } = await loaded(rasterizer ??= loadRasterizer());
  const picture = new Resvg(svg, {
    fitTo: { mode: "zoom", value: 2 },
    font: { fontBuffers: [font], defaultFontFamily: "DejaVu Sans" },
  });
  const image = picture.render();
  const png = image.asPng();
  image.free(); // the collector does not see WebAssembly memory
  picture.free();
  return png;
}
