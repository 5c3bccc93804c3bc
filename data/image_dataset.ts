/**
 * What a set of labelled images is, and the options of loading one.
 *
 * @module
 */
import type { IdxArray } from "./formats/idx.ts";

/** Types of IDX that labels may have. */
export type LabelDType = "uint8" | "int8" | "int16" | "int32";

/** Labelled grey images as bytes, as the data loader takes them. Labels are bytes too, unless `L` says otherwise. */
export interface ImageDataset<L extends LabelDType = "uint8"> {
  /** The pixels, 0 to 255, of shape `[n, h, w]`. */
  readonly images: IdxArray<"uint8">;
  /** The class of each image, of shape `[n]`. */
  readonly labels: IdxArray<L>;
  /** The name of each class. */
  readonly classes: readonly string[];
  /** The number of images, `n`, or fewer: then the first ones are taken. */
  readonly length: number;
}

/** How far the download of a file has come. */
export interface DownloadProgress {
  /** The file's name. */
  readonly file: string;
  /** Where it comes from. */
  readonly url: string;
  /** Bytes received so far; 0 in the first report of a file. */
  readonly received: number;
  /** Bytes of the whole file, where the mirror tells. */
  readonly total?: number | undefined;
  /** Whether bytes still arrive, or the transfer has ended one way or the other. */
  readonly state: "running" | "done" | "failed";
}

/** Options of `FashionMNIST.load` and `MNIST.load`. */
export interface LoadOptions {
  /** The part to load: 60,000 images to train on, or 10,000 to test with. */
  split: "train" | "test";
  /** A folder to look in first, and to download into; it may be one that PyTorch's torchvision filled. */
  root?: string | undefined;
  /**
   * URLs of folders to download from, in this order, in place of the known ones, which are `https:`; an empty list forbids
   * it. Whatever a mirror sends, no more is taken than the file has, and nothing is kept whose checksum is wrong.
   */
  mirrors?: readonly string[] | undefined;
  /** Ends a download; what it was given as its reason is thrown. */
  signal?: AbortSignal | undefined;
  /** Called as a download goes on; a progress bar on stderr unless given. */
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
}
