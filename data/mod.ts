/**
 * Data sets, batches, transforms and file formats: MNIST and Fashion-MNIST, tensors in memory, PNG, and what PyTorch writes.
 *
 * A data set has a length and gives batches; a {@linkcode DataLoader} goes through one, shuffled if that is wanted, with
 * everything on the GPU. All of it is in the main entry too.
 *
 * @example Batches of tensors that are at hand
 * ```ts
 * import { arange, openDevice } from "@plunge/plunge";
 * import { DataLoader, TensorDataset } from "@plunge/plunge/data";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const sizes: number[] = [];
 * for (const [x] of new DataLoader(new TensorDataset(arange(10)), { batchSize: 4 })) sizes.push(x.size);
 * assertEquals(sizes, [4, 4, 2]);
 * ```
 *
 * @module
 */

export { type IdxArray, type IdxDType, type IdxTypes, parseIdx } from "./formats/idx.ts";
export { gunzip, type GunzipOptions } from "./formats/gunzip.ts";
export type { DownloadProgress, ImageDataset, LabelDType, LoadOptions } from "./image_dataset.ts";
export type { FileContent, SplitContents } from "./split/given_files.ts";
export { MNIST } from "./mnist.ts";
export { FashionMNIST } from "./fashion_mnist.ts";
export type { Batch, BatchSource, Dataset, Item, ItemDataset, Sampler } from "./dataset.ts";
export { DataLoader, type DataLoaderOptions, type DataLoaderState } from "./data_loader.ts";
export { TensorDataset, type TensorsOf } from "./tensor_dataset.ts";
export { randomSplit, type RandomSplitOptions, Subset } from "./subset.ts";
export { ConcatDataset } from "./concat_dataset.ts";
export * as transforms from "./transforms/mod.ts";
export type { Transform } from "./transforms/transform.ts";
export { decodeSafetensors, encodeSafetensors, safetensorsMetadata } from "./formats/safetensors.ts";
export { decodePng, type DecodePngOptions } from "./formats/decode_png.ts";
export { encodePng } from "./formats/encode_png.ts";
export type { DecodedImage, RasterImage } from "./formats/raster_image.ts";
export { loadTorch, type LoadTorchOptions } from "./formats/load_torch.ts";
