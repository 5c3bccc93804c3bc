/**
 * Writing into tensors that are there already: for optimisers, buffers and gradients.
 *
 * @module
 */
import { broadcastAccess } from "../../kernels/wgsl/access.ts";
import { type ElementFunction, type Program, programOf } from "../../kernels/wgsl/program.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { cast } from "./compute.ts";
import { isGradEnabled } from "../autograd/autograd.ts";
import { empty } from "./create.ts";
import { runElementwise } from "../run.ts";
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
  update("fill", target, { name: "fill", args: [["value", type]], result: target.dtype, body }, [], [value]);
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

/**
 * Runs a program whose outputs overwrite tensors, all of one shape.
 *
 * @param targets What the program's outputs are written to; they may be among `inputs`.
 */
export function updateInPlace(
  name: string,
  program: Program,
  targets: readonly Tensor[],
  inputs: readonly Tensor[],
  numbers: readonly DispatchNumber[],
): void {
  const { shape, size } = targets[0];
  if (size === 0) return;
  const operand = (t: Tensor) => ({ storage: t.storage, access: broadcastAccess(t.shape, shape) });
  runElementwise({
    name,
    shape,
    program,
    numbers: numbers,
    inputs: inputs.map(operand),
    outputs: targets.map(operand),
  });
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
  updateInPlace(name, programOf(fn, numbers.length), [target], inputs, numbers);
}
