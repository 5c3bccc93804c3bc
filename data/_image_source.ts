/**
 * Batches of labelled images that lie on the GPU as bytes.
 *
 * @module
 */
import { ByteRows } from "./_byte_rows.ts";
import { currentDevice, type Device } from "../ops/gpu/device.ts";
import type { Batch, BatchSource } from "./dataset.ts";
import type { ImageDataset } from "./image_dataset.ts";
import { tensor } from "../ops/core/tensor/create.ts";

/** Uploads images and labels once, as bytes, and gathers batches of them on the GPU. */
export class ImageSource implements BatchSource<Batch> {
  readonly #dataset: ImageDataset;
  #onDevice: { device: Device; images: ByteRows; labels: ByteRows } | null = null;

  constructor(dataset: ImageDataset) {
    this.#dataset = dataset;
  }

  get length(): number {
    return this.#dataset.length;
  }

  gather(indices: Int32Array): Batch {
    const { images, labels } = this.#upload();
    using places = tensor(indices, { dtype: "int32" });
    return [images.gather(places), labels.gather(places)];
  }

  dispose(): void {
    this.#onDevice?.images.dispose();
    this.#onDevice?.labels.dispose();
    this.#onDevice = null;
  }

  #upload(): { images: ByteRows; labels: ByteRows } {
    const device = currentDevice("iterate over a data set");
    if (this.#onDevice?.device === device) return this.#onDevice;
    const { images, labels } = this.#dataset;
    this.#onDevice = {
      device,
      images: new ByteRows(images.data, [1, ...images.shape.slice(1)], "float32"),
      labels: new ByteRows(labels.data, [], "int32"),
    };
    return this.#onDevice;
  }
}
