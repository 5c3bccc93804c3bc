/**
 * What a network takes images for, beside what they are, as the book's third chapter shows it.
 *
 * @module
 */
import { type DataLoader, type nn, predict } from "../../mod.ts";
import { classNames } from "../../nn/train/class_names.ts";
import { refusal } from "../terminal/refusal.ts";
import { sayName } from "../words/words.ts";
import { showImages, type ShownImages } from "./show_images.ts";

/**
 * Shows the first images of a data set, each with its class above what the network takes it for.
 *
 * @param net The network.
 * @param testIter The batches of images; they are shown as the network sees them.
 * @param n How many are shown, 6 unless given, or fewer where the first batch has no more.
 * @returns The picture. Rejects with a `RangeError` if there are no batches.
 */
export async function predictCh3(net: nn.Module, testIter: DataLoader, n = 6): Promise<ShownImages> {
  const classes = classNames(testIter), name = (label: number) => sayName(classes?.[label] ?? `${label}`);
  for (const [X, y] of testIter) {
    try {
      const trues = await y.data(), predictions = await predict(net, X, { classes, top: 1 });
      const titles = predictions.map(([guess], k) => `${name(trues[k]!)}\n${name(guess!.label)}`);
      return await showImages(X, { rows: 1, columns: Math.min(n, X.shape[0]!), titles });
    } finally {
      for (const t of [X, y]) t.dispose(); // a loop that is left frees none
    }
  }
  throw refusal(new RangeError("Cannot predict as testIter must have images: it has no batches"));
}
