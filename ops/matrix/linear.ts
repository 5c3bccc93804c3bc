/**
 * The linear map `y = x Wᵀ + b`. Gradients: `dx = dy W`, `dW = dyᵀ x`, `db` the sum of dy over the rows.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { asRows, batchedMatmul } from "../core/families/matmul.ts";
import { reduceTensor, SUM } from "../core/families/reduce.ts";
import { sameShape, show, type Sizes2 } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { empty } from "../core/tensor/create.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";

/** Options of {@linkcode linear}. */
export interface LinearOptions {
  /** Added to every row, `[out]`. */
  bias?: Tensor | undefined;
}

const takes = signature<LinearOptions>("apply linear", { x: FLOAT_TENSOR, weight: FLOAT_TENSOR }, {
  bias: FLOAT_TENSOR,
});

/**
 * Multiplies by a transposed weight and adds a bias.
 *
 * @param x `[…, in]`, float32.
 * @param weight `[out, in]`, float32.
 * @param options The bias.
 * @returns `[…, out]`.
 * @throws {RangeError} If the sizes do not fit.
 *
 * @example Usage
 * ```ts
 * import { linear, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const y = linear(tensor([[1, 2]]), tensor([[3, 4], [5, 6]]), { bias: tensor([10, 20]) });
 * assertEquals(await y.toArray(), [[21, 37]]);
 * ```
 */
export function linear(x: Tensor, weight: Tensor, options: LinearOptions = {}): Tensor {
  takes(arguments);
  const { bias = null } = options;
  check(x, weight, bias);
  const [outFeatures] = weight.shape as Sizes2, shape = [...x.shape.slice(0, -1), outFeatures];
  using rows = asRows(x), product = batchedMatmul("linear", rows, weight, { transB: true, bias });
  const y = aliasOf(product, shape);
  return differentiable("linear", y, [x, weight, bias], {
    saved: [x, weight],
    gradient: (dy, [x, weight], needs) => {
      const rows = asRows(dy);
      const dx = needs[0] ? aliasOf(batchedMatmul("linear dx", rows, weight), x.shape) : null;
      // The bias's gradient is the sum over the rows of dy: the kernel of the weight's gradient reads them all.
      const ridesAlong = needs[1] && needs[2] && rows.size > 0 && x.size > 0;
      const rowSums = ridesAlong ? empty([outFeatures]) : null;
      const dw = needs[1] ? batchedMatmul("linear dw", rows, asRows(x), { transA: true, rowSums }) : null;
      return [dx, dw, needs[2] ? rowSums ?? reduceTensor("linear db", SUM, rows, [0]) : null];
    },
  });
}

function check(x: Tensor, weight: Tensor, bias: Tensor | null): void {
  if (weight.shape.length !== 2 || x.shape.length === 0 || x.shape.at(-1) !== weight.shape[1]) {
    throw new RangeError(
      `Cannot apply linear as weight must be [out, in] for x […, in]: weight ${show(weight.shape)}, x ${
        show(x.shape)
      }`,
    );
  }
  const [outFeatures] = weight.shape as Sizes2;
  if (bias && !sameShape(bias.shape, [outFeatures])) {
    throw new RangeError(
      `Cannot apply linear as bias must have shape [${outFeatures}]: bias ${show(bias.shape)}, weight ${
        show(weight.shape)
      }`,
    );
  }
}
