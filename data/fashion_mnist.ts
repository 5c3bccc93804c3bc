/**
 * Fashion-MNIST, the pictures of clothing of Xiao, Rasul and Vollgraf (2017), in the format of MNIST.
 *
 * @module
 */
import { loadImages } from "./_image_files.ts";
import { FASHION_MNIST_FILES } from "./_mnist_files.ts";
import { givenImages, type SplitContents } from "./split/given_files.ts";
import type { LoadOptions } from "./image_dataset.ts";
import { MNIST } from "./mnist.ts";

export const CLOTHES = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

/**
 * Holds a split of Fashion-MNIST: grey images of 28 by 28 pixels of ten kinds of clothing, 60,000 to train on and
 * 10,000 to test with.
 *
 * Get one with {@linkcode FashionMNIST.load}, or in a page with {@linkcode FashionMNIST.fromFiles}. As in torchvision, it is an `MNIST` with other pictures.
 */
export class FashionMNIST extends MNIST {
  /** The names of the ten classes, as torchvision gives them. */
  override readonly classes: readonly string[] = CLOTHES;

  /**
   * Loads a split from the first folder that has both of its files, unpacked or with `.gz`; downloads it where
   * none has.
   *
   * Looks in `root`, in the folder that the environment variable `PLUNGE_DATA` names, in `plunge/fashion-mnist` of
   * the user's cache folder, and where Debian's package `dataset-fashion-mnist` puts it. In the first two it looks
   * in `fashion-mnist`, in torchvision's `FashionMNIST/raw` and in the folder itself. A download goes to
   * `fashion-mnist` in `root`, or else in `PLUNGE_DATA`, or else in the cache, once its checksum is right.
   *
   * @param options Which split; optionally where to look, mirrors, an abort signal, a progress listener.
   * @returns The images, labels and class names.
   * @throws {RangeError} If there is no such split, or the files hold something else than images and labels.
   * @throws {SyntaxError} If a file is corrupt or truncated.
   * @throws {TypeError} Outside Deno: `fromFiles` takes what a page has.
   * @throws {Error} If no folder has the files and they cannot be downloaded or saved.
   *
   * @example Usage
   * ```ts
   * import { FashionMNIST } from "@plunge/plunge";
   * import { assertEquals } from "@std/assert";
   *
   * const test = await FashionMNIST.load({ split: "test" });
   * assertEquals(test.images.shape, [10_000, 28, 28]);
   * assertEquals(test.classes[test.labels.data[0]], "Ankle boot");
   * ```
   */
  static override async load(options: LoadOptions): Promise<FashionMNIST> {
    return new FashionMNIST(await loadImages(FASHION_MNIST_FILES, options));
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
   * @example In a page
   * ```ts ignore
   * const test = await FashionMNIST.fromFiles({
   *   images: await fetch("data/t10k-images-idx3-ubyte.gz"),
   *   labels: await fetch("data/t10k-labels-idx1-ubyte.gz"),
   * });
   * ```
   */
  static override async fromFiles(contents: SplitContents): Promise<FashionMNIST> {
    return new FashionMNIST({ ...await givenImages("FashionMNIST", contents), source: "" });
  }
}
