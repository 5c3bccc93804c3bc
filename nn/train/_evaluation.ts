/**
 * What asks a network without training it: its mode, and its captured forward pass.
 *
 * @module
 */
import { compile, type Compiled } from "../../ops/core/compile/compile.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import type { Module } from "../module.ts";

/** Forward passes by network, each captured once for all evaluations. */
const forwards = new WeakMap<Module, Compiled<[Tensor], Tensor>>();

/** The forward pass of a network, captured where that is wanted. */
export function forwardOf(net: Module, isCompiled: boolean): (x: Tensor) => Tensor {
  if (!isCompiled) return (x) => net.forward(x);
  let forward = forwards.get(net);
  if (!forward) forwards.set(net, forward = compile((x: Tensor): Tensor => net.forward(x)));
  return forward;
}

/** Puts a network into evaluation mode for as long as something lasts, then back. */
export async function inEvaluation<T>(net: Module, action: () => Promise<T>): Promise<T> {
  const { training } = net;
  net.eval();
  try {
    return await action();
  } finally {
    net.train(training);
  }
}
