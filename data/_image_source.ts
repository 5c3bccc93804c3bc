/**
 * Batches of labelled images that lie on the GPU as bytes.
 *
 * @module
 */
import { ByteRows } from "./_byte_rows.ts";
import { gatherRows } from "./_tensor_rows.ts";
import { currentDevice, type Device } from "../ops/gpu/device.ts";
import type { Batch, BatchSource } from "./dataset.ts";
import type { ImageDataset, LabelDType } from "./image_dataset.ts";
import { show, sizeOf } from "../ops/core/shape.ts";
import { persistent } from "../ops/core/recorder.ts";
import { tensor } from "../ops/core/tensor/create.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import type { Objection } from "../ops/core/kinds.ts";

/** Rows on the GPU. */
interface Rows {
  gather(indices: Tensor): Tensor;
  dispose(): void;
}

/** Arrays that hold whole numbers, each of which fits in int32. */
const LABEL_ARRAYS = [Uint8Array, Int8Array, Int16Array, Int32Array];

/** Says what is wrong with labelled images; null where nothing is. */
export function objectionToImages(images: unknown, labels: unknown, length: number): Objection | null {
  const must = "labelled images";
  if (!isArray(images) || !(images.data instanceof Uint8Array) || images.shape.length !== 3) {
    return { must, found: `images must be bytes of shape [n, h, w], ${describeArray(images)}` };
  }
  if (
    !isArray(labels) || !LABEL_ARRAYS.some((type) => labels.data instanceof type) || labels.shape.length !== 1
  ) {
    return { must, found: `labels must be whole numbers of shape [n], ${describeArray(labels)}` };
  }
  const part = [images, labels].find(({ data, shape }) => data.length !== sizeOf(shape));
  if (part) {
    return {
      must: "labelled images, all of whose values are there",
      found: `shape ${show(part.shape)} needs ${sizeOf(part.shape)}, there are ${part.data.length}`,
      isRange: true,
    };
  }
  const counts = [images.shape[0], labels.shape[0]];
  if (counts[0] === counts[1] && length <= counts[0]!) return null;
  return {
    must: "labelled images, as many of the one as of the other",
    found: `${counts[0]} images and ${counts[1]} labels, with a length of ${length}`,
    isRange: true,
  };
}

/** An array as an IDX file holds it, of a kind that is still to be looked at. */
interface AnyArray {
  readonly shape: readonly number[];
  readonly data: { readonly length: number };
}

function isArray(value: unknown): value is AnyArray {
  if (typeof value !== "object" || value === null) return false;
  const { shape, data } = value as Record<string, unknown>;
  return Array.isArray(shape) && ArrayBuffer.isView(data) && "length" in data;
}

function describeArray(value: unknown): string {
  if (!isArray(value)) return "as parseIdx() returns them: they are not";
  return `they are a ${value.data.constructor.name} of shape ${show(value.shape)}`;
}

/** Uploads images and labels once, and gathers batches of them on the GPU. */
export class ImageSource implements BatchSource<Batch> {
  readonly #dataset: ImageDataset<LabelDType>;
  #onDevice: { device: Device; images: Rows; labels: Rows } | null = null;

  constructor(dataset: ImageDataset<LabelDType>) {
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

  #upload(): { images: Rows; labels: Rows } {
    const device = currentDevice("iterate over a data set");
    if (this.#onDevice?.device === device) return this.#onDevice;
    const { images, labels } = this.#dataset;
    this.#onDevice = {
      device,
      images: new ByteRows(images.data, [1, ...images.shape.slice(1)], "float32"),
      labels: rowsOfLabels(labels),
    };
    return this.#onDevice;
  }
}

/** Labels on the GPU: as bytes where they are bytes, else as int32. */
function rowsOfLabels({ data }: ImageDataset<LabelDType>["labels"]): Rows {
  if (data instanceof Uint8Array) return new ByteRows(data, [], "int32");
  const rows = persistent(() => tensor(Int32Array.from(data)));
  return { gather: (indices) => gatherRows(rows, indices), dispose: () => rows.dispose() };
}
