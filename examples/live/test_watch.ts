/**
 * What a network makes of the test images: the tests that the training makes anyway are watched, so that they cost no pass of
 * their own, and all images are counted.
 *
 * @module
 */
import type { FitBatches, Tensor } from "../../mod.ts";
import { observeTests } from "../../nn/train/evaluate.ts";
import { imageOf } from "./pictures.ts";
import type { TestsEvent } from "./run_view.ts";
import { areClasses, hasPlaces, readImages } from "./test_images.ts";

/** Mistakes and classes that are shown at most. */
const MOST = { mistakes: 12, classes: 30 };

/** What a network made of an example. */
interface Answer {
  readonly place: number;
  readonly label: number;
  readonly guess: number;
  readonly probability: number;
  readonly loss: number;
}

/** The outputs of a batch and its labels, on their way. */
interface Batch {
  readonly place: number;
  readonly classes: number;
  readonly reading: Promise<[outputs: ArrayLike<number>, labels: ArrayLike<number>]>;
}

/** Watches the tests of this process, until it is disposed. */
export class TestWatch {
  /** What was tested last, and what came out. */
  #last: { of: unknown; batches: Batch[] } = { of: null, batches: [] };

  /** Begins to watch. */
  constructor() {
    observeTests((of, place, output, labels) => this.#see(of, place, output, labels));
  }

  /**
   * What came out of the last test of these batches.
   *
   * @param batches The test images.
   * @returns The confusion matrix and the worst mistakes; null where they were not tested, or are not classified.
   */
  async take(batches: FitBatches | undefined): Promise<Omit<TestsEvent, "kind" | "epoch"> | null> {
    const { of, batches: seen } = this.#last;
    this.#last = { of: null, batches: [] };
    const read = await Promise.all(
      seen.map(async ({ reading, ...rest }) => ({ ...rest, read: await reading })),
    );
    if (batches === undefined || of !== batches || read.length === 0) return null;
    const { classes } = read[0]!, answers = read.flatMap(answersOf);
    const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    for (const { label, guess } of answers) if (matrix[label]) matrix[label][guess]!++;
    return { tried: answers.length, matrix, worst: await worstOf(batches, answers) };
  }

  /** Watches no more. */
  [Symbol.dispose](): void {
    observeTests(null);
  }

  #see(of: unknown, place: number, output: Tensor, labels: Tensor): void {
    if (place === 0) this.#last = { of, batches: [] };
    if (output.shape.length !== 2 || output.shape[1]! > MOST.classes || !areClasses(labels)) return;
    const reading = Promise.all([output.data(), labels.data()]);
    reading.catch(() => {}); // who takes it is told, and so is the test itself
    this.#last.batches.push({ place, classes: output.shape[1]!, reading });
  }
}

function answersOf(
  { place, classes, read: [outputs, labels] }: Omit<Batch, "reading"> & { read: Awaited<Batch["reading"]> },
): Answer[] {
  const rows = Array.from(outputs);
  return Array.from(
    labels,
    (label, i) => answerOf(rows.slice(i * classes, (i + 1) * classes), label, place + i),
  );
}

function answerOf(row: number[], label: number, place: number): Answer {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = row.reduce((total, v) => total + Math.exp(v - top), 0);
  const guess = Math.max(0, row.indexOf(top)), loss = Math.log(sum) + top - row[label]!;
  return { place, label, guess, probability: 1 / sum, loss };
}

/** The mistakes of the greatest loss, with their pictures; none where the order of the images is another each time. */
async function worstOf(batches: FitBatches, answers: readonly Answer[]): Promise<TestsEvent["worst"]> {
  if (!hasPlaces(batches)) return [];
  const wrong = answers.filter(({ label, guess }) => label !== guess)
    .sort((a, b) => b.loss - a.loss || a.place - b.place).slice(0, MOST.mistakes);
  const images = await readImages(batches, wrong.map(({ place }) => place));
  return wrong.flatMap((answer) => {
    const image = images.get(answer.place);
    return image ? [{ ...answer, picture: imageOf(image.values, image.shape) }] : [];
  });
}
