/**
 * Classifying pictures by a network of the study.
 *
 * @module
 */
import { type nn, predict, type Prediction, tensor } from "../mod.ts";
import { type Invert, type Picture, readPicture } from "./pictures/read_picture.ts";

/** Height and width of what the networks take. */
export const SIZE = 28;
/** Pictures that the network sees at a time. */
const BATCH = 256;
/** Pixels that stay free around what is shown, as around the digits of MNIST. */
const MARGINS: Readonly<Record<string, number>> = { mnist: 4 };

/** Reads a picture as a network takes it that was trained on a data set. Rejects as {@linkcode readPicture} does. */
export function readFor(dataset: string, bytes: Uint8Array, invert: Invert = "auto"): Promise<Picture> {
  return readPicture(bytes, { size: SIZE, margin: MARGINS[dataset], invert });
}

/** The probabilities of all classes, for each picture the most probable first. */
export async function classify(
  net: nn.Module,
  pictures: readonly Pick<Picture, "tile">[],
  classes: readonly string[],
): Promise<Prediction[][]> {
  const guesses: Prediction[][] = [];
  for (let at = 0; at < pictures.length; at += BATCH) {
    const batch = pictures.slice(at, at + BATCH), values = new Float32Array(batch.length * SIZE ** 2);
    batch.forEach(({ tile }, k) => values.set(tile.values, k * SIZE ** 2));
    using x = tensor(values, { shape: [batch.length, 1, SIZE, SIZE] });
    guesses.push(...await predict(net, x, { classes: classes.length > 0 ? classes : undefined }));
  }
  return guesses;
}
