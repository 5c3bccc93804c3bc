/**
 * Activations as pictures: every channel of a layer beside the inputs, as a grid and in a terminal.
 *
 * @module
 */
import type { Tensor } from "../../mod.ts";
import type { PictureGrid } from "../pictures/grid.ts";
import { colorBar, colorDepth, halfBlocks } from "../pictures/half_blocks.ts";
import { stretch, type Tile } from "../pictures/tile.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { clip } from "../terminal/text_width.ts";
import { say } from "../words/words.ts";
import type { Input } from "./inputs.ts";

/** The maps of each input: a picture a channel. The colours of a channel have one scale over all inputs. */
export async function mapsOf(y: Tensor): Promise<Tile[][]> {
  const [n, channels, height, width] = y.shape, data = await y.data(), size = height * width;
  const maps = Array.from({ length: n }, (): Tile[] => []);
  for (let c = 0; c < channels; c++) {
    const all = maps.map((_, i) => data.subarray((i * channels + c) * size, (i * channels + c + 1) * size));
    stretch(all).forEach((values, i) => maps[i].push({ values, height, width }));
  }
  return maps;
}

/** A number for each channel of a layer. */
export interface ChannelNumbers {
  values: readonly number[];
  /** Says what the numbers are, such as "mean of Pullover − mean of Coat, in standard deviations". */
  meaning: () => string;
}

/** The channels of a layer, and a number for each. */
export interface LayerPictures {
  /** The title above the grid. */
  title: string;
  /** The inputs. */
  inputs: readonly Input[];
  /** The maps of each input. */
  maps: readonly (readonly Tile[])[];
  /** How far apart each channel holds two classes, or what is shown and other images. */
  apart: ChannelNumbers;
}

/** Sets inputs and their maps in a grid, an input a row. */
export function activationGrid({ title, inputs, maps, apart }: LayerPictures): PictureGrid {
  const signed = (d: number) => `${d < 0 ? "−" : "+"}${Math.abs(d).toFixed(2)}`;
  return {
    title,
    note: `${say("the colours of a channel have one scale over all rows")}\n${
      say("below its number: {meaning}", { meaning: apart.meaning() })
    }`,
    bar: { low: say("lowest"), high: say("highest value") },
    columns: [say("input"), ...apart.values.map((d, channel) => `${channel}\n${signed(d)}`)],
    rows: inputs.map(({ label, tile }, i) => ({ label: label(), tiles: [tile, ...maps[i]] })),
  };
}

/** Draws the first and the last input and as many of their maps as the window takes, those most apart first. */
export function activationLines(
  { inputs, maps, apart }: Omit<LayerPictures, "title">,
  terminal: Terminal,
): string[] {
  const { colors, unicode } = terminal, depth = colorDepth(colors && unicode);
  const order = mostApart(apart.values);
  const pictures = [...new Set([0, inputs.length - 1])].flatMap((i) => {
    const { label, tile } = inputs[i];
    const channels = order.map((channel) => ({
      name: say("channel {n}", { n: channel }),
      tile: maps[i][channel],
    }));
    const lines = halfBlocks([{ name: say("input"), tile }, ...channels], terminal.size().columns, depth);
    return [clip(label().replace("\n", ", "), terminal.size().columns - 1), ...lines];
  });
  return [...pictures, `${colorBar(depth)} ${say("each channel from its lowest to its highest value")}`];
}

/** The channels, those first that hold the classes furthest apart. */
export function mostApart(values: readonly number[]): number[] {
  return [...values.keys()].sort((i, j) => Math.abs(values[j]) - Math.abs(values[i]));
}

/**
 * How far apart each channel holds two classes: the difference of their means, in pooled standard deviations.
 *
 * @param a The mean of each channel, a row an image of the one class.
 * @param b The mean of each channel, a row an image of the other class.
 * @returns A number a channel, 0 where all images are the same.
 */
export function distances(a: number[][], b: number[][]): number[] {
  return a[0].map((_, channel) => {
    const [of, ofOther] = [a, b].map((rows) => {
      const values = rows.map((row) => row[channel]);
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      return { mean, squares: values.reduce((sum, v) => sum + (v - mean) ** 2, 0) };
    });
    const pooled = Math.sqrt((of.squares + ofOther.squares) / (a.length + b.length - 2));
    return pooled > 0 ? (of.mean - ofOther.mean) / pooled : 0;
  });
}

/**
 * How far each channel holds some images from many others: the difference of their means, in standard deviations of the
 * others.
 *
 * @param some The mean of each channel, a row an image.
 * @param others The same of the others.
 * @returns A number a channel, 0 where all others are the same.
 */
export function deviations(some: number[][], others: number[][]): number[] {
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  return some[0].map((_, channel) => {
    const own = mean(some.map((row) => row[channel])), values = others.map((row) => row[channel]);
    const center = mean(values), deviation = Math.sqrt(mean(values.map((v) => (v - center) ** 2)));
    return deviation > 0 ? (own - center) / deviation : 0;
  });
}
