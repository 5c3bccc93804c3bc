/**
 * What a transform is, and what transforms of images share.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { FLOAT_TENSOR } from "../../ops/core/tensor/kinds.ts";
import "../../ops/methods.ts";
import { type Pair, show, type Sizes4 } from "../../ops/core/shape.ts";
import { isGradEnabled } from "../../ops/core/autograd/autograd.ts";
import { empty } from "../../ops/core/tensor/create.ts";
import { runSingleKernel, type SingleKernel } from "../../ops/core/families/single_kernel.ts";
import { storageOf } from "../../ops/core/tensor/internals.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { read, u32s, write } from "../../ops/kernels/wgsl/text.ts";
import { describe } from "../../ops/core/describe.ts";

/** Turns a batch of examples into another batch of as many, on the GPU. */
export type Transform = (x: Tensor) => Tensor;

/**
 * Applies a transform, whoever wrote it.
 *
 * @param transform The transform.
 * @param x A batch.
 * @param name What errors call the transform.
 * @throws {TypeError} If it returns no tensor.
 * @throws {RangeError} If it returns another number of examples, which would part them from their labels.
 */
export function applyTransform(transform: Transform, x: Tensor, name = "transform"): Tensor {
  const y: unknown = transform(x);
  if (!(y instanceof Tensor)) {
    const found = y instanceof Promise ? "a Promise, as async functions do" : describe(y);
    throw new TypeError(`Cannot apply ${name} as it must return a tensor: it returned ${found}`);
  }
  if (y.shape[0] === x.shape[0]) return y;
  throw new RangeError(
    `Cannot apply ${name} as it must return as many examples as it is given: ${show(x.shape)} became ${
      show(y.shape)
    }`,
  );
}

/** Refuses what is no batch of images `[n, c, h, w]`, float32, without a gradient. */
export function expectImages(op: string, x: Tensor): void {
  signature(`apply ${op}`, { x: FLOAT_TENSOR })([x]);
  if (x.shape.length !== 4) {
    throw new RangeError(`Cannot apply ${op} as x must be [n, c, h, w]: it has shape ${show(x.shape)}`);
  }
  if (x.requiresGrad && isGradEnabled()) {
    throw new TypeError(
      `Cannot apply ${op} as x must not require a gradient, which would end here: use noGrad(() => …)`,
    );
  }
}

/** How a pixel of the output is computed. */
export interface PixelCode {
  /** WGSL functions, which may call `pixel(plane, row, column)` for a pixel of `x`. */
  readonly declarations: string;
  /** WGSL expression of `image`, `plane` (images and channels counted through), `row` and `column`, all u32. */
  readonly value: string;
  /** Further inputs, float32, under the names that the code uses. */
  readonly inputs?: Readonly<Record<string, Tensor>>;
}

/** Computes images of another size, one pixel of the output an invocation. */
export function mapPixels(op: string, x: Tensor, size: Pair, code: PixelCode): Tensor {
  const [, channels, inH, inW] = x.shape as Sizes4, [outH, outW] = size;
  const y = empty([x.shape[0]!, channels, outH, outW]), n = y.size;
  if (n === 0) return y;
  const inputs = { x, ...code.inputs };
  const kernel: SingleKernel = {
    bindings: [
      ...Object.keys(inputs).map((name) => read(name, "f32")),
      write("y", "f32"),
    ],
    numberDecls: u32s("n"),
    declarations: /* wgsl */ `
fn pixel(plane: u32, row: u32, column: u32) -> f32 { return x[(plane * ${inH}u + row) * ${inW}u + column]; }
${code.declarations}`,
    body: /* wgsl */ `
  let column = id % ${outW}u;
  let row = id / ${outW}u % ${outH}u;
  let plane = id / ${outH * outW}u;
  let image = plane / ${channels}u;
  if (id < u.n) { y[id] = ${code.value}; }`,
    numbers: [n],
    invocations: n,
  };
  runSingleKernel(op, kernel, Object.values(inputs).map((t) => storageOf(t)), [storageOf(y)]);
  return y;
}
