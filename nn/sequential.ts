/**
 * Modules one after the other.
 *
 * @module
 */
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { Module } from "./module.ts";
import { moduleAt } from "./module_list.ts";

/**
 * Calls its modules in order, each with what the one before it returned.
 *
 * It can be indexed (`net[0]`) and iterated. Given a record its modules have the names of that, in its order.
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
export class Sequential extends Module {
  /** The module at a place; the fields `0`, `1`, … are its children. */
  [index: number]: Module;

  /**
   * Puts modules in a row.
   *
   * @param modules The modules, in the order in which they are called, or one record of them by name.
   * @throws {RangeError} If a name is empty, has a dot, or is that of a method.
   */
  constructor(...modules: Module[] | [named: Readonly<Record<string, Module>>]) {
    super();
    const isNamed = modules.length === 1 && !(modules[0] instanceof Module);
    for (const [name, module] of Object.entries(isNamed ? modules[0] : modules)) this.add(name, module);
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
   * Puts a module at the end; its name is its place.
   *
   * @returns This module.
   */
  append(module: Module): this {
    return this.add(`${this.length}`, module);
  }

  /**
   * The module at a place, also where modules have names; negative places count from the end.
   *
   * @throws {RangeError} If there is none.
   */
  at(index: number): Module {
    return moduleAt(this, index);
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
