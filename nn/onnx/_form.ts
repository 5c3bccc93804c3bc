/**
 * What forms of operations in ONNX are made of.
 *
 * @module
 */
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import type { Attribute, Graph } from "./_graph.ts";
import { type TracedCall, where } from "./_trace.ts";

/** Adds an operation to a graph, and returns its result's name. */
export type Form = (g: Graph, call: TracedCall) => string;

/** Refuses an operation; `why` says what of it has no form. */
export function refuseCall({ op, path }: TracedCall, why = ""): never {
  throw new RangeError(
    `Cannot export to ONNX as every operation must have a form there: ${op}${why}${where(path)} has none`,
  );
}

/** The tensor that an operation begins with. */
export function first({ args }: TracedCall): Tensor {
  return args[0] as Tensor;
}

/** A node of one tensor, in the type of the result. */
export function unary(
  type: string,
  attributes?: (options: TracedCall["options"]) => Record<string, Attribute>,
): Form {
  return (g, call) => g.node(type, [g.value(first(call), call.y.dtype)], attributes?.(call.options));
}

/** A node of two tensors or numbers, in the type of the result. */
export function binary(type: string): Form {
  return (g, { args, y }) =>
    g.node(type, args.slice(0, 2).map((v) => g.value(v as Tensor | number, y.dtype)));
}
