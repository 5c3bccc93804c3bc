/**
 * What a module learns.
 *
 * @module
 */
import "../ops/methods.ts";
import { persistent } from "../ops/core/recorder.ts";
import { signature } from "../ops/core/signature.ts";
import { FLOAT_TENSOR } from "../ops/core/tensor/kinds.ts";
import { storageOf } from "../ops/core/tensor/internals.ts";
import { Tensor } from "../ops/core/tensor/tensor.ts";

const takes = signature("make a Parameter", { data: FLOAT_TENSOR });

/**
 * A tensor that a module learns. A module's fields of this class are its parameters.
 *
 * A scope frees a parameter that is made in it, as it frees any tensor.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, ones, type Tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * class Scale extends nn.Module {
 *   factor = new nn.Parameter(ones([]));
 *   override forward(x: Tensor): Tensor {
 *     return x.mul(this.factor);
 *   }
 * }
 *
 * await openDevice();
 * const net = new Scale();
 * net.forward(ones([3])).sum().backward();
 * assertEquals(await net.parameters()[0].grad!.item(), 3);
 * ```
 */
export class Parameter extends Tensor {
  /**
   * Takes over the memory of `data`, which is disposed of.
   *
   * @param data The initial values, float32.
   */
  constructor(data: Tensor) {
    takes(arguments);
    super(storageOf(data).retain(), data.shape, data.dtype);
    data.dispose();
    this.requiresGrad = true;
  }
}

/** Makes a parameter that no scope frees. */
export function parameter(make: () => Tensor): Parameter {
  return persistent(() => new Parameter(make()));
}
