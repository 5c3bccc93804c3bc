/**
 * Writing into tensors that are there already: for optimisers, buffers and gradients.
 *
 * @module
 */
import { type ElementFunction, programOf } from "../../kernels/wgsl/program.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { cast, computeInto } from "./compute.ts";
import { isGradEnabled } from "../autograd/autograd.ts";
import { empty } from "./create.ts";
import { broadcastShapes, sameShape, show } from "../shape.ts";
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
  update("copy", target, { name: "copy", args: [["x", target.dtype]], result: target.dtype, body: "x" }, [
    from,
  ]);
  if (from !== source) from.dispose();
}

/** Overwrites every element of `target` with `value`. */
export function fillInto(target: Tensor, value: DispatchNumber): void {
  const type = target.dtype === "float32" ? "float32" : "int32";
  const body = target.dtype === "bool" ? "value != 0" : "value";
  const number = target.dtype === "bool" && typeof value === "number" ? Number(value !== 0) : value; // 0.5 is true
  update("fill", target, { name: "fill", args: [["value", type]], result: target.dtype, body }, [], [number]);
}

/** Adds `x`, of the same shape, to `target`. */
export function addInto(target: Tensor, x: Tensor): void {
  const args = [["a", "float32"], ["b", "float32"]] as const;
  update("add", target, { name: "add", args, result: "float32", body: "a + b" }, [target, x]);
}

/** A new tensor with the values of `x`, outside autograd. */
export function cloneOf(x: Tensor): Tensor {
  const y = empty(x.shape, x.dtype);
  update("copy", y, { name: "copy", args: [["x", x.dtype]], result: x.dtype, body: "x" }, [x]);
  return y;
}

function update(
  name: string,
  target: Tensor,
  fn: ElementFunction,
  inputs: readonly Tensor[],
  numbers: readonly DispatchNumber[] = [],
): void {
  if (isGradEnabled() && target.requiresGrad) {
    throw new Error(
      `Cannot apply ${name} in place as the tensor must not require a gradient: do it inside noGrad(() => …)`,
    );
  }
  computeInto(name, programOf(fn, numbers.length), target.shape, inputs, [target], numbers);
}
