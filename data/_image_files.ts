/**
 * Finding, downloading and reading the two files of a split of MNIST or of a set in its format.
 *
 * @module
 */
import { type ReadEnv, readEnv, writeWhole } from "../ops/core/files.ts";
import { download, type DownloadOptions, type RemoteFile } from "./_download.ts";
import { downloadFolder, fillFolder, findFile, type FolderNames, places } from "./_folders.ts";
import { showProgress } from "./_progress.ts";
import { type IdxArray, parseIdx } from "./formats/idx.ts";
import type { LoadOptions } from "./image_dataset.ts";
import {
  FUNCTION,
  instanceOf,
  listOf,
  oneOf,
  type OptionKinds,
  required,
  signature,
  TEXT,
} from "../ops/core/signature.ts";

/** The images and labels of one split. */
interface SplitFiles {
  readonly images: RemoteFile;
  readonly labels: RemoteFile;
}

/** Where a data set's files are, and the checksums that identify each file. */
export interface ImageFiles extends FolderNames {
  /** Name of its class, for messages. */
  readonly dataset: string;
  readonly mirrors: readonly string[];
  readonly train: SplitFiles;
  readonly test: SplitFiles;
}

/** A split, read and checked. */
export interface LoadedImages {
  readonly images: IdxArray<"uint8">;
  readonly labels: IdxArray<"uint8">;
  /** The folder the files were found in, or the mirror that served them. */
  readonly source: string;
}

/** Paths of a split's files. */
interface SplitPaths {
  readonly images: string;
  readonly labels: string;
  readonly source: string;
}

/** The environment of a load, which tests replace. */
export interface Surroundings {
  env?: ReadEnv;
  stallMs?: number;
}

const IMAGE_SIZE = 28;
const CLASSES = 10;

/** Looks for both files of a split in one folder after the other. */
async function findSplit(
  files: ImageFiles,
  { images, labels }: SplitFiles,
  root: string | undefined,
  env: ReadEnv,
) {
  const looked: string[] = [];
  for (const place of places(files, root, env)) {
    const imagesPath = await findFile(place, unpackedName(images));
    const labelsPath = await findFile(place, unpackedName(labels));
    if (imagesPath && labelsPath) {
      return { found: { images: imagesPath, labels: labelsPath, source: place.folder }, looked };
    }
    looked.push(place.folder);
  }
  return { found: undefined, looked };
}

function unpackedName(file: RemoteFile): string {
  return file.name.replace(/\.gz$/, "");
}

/** Downloads what `folder` lacks of a split. */
async function downloadSplit(
  { images, labels }: SplitFiles,
  folder: string,
  options: DownloadOptions,
): Promise<SplitPaths> {
  let source = folder;
  const fetchMissing = async (file: RemoteFile): Promise<string> => {
    const there = await findFile({ folder, named: true }, unpackedName(file));
    if (there) return there;
    const { bytes, mirror } = await download(file, options);
    source = mirror;
    return await writeWhole(folder, file.name, bytes);
  };
  return await fillFolder(folder, async () => {
    const paths = { images: await fetchMissing(images), labels: await fetchMissing(labels) };
    return { ...paths, source };
  });
}

/** Reads an IDX file of bytes whose shape is `[n, …inner]`. */
async function readBytes(
  dataset: string,
  path: string,
  inner: readonly number[],
): Promise<IdxArray<"uint8">> {
  const bytes = await Deno.readFile(path);
  let array: IdxArray;
  try {
    array = parseIdx(bytes);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new SyntaxError(
      `Cannot load ${dataset} as ${path} must be a whole IDX file (remove it to download it again): ${cause.message}`,
      { cause },
    );
  }
  const { dtype, shape } = array;
  if (
    dtype !== "uint8" || shape.length !== 1 + inner.length || inner.some((size, d) => shape[d + 1] !== size)
  ) {
    throw new RangeError(
      `Cannot load ${dataset} as ${path} must hold uint8 of shape [${["n", ...inner].join(", ")}]: ` +
        `it holds ${dtype} of shape [${shape.join(", ")}]`,
    );
  }
  return array as IdxArray<"uint8">;
}

async function readSplit(dataset: string, paths: SplitPaths): Promise<LoadedImages> {
  const images = await readBytes(dataset, paths.images, [IMAGE_SIZE, IMAGE_SIZE]);
  const labels = await readBytes(dataset, paths.labels, []);
  if (images.shape[0] !== labels.shape[0]) {
    throw new RangeError(
      `Cannot load ${dataset} as every image must have a label: ` +
        `${paths.images} has ${images.shape[0]} images, ${paths.labels} has ${labels.shape[0]} labels`,
    );
  }
  const wrong = labels.data.findIndex((label) => label >= CLASSES);
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot load ${dataset} as labels must be below ${CLASSES}: ` +
        `${paths.labels} has ${labels.data[wrong]} at ${wrong}`,
    );
  }
  return { images, labels, source: paths.source };
}

const LOAD_OPTIONS: OptionKinds<LoadOptions> = {
  split: required(oneOf("train", "test")),
  root: TEXT,
  mirrors: listOf(TEXT, "addresses"),
  signal: instanceOf(AbortSignal, "an AbortSignal", "signal"),
  onProgress: FUNCTION,
};

/**
 * Finds or downloads a split, and reads it.
 *
 * @throws {TypeError} Outside Deno.
 * @throws {RangeError} If there is no such split, or the files hold something else.
 * @throws {SyntaxError} If a file is damaged.
 * @throws {Error} If the files are nowhere and cannot be downloaded.
 */
export async function loadImages(
  files: ImageFiles,
  options: LoadOptions,
  { env = readEnv, stallMs }: Surroundings = {},
): Promise<LoadedImages> {
  const { dataset } = files;
  signature<LoadOptions>(`load ${dataset}`, {}, LOAD_OPTIONS)([options]);
  const { split, root, mirrors = files.mirrors, signal, onProgress } = options;
  if (typeof Deno === "undefined") {
    throw new TypeError(
      `Cannot load ${dataset} as its files are kept in folders that Deno reads: this is not Deno, parseIdx takes bytes`,
    );
  }
  signal?.throwIfAborted();
  const { found, looked } = await findSplit(files, files[split], root, env);
  if (found) return await readSplit(dataset, found);
  const nowhere = `Cannot load ${dataset} as its ${split} files must be in a folder or on a mirror`;
  const folder = downloadFolder(files, root, env);
  if (folder === undefined) {
    throw new Error(
      `${nowhere}: they are not in ${looked.join(", ") || "any known folder"}, ` +
        "and without root, PLUNGE_DATA or a home folder there is nowhere to download to",
    );
  }
  let paths: SplitPaths;
  try {
    const progress = onProgress ?? showProgress();
    paths = await downloadSplit(files[split], folder, { mirrors, signal, onProgress: progress, stallMs });
  } catch (cause) {
    signal?.throwIfAborted();
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${nowhere}: they are not in ${looked.join(", ")}. ${problem}`, { cause });
  }
  return await readSplit(dataset, paths);
}
