/**
 * The files of a split that the program has itself, from wherever a runtime without folders gets them.
 *
 * @module
 */
import { kind, required } from "../../ops/core/kinds.ts";
import { signature } from "../../ops/core/signature.ts";
import { type FileOfSplit, type LabelledImages, labelledImages } from "./labelled_images.ts";
import { gunzip } from "../formats/gunzip.ts";

/** Where the bytes of a file are: in memory, in a `File` that was dropped or chosen, or in the answer of a `fetch`. */
export type FileContent = Uint8Array | ArrayBuffer | Blob | Response;

/** The two files of a split, packed with gzip or not. */
export interface SplitContents {
  /** The file of the images, such as `train-images-idx3-ubyte.gz`. */
  images: FileContent;
  /** The file of the labels, such as `train-labels-idx1-ubyte.gz`. */
  labels: FileContent;
}

const CLASSES = [Uint8Array, ArrayBuffer, Blob, Response] as const;
const CONTENT = kind(
  "bytes, a File or a Response",
  "await fetch(url)",
  (v) => CLASSES.some((type) => v instanceof type),
);

/**
 * Reads and checks a split.
 *
 * @throws {TypeError} If an answer is that of a failure, or no file is given.
 * @throws {SyntaxError} If a file is damaged.
 * @throws {RangeError} If the files hold something else than images and labels of them.
 */
export async function givenImages(dataset: string, contents: SplitContents): Promise<LabelledImages> {
  const kinds = { images: required(CONTENT), labels: required(CONTENT) };
  signature<SplitContents>(`load ${dataset}`, {}, kinds)([contents]);
  const [images, labels] = await Promise.all([
    readFile(dataset, "images", contents.images),
    readFile(dataset, "labels", contents.labels),
  ]);
  return labelledImages(dataset, images, labels);
}

/** The unpacked bytes of a file, and what errors call it. */
async function readFile(dataset: string, role: string, content: FileContent): Promise<FileOfSplit> {
  const name = nameOf(content) || role;
  if (content instanceof Response && !content.ok) {
    throw new TypeError(
      `Cannot load ${dataset} as ${name} must be there: the server answers ${content.status} ${content.statusText}`
        .trimEnd(),
    );
  }
  const bytes = content instanceof Uint8Array
    ? content
    : new Uint8Array(content instanceof ArrayBuffer ? content : await content.arrayBuffer());
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return { name, bytes: isPacked ? await gunzip(bytes) : bytes };
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof RangeError)) throw cause;
    throw new SyntaxError(`Cannot load ${dataset} as ${name} must be a whole file: ${cause.message}`, {
      cause,
    });
  }
}

/** The name of a file or address, where it has one. */
function nameOf(content: FileContent): string {
  if (content instanceof Response) return content.url;
  return content instanceof Blob && "name" in content ? String(content.name) : "";
}
