/**
 * Modules one after the other.
 *
 * @module
 */
import type { Tensor } from "../ops/core/tensor.ts";
import { Module } from "./module.ts";

/**
 * Calls its modules in order, each with what the one before it returned.
 *
 * It can be indexed (`net[0]`) and iterated.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10), new nn.Sigmoid());
 * assertEquals(net.forward(zeros([2, 28, 28])).shape, [2, 10]);
 * assertEquals([...net].length, net.length);
 * assertEquals(String(net[2]), "Sigmoid()");
 * ```
 */
export class Sequential extends Module {
  /** The module at a place; the fields `0`, `1`, … are its children. */
  [index: number]: Module;

  /**
   * Puts modules in a row.
   *
   * @param modules The modules, in the order in which they are called.
   */
  constructor(...modules: Module[]) {
    super();
    modules.forEach((module, i) => this[i] = module);
  }

  /** How many modules it has. */
  get length(): number {
    return this.children().length;
  }

  /** Iterates over the modules in order. */
  [Symbol.iterator](): Iterator<Module> {
    return this.children()[Symbol.iterator]();
  }

  /**
   * Passes `x` through all modules.
   *
   * @param x The first module's input.
   * @returns The last module's output.
   */
  override forward(x: Tensor): Tensor {
    for (const module of this) x = module.forward(x);
    return x;
  }
}
