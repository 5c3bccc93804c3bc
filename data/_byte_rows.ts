/**
 * Rows of bytes that stay on the GPU as they are: four to a word, a quarter of their size as float32.
 *
 * @module
 */
import { currentDevice } from "../ops/gpu/device.ts";
import { Storage } from "../ops/gpu/storage.ts";
import { sizeOf } from "../ops/core/shape.ts";
import { empty } from "../ops/core/tensor/create.ts";
import { runSingleKernel, type SingleKernel } from "../ops/core/families/single_kernel.ts";
import { storageOf } from "../ops/core/tensor/internals.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { read, u32s, write } from "../ops/kernels/wgsl/text.ts";

/** One invocation fetches four bytes of the batch: a whole word, or each from where it lies. */
function fetchFour(width: number): string {
  if (width % 4 === 0) {
    return /* wgsl */ `
  let word = bytes[(u32(indices[min(i, u.n - 1u) / WIDTH]) * WIDTH + i % WIDTH) / 4u];
  let four = vec4u(word, word >> 8u, word >> 16u, word >> 24u) & vec4u(255u);`;
  }
  return /* wgsl */ `
  var four: vec4u;
  for (var l = 0u; l < 4u; l++) {
    let at = u32(indices[min(i + l, u.n - 1u) / WIDTH]) * WIDTH + (i + l) % WIDTH;
    four[l] = (bytes[at / 4u] >> (at % 4u * 8u)) & 255u;
  }`;
}

/**
 * What becomes of a byte: the 255th part of it, rounded once as PyTorch's `ToTensor` does it. WGSL lets a division be off by
 * some units, and compilers make of it a product with the rounded 1/255. So it is 257/65536 of the byte, which is exact,
 * and the 65535th part of that, which is too small for its error to matter: 1/255 = 257/65536 (1 + 1/65535). The 257 is
 * multiplied as an integer, or compilers would add up the two factors.
 */
const LOW = 257 / 65536 / 65535;
const AS = {
  float32: { type: "vec4<f32>", value: `vec4f(four * 257u) * ${1 / 65536} + vec4f(four) * ${LOW}` },
  int32: { type: "vec4<i32>", value: "vec4i(four)" },
} as const;

/** Rows of bytes on the GPU (images, labels); batches of them are gathered there. */
export class ByteRows {
  readonly #storage: Storage;
  readonly #shape: readonly number[];
  readonly #dtype: "float32" | "int32";

  /**
   * Uploads the rows.
   *
   * @param bytes All rows, one after the other.
   * @param shape Shape of one row as it comes out in a batch: `[c, h, w]` for images, `[]` for labels.
   * @param dtype Type of the batches: float32 from 0 to 1, or int32 from 0 to 255.
   */
  constructor(bytes: Uint8Array, shape: readonly number[], dtype: "float32" | "int32") {
    const device = currentDevice("upload data");
    this.#shape = shape;
    this.#dtype = dtype;
    this.#storage = new Storage(device, Math.ceil(bytes.length / 4) * 4);
    device.queue.upload(this.#storage, bytes as Uint8Array<ArrayBuffer>);
  }

  /**
   * Gathers a batch.
   *
   * @param indices Which rows, int32 `[n]`; they must exist.
   * @returns A tensor `[n, ...shape]`.
   */
  gather(indices: Tensor): Tensor {
    const y = empty([indices.size, ...this.#shape], this.#dtype);
    if (y.size === 0) return y;
    const width = sizeOf(this.#shape), { type, value } = AS[this.#dtype], n = y.size;
    const kernel: SingleKernel = {
      bindings: [read("bytes", "u32"), read("indices", "i32"), write("y", type)],
      numberDecls: u32s("n"),
      declarations: `const WIDTH = ${width}u;`,
      body: /* wgsl */ `
  let i = id * 4u;${fetchFour(width)}
  if (i < u.n) { y[id] = ${value}; }`,
      numbers: [n],
      invocations: Math.ceil(n / 4),
    };
    runSingleKernel("gather rows", kernel, [this.#storage, storageOf(indices)], [storageOf(y)]);
    return y;
  }

  /** Frees the rows. */
  dispose(): void {
    this.#storage.release();
  }
}
