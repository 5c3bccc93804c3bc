/**
 * Kinds of arguments that are tensors.
 *
 * @module
 */
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { Tensor } from "./tensor.ts";
import { describe } from "../describe.ts";
import { either, type Kind, NUMBER } from "../kinds.ts";

/** A tensor, of one of the types where some are given. */
export function tensorOf(...dtypes: readonly DType[]): Kind {
  return {
    example: "x",
    objection: (value) => {
      if (!(value instanceof Tensor)) return { must: "a tensor", found: describe(value) };
      if (dtypes.length === 0 || dtypes.includes(value.dtype)) return null;
      return { must: dtypes.join(" or "), found: `it is ${value.dtype}` };
    },
  };
}

/** A tensor of any type. */
export const TENSOR: Kind = tensorOf();
/** A tensor, or a number in its place. */
export const OPERAND: Kind = either(TENSOR, NUMBER);
/** A float32 tensor. */
export const FLOAT_TENSOR: Kind = tensorOf("float32");
