/**
 * Batches of examples that a data set gives one at a time.
 *
 * @module
 */
import type { Batch, BatchSource, Item, ItemDataset } from "./dataset.ts";
import { tensor } from "../ops/core/tensor/create.ts";
import type { TypedArray } from "../ops/core/tensor/values.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import type { DType } from "../ops/kernels/wgsl/dtype.ts";

const NAMES = ["x", "y"] as const;

/** Collates examples on the CPU; each tensor of a batch is uploaded at once. */
export class ItemSource implements BatchSource<Batch> {
  readonly #dataset: ItemDataset;
  /** The types of plain numbers, chosen by the first batch. */
  readonly #numbers: [DType | null, DType | null] = [null, null];

  constructor(dataset: ItemDataset) {
    this.#dataset = dataset;
  }

  get length(): number {
    return this.#dataset.length;
  }

  gather(indices: Int32Array): Batch {
    const examples = Array.from(indices, (i) => {
      const example = this.#dataset.get(i);
      if (Array.isArray(example) && example.length === 2) return example;
      throw new TypeError(`Cannot collate a batch as get() must return [x, y]: ${describe(example)}`);
    });
    return [this.#collate(examples.map(([x]) => x), 0), this.#collate(examples.map(([, y]) => y), 1)];
  }

  /** Nothing lies on the GPU between batches. */
  dispose(): void {}

  #collate(items: readonly Item[], k: 0 | 1): Tensor {
    const [first] = items, dtype = this.#dataset.dtypes?.[k];
    if (ArrayBuffer.isView(first)) return collateTyped(items, NAMES[k], first, dtype);
    for (const item of items) {
      if (typeof item === typeof first && !ArrayBuffer.isView(item)) continue;
      throw refuse(`every ${NAMES[k]} must be of one kind`, first, item);
    }
    if (typeof first === "number") return this.#collateNumbers(items as number[], k);
    return tensor(items, { dtype });
  }

  #collateNumbers(numbers: number[], k: 0 | 1): Tensor {
    const given = this.#dataset.dtypes?.[k];
    if (given) return tensor(numbers, { dtype: given });
    const fraction = numbers.find((v) => (v | 0) !== v);
    const dtype = this.#numbers[k] ??= fraction === undefined ? "int32" : "float32";
    if (dtype === "int32" && fraction !== undefined) {
      throw new TypeError(
        `Cannot collate a batch as ${NAMES[k]} must be int32 like the whole numbers before it, ` +
          `unless the data set's dtypes say otherwise: ${fraction}`,
      );
    }
    return tensor(numbers, { dtype });
  }
}

function collateTyped(
  items: readonly Item[],
  name: string,
  first: TypedArray,
  dtype: DType | undefined,
): Tensor {
  const Kind = first.constructor as new (length: number) => TypedArray;
  const all = new Kind(items.length * first.length);
  items.forEach((item, i) => {
    if (!(item instanceof Kind)) throw refuse(`every ${name} must be of one kind`, first, item);
    if (item.length !== first.length) {
      throw new RangeError(
        `Cannot collate a batch as every ${name} must have one length: ${first.length} and ${item.length}`,
      );
    }
    all.set(item as never, i * first.length); // of the same class
  });
  return tensor(all, { shape: [items.length, first.length], dtype });
}

function refuse(mustHold: string, first: unknown, other: unknown): TypeError {
  return new TypeError(`Cannot collate a batch as ${mustHold}: ${describe(first)} and ${describe(other)}`);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "object" && value !== null
    ? `a ${value.constructor?.name ?? "null-prototype object"}`
    : String(value);
}
