/**
 * Modules in an array.
 *
 * @module
 */
import { ModuleSequence } from "./_module_sequence.ts";
import type { Module } from "./module.ts";
import { signature } from "../ops/core/signature.ts";
import { ITERABLE, optional } from "../ops/core/kinds.ts";

const takes = signature("make ModuleList", { modules: optional(ITERABLE) });
const takesMore = signature("extend ModuleList", { modules: ITERABLE });

/**
 * Holds modules in a list, so that their parameters are found; the owner of the list says what is computed with the
 * modules.
 *
 * A list has `length`, `append(module)` and `at(place)`, and can be indexed (`list[0]`) and iterated. Its modules'
 * names are their places.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, type Tensor, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * class Net extends nn.Module {
 *   layers = new nn.ModuleList([new nn.Linear(4, 4), new nn.Linear(4, 2)]);
 *   override forward(x: Tensor): Tensor {
 *     for (const layer of this.layers) x = layer.forward(x).relu();
 *     return x;
 *   }
 * }
 *
 * await openDevice();
 * const net = new Net();
 * assertEquals(net.forward(zeros([3, 4])).shape, [3, 2]);
 * assertEquals(net.namedParameters()[2][0], "layers.1.weight");
 * ```
 */
export class ModuleList extends ModuleSequence {
  /**
   * Makes a list.
   *
   * @param modules The modules to begin with.
   */
  constructor(modules: Iterable<Module> = []) {
    super();
    takes(arguments);
    this.extend(modules);
  }

  /**
   * Puts modules at the end.
   *
   * @returns This list.
   */
  extend(modules: Iterable<Module>): this {
    takesMore(arguments);
    for (const module of modules) this.append(module);
    return this;
  }

  /** Refuses: a list does not know how its modules are to be called. */
  override forward(): never {
    throw new Error("Cannot run a ModuleList as its modules must be called one by one: iterate over it");
  }
}
