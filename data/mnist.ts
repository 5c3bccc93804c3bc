/**
 * MNIST, the handwritten digits of LeCun, Cortes and Burges.
 *
 * @module
 */
import { loadImages } from "./_image_files.ts";
import { MNIST_FILES } from "./_mnist_files.ts";
import { givenImages, type SplitContents } from "./split/given_files.ts";
import type { IdxArray } from "./formats/idx.ts";
import type { ImageDataset, LoadOptions } from "./image_dataset.ts";

export const DIGITS = [
  "0 - zero",
  "1 - one",
  "2 - two",
  "3 - three",
  "4 - four",
  "5 - five",
  "6 - six",
  "7 - seven",
  "8 - eight",
  "9 - nine",
];

/**
 * Holds a split of MNIST: grey images of 28 by 28 pixels of handwritten digits, 60,000 to train on and 10,000 to
 * test with.
 *
 * Get one with {@linkcode MNIST.load}, or in a page with {@linkcode MNIST.fromFiles}.
 */
export class MNIST implements ImageDataset {
  /** The pixels, 0 to 255, of shape `[n, 28, 28]`. */
  readonly images: IdxArray<"uint8">;
  /** The class of each image, 0 to 9, of shape `[n]`. */
  readonly labels: IdxArray<"uint8">;
  /** The names of the ten classes, as torchvision gives them. */
  readonly classes: readonly string[] = DIGITS;
  /** The number of images. */
  readonly length: number;
  /** The folder the files were found in, or the mirror they were downloaded from. */
  readonly source: string;

  /** Takes a split that was read and checked. */
  protected constructor(split: { images: IdxArray<"uint8">; labels: IdxArray<"uint8">; source: string }) {
    this.images = split.images;
    this.labels = split.labels;
    this.length = split.images.shape[0]!;
    this.source = split.source;
  }

  /**
   * Loads a split from the first folder that has both of its files, unpacked or with `.gz`; downloads it where
   * none has.
   *
   * Looks in `root`, in the folder that the environment variable `PLUNGE_DATA` names, and in `plunge/mnist` of the
   * user's cache folder. In the first two it looks in `mnist`, in torchvision's `MNIST/raw` and in the folder
   * itself. A download goes to `mnist` in `root`, or else in `PLUNGE_DATA`, or else in the cache, once its
   * checksum is right.
   *
   * @param options Which split; optionally where to look, mirrors, an abort signal, a progress listener.
   * @returns The images, labels and class names.
   * @throws {RangeError} If there is no such split, or the files hold something else than images and labels.
   * @throws {SyntaxError} If a file is corrupt or truncated.
   * @throws {TypeError} Outside Deno.
   * @throws {Error} If no folder has the files and they cannot be downloaded or saved.
   *
   * @example Usage
   * ```ts
   * import { MNIST } from "@plunge/plunge";
   * import { assertEquals } from "@std/assert";
   *
   * // a folder with a test split of one black image, labelled 7
   * const root = await Deno.makeTempDir();
   * const [images, labels] = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];
   * const header = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28];
   * await Deno.writeFile(`${root}/${images}`, new Uint8Array([...header, ...new Uint8Array(28 * 28)]));
   * await Deno.writeFile(`${root}/${labels}`, new Uint8Array([0, 0, 8, 1, 0, 0, 0, 1, 7]));
   *
   * const test = await MNIST.load({ split: "test", root });
   * assertEquals(test.images.shape, [1, 28, 28]);
   * assertEquals(test.classes[test.labels.data[0]], "7 - seven");
   * await Deno.remove(root, { recursive: true });
   * ```
   */
  static async load(options: LoadOptions): Promise<MNIST> {
    return new MNIST(await loadImages(MNIST_FILES, options));
  }

  /**
   * Takes a split from its two files, which the program has already: in a page what `fetch` gave, or a `File` that was
   * dropped or chosen there. They may be packed with gzip.
   *
   * @param contents The file of the images and that of the labels: bytes, a `Blob` or a `Response`.
   * @returns The images, labels and class names; `source` is empty.
   * @throws {TypeError} If a `Response` is that of a failure.
   * @throws {RangeError} If the files hold something else than images and labels.
   * @throws {SyntaxError} If a file is corrupt or truncated.
   *
   * @example Usage
   * ```ts
   * import { MNIST } from "@plunge/plunge";
   * import { assertEquals } from "@std/assert";
   *
   * const images = new Uint8Array([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28, ...new Uint8Array(28 * 28)]);
   * const test = await MNIST.fromFiles({ images, labels: new Blob([new Uint8Array([0, 0, 8, 1, 0, 0, 0, 1, 7])]) });
   * assertEquals(test.images.shape, [1, 28, 28]);
   * assertEquals(test.classes[test.labels.data[0]], "7 - seven");
   * ```
   */
  static async fromFiles(contents: SplitContents): Promise<MNIST> {
    return new MNIST({ ...await givenImages("MNIST", contents), source: "" });
  }
}
