/**
 * The book's data sets as batches.
 *
 * @module
 */
import { DataLoader, type Dataset, FashionMNIST, MNIST, Subset, transforms } from "../../mod.ts";
import { refusing } from "../terminal/refusal.ts";
import { screen } from "../terminal/screen.ts";
import { say } from "../words/words.ts";

/** Options of {@linkcode loadDataFashionMnist} and {@linkcode loadDataMnist}. */
export interface LoadDataOptions {
  /** Height and width to which the images are brought, 28 unless given. */
  resize?: number;
  /** Folder to look in first, and to download into. */
  root?: string;
  /** Only the first so many images of each split. */
  limit?: number;
  /** Seed of the order in which the training images come. */
  seed?: number;
}

/**
 * Loads Fashion-MNIST and returns what iterates over its training batches (shuffled) and its test batches.
 *
 * @param batchSize Images of a batch.
 * @param options What is loaded; a number alone is `resize`, as in `loadDataFashionMnist(256, 64)`.
 */
export function loadDataFashionMnist(
  batchSize: number,
  options: LoadDataOptions | number = {},
): Promise<[DataLoader, DataLoader]> {
  return loadData(FashionMNIST, batchSize, options);
}

/** Loads MNIST as {@linkcode loadDataFashionMnist} loads Fashion-MNIST. */
export function loadDataMnist(
  batchSize: number,
  options: LoadDataOptions | number = {},
): Promise<[DataLoader, DataLoader]> {
  return loadData(MNIST, batchSize, options);
}

async function loadData(
  source: typeof MNIST,
  batchSize: number,
  options: LoadDataOptions | number,
): Promise<[DataLoader, DataLoader]> {
  const { resize, root, limit = Infinity, seed }: LoadDataOptions = typeof options === "number"
    ? { resize: options }
    : options;
  const transform = resize === undefined ? undefined : transforms.resize({ size: resize });
  const train = firstOf(await loadSplit(source, "train", root), limit);
  const test = firstOf(await loadSplit(source, "test", root), limit);
  return [
    new DataLoader(train, { batchSize, shuffle: true, seed, transform }),
    new DataLoader(test, { batchSize, transform }),
  ];
}

/** The splits that were loaded, so that networks which are compared share the images on the GPU. */
const splits = new Map<string, Promise<MNIST>>();

/**
 * Loads a split once, and says so where it is not in the folder that was named, but in another. Rejects as the data set's
 * own `load` does.
 */
export function loadSplit(source: typeof MNIST, split: "train" | "test", root?: string): Promise<MNIST> {
  const key = JSON.stringify([source.name, split, root]);
  const loading = splits.get(key) ?? loadFrom(source, split, root);
  splits.set(key, loading);
  loading.catch(() => splits.delete(key)); // the next try may find what this did not
  return loading;
}

async function loadFrom(source: typeof MNIST, split: "train" | "test", root?: string): Promise<MNIST> {
  const dataset = await refusing(() => source.load({ split, root }).catch(withAdvice));
  const isElsewhere = root !== undefined && !dataset.source.startsWith(root) &&
    !dataset.source.includes("://");
  if (isElsewhere) {
    const facts = { root, name: source.name, split, source: dataset.source };
    screen.warn(say("{root} has no {name} {split} files: those of {source} are used", facts));
  }
  return dataset;
}

/** Adds to an error what a user can do where there is neither a file nor a mirror. */
function withAdvice(error: unknown): never {
  if (!(error instanceof Error && error.cause instanceof AggregateError)) throw error;
  const [where, why] = [error.message.replace(error.cause.message, "").trim(), error.cause.message];
  const files = ["train", "t10k"].flatMap((split) => [`${split}-images-idx3`, `${split}-labels-idx1`])
    .map((name) => `${name}-ubyte.gz`);
  const advice = `Put ${files.join(", ")} there, or into a folder that --root names.`;
  throw new Error(`${where} ${advice} ${why}`, { cause: error });
}

function firstOf(dataset: Dataset, n: number): Dataset {
  return n >= dataset.length ? dataset : new Subset(dataset, Array(n).keys());
}
