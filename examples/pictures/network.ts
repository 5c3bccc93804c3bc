/**
 * A network as a picture: the output of each layer, as maps one behind the other or as a bar.
 *
 * @module
 */
import { type nn, summary } from "../../mod.ts";
import { PALETTE } from "./palette.ts";

const STEP = 78, MIDDLE = 75, SHOWN = 10; // the most maps that are drawn of a layer

const COLORS: [RegExp, string][] = [
  [/Conv/, PALETTE.blue],
  [/Pool/, PALETTE.green],
  [/Linear/, PALETTE.vermilion],
  [/Norm/, PALETTE.purple],
  [/^input$/, PALETTE.black],
];

function draw(x: number, shape: readonly number[], color: string): string {
  const rect = (left: number, top: number, width: number, height: number) =>
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${color}" fill-opacity="0.25" ` +
    `stroke="${color}"/>`;
  if (shape.length < 3) {
    const height = Math.min(130, 10 * Math.log2(1 + shape[0])); // from tens to thousands
    return rect(x - 4, MIDDLE - height / 2, 8, height);
  }
  const [maps, height, width] = shape,
    scale = 36 / Math.max(28, height, width),
    count = Math.min(maps, SHOWN);
  return Array.from({ length: count }, (_, i) => {
    const shift = 3 * (i - (count - 1) / 2);
    return rect(
      x + shift - width * scale / 2,
      MIDDLE + shift - height * scale / 2,
      width * scale,
      height * scale,
    );
  }).join("");
}

/**
 * Draws a network's layers in the order in which they are called, with their shapes and parameters.
 *
 * @param net The network.
 * @param input The shape of its input, with one example.
 * @returns The picture as SVG: dark text on a white card.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice } from "../../mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 * import { networkSvg } from "./network.ts";
 *
 * await openDevice();
 * const svg = networkSvg(new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10)), [1, 1, 28, 28]);
 * assertStringIncludes(svg, ">7,850 parameters<");
 * ```
 */
export function networkSvg(net: nn.Module, input: readonly number[]): string {
  const { rows } = summary(net, input);
  const layers = [
    { type: "input", outputShape: input, parameters: 0 },
    ...rows.filter(({ path }) => net.getSubmodule(path).children().length === 0),
  ];
  const width = STEP * layers.length + 16, height = 190;
  const columns = layers.map(({ type, outputShape, parameters }, i) => {
    const x = 8 + STEP * (i + 0.5), shape = outputShape?.slice(1) ?? [];
    const color = COLORS.find(([kind]) => kind.test(type))?.[1] ?? "#777777";
    const weights = parameters > 0 ? `${parameters.toLocaleString("en")} parameters` : "";
    const texts = [type, shape.join(" × "), weights].map((text, line) =>
      `<text x="${x}" y="${152 + 14 * line}"${line > 0 ? ' font-size="8.5"' : ""}>${text}</text>`
    );
    return draw(x, shape, color) + texts.join("");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, Verdana, Arial, sans-serif" font-size="10" ` +
    `text-anchor="middle" fill="#222222" role="img"><title>the layers of a ${net.constructor.name}</title>` +
    `<rect width="${width}" height="${height}" fill="white"/>${columns.join("")}</svg>`;
}
