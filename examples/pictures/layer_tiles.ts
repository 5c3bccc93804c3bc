/**
 * The first convolution of a network as small pictures: its filters, and what it answers to images.
 *
 * @module
 */
import { nn, noGrad, scope, tensor } from "../../mod.ts";
import { stretch, type Tile } from "./tile.ts";

/** The most channels that are shown. */
const MOST = 32;

/** Images as plain numbers, `[n, c, h, w]`, that outlive the tensor they were read from. */
export interface Images {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** The first convolution of a network, if it has one. */
export function firstConvolution(net: nn.Module): nn.Conv2d | undefined {
  for (const [, module] of net.namedModules()) if (module instanceof nn.Conv2d) return module;
}

/** Cuts planes of `height` by `width` out of numbers, in one scale. */
function planes(data: ArrayLike<number>, height: number, width: number, count: number): Tile[] {
  const size = height * width, all = Array.from(data);
  const parts = Array.from({ length: count }, (_, i) => all.slice(i * size, (i + 1) * size));
  return stretch(parts).map((values) => ({ values, height, width }));
}

/** The filters of a convolution: a row for each of its first input channels, all in one scale. */
export async function filterTiles(conv: nn.Conv2d): Promise<Tile[][]> {
  const [out, inputs, height, width] = conv.weight.shape, data = await conv.weight.data();
  const tiles = planes(data, height, width, out * inputs),
    shown = Array.from({ length: Math.min(out, MOST) });
  return Array.from(
    { length: Math.min(inputs, 3) },
    (_, i) => shown.map((_, o) => tiles[o * inputs + i]),
  );
}

/** Images of one channel, and what a convolution answers to them: a row an image, each channel of a map in its own scale. */
export async function mapTiles(conv: nn.Conv2d, { values, shape }: Images): Promise<Tile[][]> {
  using _ = scope();
  const y = noGrad(() => conv.forward(tensor(values, { shape: [...shape] })));
  const [n, channels, height, width] = y.shape, data = await y.data(), size = height * width;
  const [, , inH, inW] = shape, inputs = planes(values, inH, inW, n).map((tile) => ({ ...tile, gray: true }));
  return inputs.map((input, i) => {
    const maps = Array.from({ length: Math.min(channels, MOST) }, (_, c) => {
      const at = (i * channels + c) * size;
      return planes(data.subarray(at, at + size), height, width, 1)[0];
    });
    return [input, ...maps];
  });
}
