/**
 * Modules one after the other.
 *
 * @module
 */
import { ModuleSequence } from "./_module_sequence.ts";
import { MODULE, type Module } from "./module.ts";
import { signature } from "../ops/core/signature.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { isPlainObject } from "../ops/core/describe.ts";
import { either, listOf, recordOf } from "../ops/core/kinds.ts";

const takes = signature("make Sequential", {
  modules: either(listOf(MODULE, "modules"), recordOf(MODULE, "modules")),
});

/**
 * Calls its modules in order, each with what the one before it returned.
 *
 * The network has `length`, `append(module)` and `at(place)`, and can be indexed (`net[0]`) and iterated. Made of a
 * record, its modules have the record's names and order.
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
 * const named = new nn.Sequential({ flat: new nn.Flatten(), fc: new nn.Linear(784, 10) });
 * assertEquals(named.namedParameters().map(([name]) => name), ["fc.weight", "fc.bias"]);
 * ```
 */
export class Sequential extends ModuleSequence {
  /**
   * Puts modules in a row.
   *
   * @param modules The modules, in the order in which they are called, or one record of them by name.
   * @throws {RangeError} If a name is empty, has a dot, or is a method's.
   */
  constructor(...modules: Module[] | [named: Readonly<Record<string, Module>>]) {
    super();
    const isNamed = modules.length === 1 && isPlainObject(modules[0]);
    takes([isNamed ? modules[0] : modules]);
    for (const [name, module] of Object.entries(isNamed ? modules[0] : modules)) this.add(name, module);
  }

  /**
   * Passes `x` through all modules.
   *
   * @param x The first module's input.
   * @returns The last module's output.
   */
  override forward(x: Tensor): Tensor {
    for (const module of this.modulesInUse()) x = module.forward(x);
    return x;
  }
}
