/**
 * Modules in an array.
 *
 * @module
 */
import { Module } from "./module.ts";

/**
 * Holds modules in a list, so that their parameters are found; what is done with them is the owner's to say.
 *
 * It can be indexed (`list[0]`) and iterated. Its modules' names are their places.
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
export class ModuleList extends Module {
  /** The module at a place; the fields `0`, `1`, … are its children. */
  [index: number]: Module;

  /**
   * Makes a list.
   *
   * @param modules The modules to begin with.
   */
  constructor(modules: Iterable<Module> = []) {
    super();
    this.extend(modules);
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
   * Puts a module at the end.
   *
   * @returns This list.
   */
  append(module: Module): this {
    return this.add(`${this.length}`, module);
  }

  /**
   * Puts modules at the end.
   *
   * @returns This list.
   */
  extend(modules: Iterable<Module>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  /**
   * The module at a place; negative places count from the end.
   *
   * @throws {RangeError} If there is none.
   */
  at(index: number): Module {
    return moduleAt(this, index);
  }

  /** Refuses: a list does not know how its modules are to be called. */
  override forward(): never {
    throw new Error("Cannot run a ModuleList as its modules must be called one by one: iterate over it");
  }
}

/** The child of a container at a place; negative places count from the end. */
export function moduleAt(container: Module, index: number): Module {
  const modules = container.children(), found = modules.at(index);
  if (found && Number.isInteger(index)) return found;
  throw new RangeError(
    `Cannot find a module of ${container.constructor.name} as its ${modules.length} modules must have one there: ${index}`,
  );
}
