/**
 * Parameters in a row, and by name.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { isPlainObject } from "../../ops/core/describe.ts";
import { instanceOf, ITERABLE, kind, optional, TEXT, whole } from "../../ops/core/kinds.ts";
import { Module, Parameter } from "../module.ts";

const PARAMETER = instanceOf(Parameter, "a Parameter", "new nn.Parameter(x)");
const takesList = signature("make ParameterList", { parameters: optional(ITERABLE) });
const takesOne = signature("append a parameter", { parameter: PARAMETER });
const takesIndex = signature("find a parameter", { index: whole() });

/** What PyTorch prints of parameters. */
function printed(name: string, parameters: readonly [string, Parameter][]): string {
  const lines = parameters.map(([key, p]) =>
    `  (${key}): Parameter containing: [torch.float32 of size ${p.shape.join("x")}]`
  );
  return lines.length === 0 ? `${name}()` : `${name}(\n${lines.join("\n")}\n)`;
}

/**
 * Holds parameters in a row; they are called by their places, `0`, `1`, … in the state dict.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const list = new nn.ParameterList([new nn.Parameter(ones([2])), new nn.Parameter(ones([3]))]);
 * assertEquals(list.at(-1).shape, [3]);
 * assertEquals(Object.keys(list.stateDict()), ["0", "1"]);
 * ```
 */
export class ParameterList extends Module {
  /** The parameter at a place. */
  [index: number]: Parameter;

  /**
   * Makes it.
   *
   * @param parameters What it begins with.
   */
  constructor(parameters: Iterable<Parameter> = []) {
    super();
    takesList(arguments);
    for (const p of parameters) this.append(p);
  }

  /** How many parameters it has. */
  get length(): number {
    return this.ownParameters().length;
  }

  /**
   * Puts a parameter at the end.
   *
   * @param parameter The parameter.
   * @returns It.
   */
  append(parameter: Parameter): this {
    takesOne(arguments);
    this[this.length] = parameter;
    return this;
  }

  /**
   * The parameter at a place; negative places count from the end.
   *
   * @param index The place.
   * @throws {RangeError} If there is none.
   */
  at(index: number): Parameter {
    takesIndex(arguments);
    const found = this.ownParameters().at(index);
    if (found) return found[1];
    throw new RangeError(
      `Cannot find a parameter of ParameterList as its ${this.length} parameters must have one there: ${index}`,
    );
  }

  /** Iterates over the parameters in order. */
  [Symbol.iterator](): IterableIterator<Parameter> {
    return this.ownParameters().map(([, p]) => p).values();
  }

  /** Refuses: parameters compute nothing. */
  override forward(): never {
    throw new Error(
      "Cannot run a ParameterList as it must be used by a module: its parameters compute nothing",
    );
  }

  /** Prints the parameters as PyTorch does. */
  override toString(): string {
    return printed("ParameterList", this.ownParameters());
  }
}

const RECORD = kind("an object of parameters", "{ a: new nn.Parameter(x) }", isPlainObject);
const takesDict = signature("make ParameterDict", { parameters: optional(RECORD) });
const takesEntry = signature("set a parameter", { name: TEXT, parameter: PARAMETER });
const takesName = signature("find a parameter", { name: TEXT });

/**
 * Holds parameters by name. Names that are methods of modules are refused.
 *
 * @example Usage
 * ```ts
 * import { nn, ones, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const dict = new nn.ParameterDict({ scale: new nn.Parameter(ones([2])) });
 * assertEquals(dict.get("scale").shape, [2]);
 * assertEquals(Object.keys(dict.stateDict()), ["scale"]);
 * ```
 */
export class ParameterDict extends Module {
  /**
   * Makes it.
   *
   * @param parameters What it begins with.
   */
  constructor(parameters: Readonly<Record<string, Parameter>> = {}) {
    super();
    takesDict(arguments);
    for (const [name, p] of Object.entries(parameters)) this.set(name, p);
  }

  /** How many parameters it has. */
  get length(): number {
    return this.ownParameters().length;
  }

  /**
   * Puts a parameter under a name; the one that has it is replaced.
   *
   * @param name The name.
   * @param parameter The parameter.
   * @returns It.
   * @throws {RangeError} If the name is empty, has a dot, or belongs to a field or method.
   */
  set(name: string, parameter: Parameter): this {
    takesEntry(arguments);
    const fields = this as Record<string, unknown>;
    if (name === "" || name.includes(".") || (name in this && !(fields[name] instanceof Parameter))) {
      throw new RangeError(
        `Cannot set a parameter as its name must be free, not empty and without a dot: "${name}"`,
      );
    }
    fields[name] = parameter;
    return this;
  }

  /**
   * The parameter of a name.
   *
   * @param name The name.
   * @throws {RangeError} If there is none.
   */
  get(name: string): Parameter {
    takesName(arguments);
    const found = this.ownParameters().find(([own]) => own === name);
    if (found) return found[1];
    throw new RangeError(
      `Cannot find a parameter of ParameterDict as it must have the name, one of ${
        [...this.keys()].join(", ")
      }: "${name}"`,
    );
  }

  /** Whether it has a parameter of this name. */
  has(name: string): boolean {
    return this.ownParameters().some(([own]) => own === name);
  }

  /** The names, in order. */
  keys(): IterableIterator<string> {
    return this.ownParameters().map(([name]) => name).values();
  }

  /** Names and parameters, in order. */
  [Symbol.iterator](): IterableIterator<[string, Parameter]> {
    return this.ownParameters().values();
  }

  /** Refuses: parameters compute nothing. */
  override forward(): never {
    throw new Error(
      "Cannot run a ParameterDict as it must be used by a module: its parameters compute nothing",
    );
  }

  /** Prints the parameters as PyTorch does. */
  override toString(): string {
    return printed("ParameterDict", this.ownParameters());
  }
}
