/**
 * Finding, downloading and reading the two files of a split of MNIST or of a set in its format.
 *
 * @module
 */
import { needDeno, type ReadEnv, readEnv, unreadableVariables, writeWhole } from "../ops/core/files.ts";
import { download, type DownloadOptions, type RemoteFile } from "./_download.ts";
import {
  downloadFolder,
  fillFolder,
  findFile,
  type FolderNames,
  places,
  Unreadable,
  worded,
} from "./_folders.ts";
import { showProgress } from "./_progress.ts";
import { type FileOfSplit, type LabelledImages, labelledImages } from "./split/labelled_images.ts";
import type { LoadOptions } from "./image_dataset.ts";
import { type OptionKinds, signature } from "../ops/core/signature.ts";
import { FUNCTION, instanceOf, listOf, oneOf, required, TEXT } from "../ops/core/kinds.ts";

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
export interface LoadedImages extends LabelledImages {
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

/** Where the files of a split are; or where they were looked for, and which folders may not be read. */
interface Search {
  readonly found?: SplitPaths;
  /** Folders, each with what it lacks where it has one of the files. */
  readonly looked: readonly string[];
  readonly unreadable: readonly string[];
}

/** Looks for both files of a split in one folder after the other. */
async function findSplit(
  files: ImageFiles,
  { images, labels }: SplitFiles,
  root: string | undefined,
  env: ReadEnv,
): Promise<Search> {
  const looked: string[] = [], unreadable: string[] = [], action = `load ${files.dataset}`;
  for (const place of places(files, root, env)) {
    try {
      const names = [images, labels].map(unpackedName);
      const [imagesPath, labelsPath] = [
        await findFile(action, place, names[0]!),
        await findFile(action, place, names[1]!),
      ];
      if (imagesPath && labelsPath) {
        return {
          found: { images: imagesPath, labels: labelsPath, source: place.folder },
          looked,
          unreadable,
        };
      }
      const half = imagesPath ? names : labelsPath ? names.toReversed() : null;
      looked.push(half ? `${place.folder} (where ${half[0]} is, but not ${half[1]})` : place.folder);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      unreadable.push(place.folder);
    }
  }
  return { looked, unreadable };
}

/** Says where the files were looked for, and what else would be, had the program the permission. */
function describeSearch({ looked, unreadable }: Search, env: ReadEnv): string {
  const hidden = env === readEnv ? unreadableVariables() : [];
  const where = looked.length > 0
    ? looked.join(", ")
    : unreadable.length > 0
    ? "a folder that may be read"
    : "any known folder";
  const flags = [
    ...(unreadable.length > 0 ? [`--allow-read=${unreadable.join(",")}`] : []),
    ...(hidden.length > 0 ? [`--allow-env=${hidden.join(",")}`] : []),
  ];
  if (flags.length === 0) return `they are not in ${where}`;
  return `they are not in ${where}; with ${
    flags.join(" ")
  } (or -P, where a deno.json has them) there are more places to look in`;
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
    const there = await findFile("download", { folder, named: true }, unpackedName(file));
    if (there) return there;
    const { bytes, isPacked, mirror } = await download(file, options);
    source = mirror;
    return await writeWhole(folder, isPacked ? file.name : unpackedName(file), bytes);
  };
  return await fillFolder(folder, async () => {
    const paths = { images: await fetchMissing(images), labels: await fetchMissing(labels) };
    return { ...paths, source };
  });
}

async function readSplit(dataset: string, paths: SplitPaths): Promise<LoadedImages> {
  const read = async (path: string): Promise<FileOfSplit> => ({
    name: path,
    advice: " (remove it to download it again)",
    bytes: await Deno.readFile(path).catch((error) => {
      throw worded(error, `Cannot load ${dataset} as ${path} must be readable`);
    }),
  });
  const [images, labels] = [await read(paths.images), await read(paths.labels)];
  return { ...labelledImages(dataset, images, labels), source: paths.source };
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
  needDeno(`load ${dataset} from folders`, `${dataset}.fromFiles takes what fetch gave, or a File`);
  signal?.throwIfAborted();
  const search = await findSplit(files, files[split], root, env);
  if (search.found) return await readSplit(dataset, search.found);
  const searched = describeSearch(search, env);
  const nowhere = `Cannot load ${dataset} as its ${split} files must be in a folder or on a mirror`;
  const folder = downloadFolder(files, root, env);
  if (folder === undefined) {
    throw new Error(
      `${nowhere}: ${searched}, and without root, PLUNGE_DATA or a home folder there is nowhere to download to`,
    );
  }
  let paths: SplitPaths;
  try {
    const progress = onProgress ?? showProgress();
    paths = await downloadSplit(files[split], folder, { mirrors, signal, onProgress: progress, stallMs });
  } catch (cause) {
    signal?.throwIfAborted();
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${nowhere}: ${searched}. ${problem}`, { cause });
  }
  return await readSplit(dataset, paths);
}
