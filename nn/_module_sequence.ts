/**
 * What modules that hold others in an order share.
 *
 * @module
 */
import { MODULE, Module } from "./module.ts";
import { dependOn } from "../ops/core/recorder.ts";
import { signature } from "../ops/core/signature.ts";
import { NUMBER } from "../ops/core/kinds.ts";

const takesModule = signature("append a module", { module: MODULE });
const takesIndex = signature("find a module", { index: NUMBER });

/** A module whose children have places: it can be indexed (`list[0]`) and iterated. */
export abstract class ModuleSequence extends Module {
  /** The module at a place; the fields `0`, `1`, … are its children. */
  [index: number]: Module;

  /** How many modules it has. */
  get length(): number {
    return this.children().length;
  }

  /** Iterates over the modules in order. */
  [Symbol.iterator](): Iterator<Module> {
    return this.children()[Symbol.iterator]();
  }

  /** The modules in order, for a forward pass: a captured step notices when another stands in the place of one. */
  protected modulesInUse(): Module[] {
    const modules = this.children();
    dependOn(() => {
      const now = this.children();
      return now.length === modules.length && now.every((module, k) => module === modules[k]);
    });
    return modules;
  }

  /**
   * Puts a module at the end; its name is its place.
   *
   * @returns This module.
   */
  append(module: Module): this {
    takesModule(arguments);
    return this.add(`${this.length}`, module);
  }

  /**
   * The module at a place, also where modules have names; negative places count from the end.
   *
   * @throws {RangeError} If there is none.
   */
  at(index: number): Module {
    takesIndex(arguments);
    const modules = this.children(), found = modules.at(index);
    if (found && Number.isInteger(index)) return found;
    throw new RangeError(
      `Cannot find a module of ${this.constructor.name} as its ${modules.length} modules must have one there: ${index}`,
    );
  }
}
