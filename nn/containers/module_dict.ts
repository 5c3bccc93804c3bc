/**
 * Modules by name, in the order in which they came.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { isPlainObject } from "../../ops/core/describe.ts";
import { either, ITERABLE, kind, optional, TEXT } from "../../ops/core/kinds.ts";
import { Module } from "../module.ts";

const RECORD = kind(
  "an object of modules, or pairs of names and modules",
  "{ a: new nn.ReLU() }",
  isPlainObject,
);
const takes = signature("make ModuleDict", { modules: optional(either(RECORD, ITERABLE)) });
const takesPair = signature("update ModuleDict", {
  pair: kind("a name with a module", '["a", new nn.ReLU()]', (v) => Array.isArray(v) && v.length === 2),
});
const takesUpdate = signature("update ModuleDict", { modules: either(RECORD, ITERABLE) });
const takesName = signature("find a module", { name: TEXT });

/**
 * Holds modules by name: they are its children, and their parameters those of the network. Which of them
 * is called is up to whoever has it. Names that are methods of modules are refused.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const heads = new nn.ModuleDict({ digit: new nn.Linear(4, 10), parity: new nn.Linear(4, 2) });
 * assertEquals(heads.get("parity").forward(zeros([1, 4])).shape, [1, 2]);
 * assertEquals([...heads.keys()], ["digit", "parity"]);
 * ```
 */
export class ModuleDict extends Module {
  /**
   * Makes it.
   *
   * @param modules What it begins with.
   */
  constructor(modules: Readonly<Record<string, Module>> | Iterable<readonly [string, Module]> = {}) {
    super();
    takes(arguments);
    this.update(modules);
  }

  /** How many modules it has. */
  get length(): number {
    return this.children().length;
  }

  /**
   * The module of a name.
   *
   * @param name The name.
   * @throws {RangeError} If there is none.
   */
  get(name: string): Module {
    takesName(arguments);
    const found = this.namedChildren().find(([own]) => own === name);
    if (found) return found[1];
    throw new RangeError(
      `Cannot find a module of ModuleDict as it must have the name, one of ${
        [...this.keys()].join(", ")
      }: "${name}"`,
    );
  }

  /** Whether it has a module of this name. */
  has(name: string): boolean {
    return this.namedChildren().some(([own]) => own === name);
  }

  /**
   * Adds modules; those of the same names are replaced.
   *
   * @param modules Modules by name.
   * @returns It.
   */
  update(modules: Readonly<Record<string, Module>> | Iterable<readonly [string, Module]>): this {
    takesUpdate(arguments);
    const pairs = isPlainObject(modules)
      ? Object.entries(modules)
      : [...modules as Iterable<readonly [string, Module]>];
    for (const pair of pairs) {
      takesPair([pair]);
      this.add(pair[0], pair[1] as Module);
    }
    return this;
  }

  /** Takes the module of a name out; whether there was one. */
  delete(name: string): boolean {
    return this.has(name) && delete (this as Record<string, unknown>)[name];
  }

  /** The names, in order. */
  keys(): IterableIterator<string> {
    return this.namedChildren().map(([name]) => name).values();
  }

  /** The modules, in order. */
  values(): IterableIterator<Module> {
    return this.children().values();
  }

  /** Names and modules, in order. */
  [Symbol.iterator](): IterableIterator<[string, Module]> {
    return this.namedChildren().values();
  }

  /** Refuses: it does not know which of its modules is meant. */
  override forward(): never {
    throw new Error("Cannot run a ModuleDict as one of its modules must be called: take it by name");
  }
}
