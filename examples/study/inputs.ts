/**
 * The images that a script shows: of classes, by place in the test set, or from PNG files.
 *
 * @module
 */
import { basename } from "node:path";
import { type ImageDataset, type Tensor, tensor } from "../../mod.ts";
import { MissingPackages } from "../pictures/packages.ts";
import { readPng } from "../pictures/read_png.ts";
import type { Tile } from "../pictures/tile.ts";
import { refusal } from "../terminal/refusal.ts";
import { say, sayName } from "../words/words.ts";

function refused(message: string): RangeError {
  return refusal(new RangeError(message));
}

/** An image to show. */
export interface Input {
  /** Says in two lines what the image shows, and where it comes from. */
  label: () => string;
  tile: Tile;
}

/** An image of a data set. */
export function imageAt({ images, labels, classes }: ImageDataset, place: number): Input {
  const [, height, width] = images.shape, size = height * width;
  const values = Float32Array.from(images.data.subarray(place * size, (place + 1) * size), (v) => v / 255);
  const tile = { values, height, width, gray: true };
  const name = classes[labels.data[place]];
  return { label: () => `${sayName(name)}\n${say("test image {n}", { n: place })}`, tile };
}

/** Finds a class by its number, or by how its name begins. */
function parseClass(name: string, { classes }: ImageDataset): number {
  const text = name.trim().toLowerCase();
  const exact = classes.findIndex((c, i) => text === `${i}` || text === c.toLowerCase());
  if (exact >= 0) return exact;
  const begun = [...classes.keys()].filter((i) => text !== "" && classes[i].toLowerCase().startsWith(text));
  if (begun.length === 1) return begun[0];
  throw refused(
    `Cannot use --class as each must be one of ${classes.join(", ")}, or its number: ${name}`,
  );
}

/** A class, and where its images are. */
export interface ClassImages {
  name: string;
  places: number[];
}

/** Finds the two classes of a list such as `pullover,coat` or `2,4`, and their images among the first `limit`. */
export function parseClasses(
  list: string,
  dataset: ImageDataset,
  limit?: number,
): [ClassImages, ClassImages] {
  const { classes, labels } = dataset, chosen = list.split(",").map((name) => parseClass(name, dataset));
  const found = chosen.map((k) => {
    const places = [...labels.data.subarray(0, limit).keys()].filter((i) => labels.data[i] === k);
    return { name: classes[k], places };
  });
  const few = found.find(({ places }) => places.length < 2);
  if (few) {
    throw refused(
      `Cannot use --class as two images of each must be there: ${few.places.length} of ${few.name}`,
    );
  }
  if (new Set(chosen).size === 2 && chosen.length === 2) return [found[0], found[1]];
  throw refused(`Cannot use --class as it must name two classes: ${list}`);
}

/** Reads a list of places such as `2,17`. */
function parsePlaces(list: string, { length }: ImageDataset): number[] {
  return list.split(",").map((text) => {
    const place = text.trim() === "" ? NaN : Number(text);
    if (Number.isInteger(place) && place >= 0 && place < length) return place;
    throw refused(
      `Cannot use --index as each must be a whole number from 0 to ${length - 1}: ${text}`,
    );
  });
}

/** Reads the file that an option names. */
export async function readFile(option: string, path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refused(`Cannot use --${option} as ${path} must be a file to read: ${reason}`);
  }
}

/** Reads the PNG files of a list such as `a.png,b.png`, as images of 28 by 28 pixels. */
async function readPngs(list: string): Promise<Input[]> {
  return await Promise.all(
    list.split(",").map(async (path) => {
      const bytes = await readFile("png", path);
      try {
        return { label: () => basename(path), tile: await readPng(bytes, 28, 28) };
      } catch (error) {
        if (error instanceof MissingPackages) throw refusal(error);
        const reason = error instanceof Error ? error.message : String(error);
        throw refused(`Cannot use --png as ${path} must be a PNG file: ${reason}`);
      }
    }),
  );
}

/** The test images of `index` and the files of `png`, as far as they are given; else the first images of each class. */
export async function chooseInputs(
  { index, png, images }: { index?: string; png?: string; images: number },
  dataset: ImageDataset,
  classes: readonly ClassImages[],
): Promise<Input[]> {
  const first = classes.flatMap(({ places }) => places.slice(0, images));
  const places = index ? parsePlaces(index, dataset) : png ? [] : first;
  return [...places.map((i) => imageAt(dataset, i)), ...(png ? await readPngs(png) : [])];
}

/** The batch of all inputs, `[n, 1, h, w]`. */
export function batchOf(inputs: readonly Input[]): Tensor {
  const { height, width } = inputs[0].tile;
  const values = Float32Array.from(inputs.flatMap(({ tile }) => Array.from(tile.values)));
  return tensor(values, { shape: [inputs.length, 1, height, width] });
}
