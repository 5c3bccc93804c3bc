/**
 * Writing into tensors that are there already: for optimisers, buffers and gradients.
 *
 * @module
 */
import { type Program, programOf } from "../../kernels/wgsl/program.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { isGradEnabled } from "../autograd/autograd.ts";
import { broadcastShapes, sameShape, show } from "../shape.ts";
import { ADD, cast, computeInto, COPY } from "./compute.ts";
import { empty } from "./create.ts";
import type { Tensor } from "./tensor.ts";

/** Overwrites `target` with `source`, which broadcasts to it. */
export function copyInto(target: Tensor, source: Tensor): void {
  const shape = broadcastShapes("copy", target.shape, source.shape);
  if (!sameShape(shape, target.shape)) {
    throw new RangeError(
      `Cannot apply copy as the source must broadcast to the target ${show(target.shape)}: ${
        show(source.shape)
      }`,
    );
  }
  const from = cast(source, target.dtype);
  update("copy", target, COPY[target.dtype], [from]);
  if (from !== source) from.dispose();
}

/** Overwrites every element of `target` with `value`. */
export function fillInto(target: Tensor, value: DispatchNumber): void {
  const type = target.dtype === "float32" ? "float32" : "int32";
  const body = target.dtype === "bool" ? "value != 0" : "value";
  const fill = programOf({ name: "fill", args: [["value", type]], result: target.dtype, body }, 1);
  const isTrue = target.dtype === "bool" && typeof value === "number" ? Number(value !== 0) : value; // 0.5 is true
  update("fill", target, fill, [], [isTrue]);
}

/** Adds `x`, of the same shape, to `target`. */
export function addInto(target: Tensor, x: Tensor): void {
  update("add", target, ADD, [target, x]);
}

/** A new tensor with the values of `x`, outside autograd. */
export function cloneOf(x: Tensor): Tensor {
  const y = empty(x.shape, x.dtype);
  update("copy", y, COPY[x.dtype], [x]);
  return y;
}

function update(
  name: string,
  target: Tensor,
  program: Program,
  inputs: readonly Tensor[],
  numbers: readonly DispatchNumber[] = [],
): void {
  if (isGradEnabled() && target.requiresGrad) {
    throw new Error(
      `Cannot apply ${name} in place as the tensor must not require a gradient: do it inside noGrad(() => …)`,
    );
  }
  computeInto(name, program, target.shape, inputs, [target], numbers);
}
