/**
 * The base of all layers and networks.
 *
 * @module
 */
import { signature } from "../ops/core/signature.ts";
import { TENSOR } from "../ops/core/tensor/kinds.ts";
import "../ops/methods.ts";
import { sameShape, show } from "../ops/core/shape.ts";
import { type ForwardHook, type ForwardPreHook, ModuleHooks } from "./module_hooks.ts";
import { surroundForward } from "./module_forward.ts";
import { noGrad } from "../ops/core/autograd/autograd.ts";
import { dependOn } from "../ops/core/recorder.ts";
import type { HookHandle } from "../ops/core/autograd/hooks.ts";
import { copyInto } from "../ops/core/tensor/in_place.ts";
import type { Tensor } from "../ops/core/tensor/tensor.ts";
import { Parameter } from "./parameter.ts";
import { BOOLEAN, FUNCTION, instanceOf, type Kind, optional, recordOf, TEXT } from "../ops/core/kinds.ts";

export { Parameter, parameter } from "./parameter.ts";

/** What `loadStateDict` may overlook. */
export interface LoadStateDictOptions {
  /** Whether every name must be there on both sides, true unless given. */
  strict?: boolean;
}

/** What `loadStateDict` found. */
export interface LoadResult {
  /** Names that the module has and the record lacks. */
  missingKeys: string[];
  /** Names that the record has and the module lacks. */
  unexpectedKeys: string[];
}

/**
 * The base class of layers and networks: a subclass puts its parts in fields and overrides `forward`.
 *
 * Fields of class {@linkcode Parameter} are its parameters, fields that are modules its children, in the order in
 * which they were set; their names are the field names.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, type Tensor, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * class Net extends nn.Module {
 *   fc = new nn.Linear(4, 2);
 *   override forward(x: Tensor): Tensor {
 *     return this.fc.forward(x).relu();
 *   }
 * }
 *
 * await openDevice();
 * const net = new Net();
 * assertEquals(net.forward(zeros([3, 4])).shape, [3, 2]);
 * assertEquals(net.namedParameters().map(([name]) => name), ["fc.weight", "fc.bias"]);
 * ```
 */
export abstract class Module {
  #training = true;
  readonly #buffers = new Map<string, Tensor>();
  #hooks: ModuleHooks | null = null;

  /** Makes a module. What a constructor of its own takes, it keeps to itself. */
  constructor() {
    if (arguments.length > 0) signature(`make ${new.target.name}`, {})(arguments);
    surroundForward(this, Module.prototype);
  }

  /**
   * Computes the module's output. How many inputs there are, and of what shapes, is the subclass's to say.
   *
   * @param inputs The inputs, a tensor in most layers.
   */
  // deno-lint-ignore no-explicit-any
  abstract forward(...inputs: any[]): any;

  /** Whether the module is being trained: dropout and batch normalisation differ. Set by `train()` and `eval()`. */
  get training(): boolean {
    dependOn(() => this.#training, this); // a step that reads the mode is captured for each mode
    return this.#training;
  }

  set training(mode: boolean) {
    takesMode(arguments);
    dependOn(() => this.#training, this); // the mode before the change
    this.#training = mode;
  }

  /** The module's own parameters by name, without the parameters of its children. */
  ownParameters(): [string, Parameter][] {
    return Object.entries(this).filter((entry): entry is [string, Parameter] =>
      entry[1] instanceof Parameter
    );
  }

  /** The module's children by name, in the order in which they were set. */
  namedChildren(): [string, Module][] {
    return Object.entries(this).filter((entry): entry is [string, Module] => entry[1] instanceof Module);
  }

  /** The module's children, in the order in which they were set. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module and all below it, with their paths; a module comes before its children, and each module only once. */
  namedModules(prefix = "", seen: Set<Module> = new Set()): [string, Module][] {
    takesPrefix(arguments);
    if (seen.has(this)) return [];
    seen.add(this);
    const below = this.namedChildren().flatMap(([name, child]) =>
      child.namedModules(join(prefix, name), seen)
    );
    return [[prefix, this], ...below];
  }

  /** This module and all below it; a module comes before its children. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** All parameters with their paths, in PyTorch's order; a shared parameter comes once. */
  namedParameters(): [string, Parameter][] {
    const seen = new Set<Parameter>();
    return this.namedModules().flatMap(([path, module]) =>
      module.ownParameters().filter(([, p]) => !seen.has(p) && seen.add(p))
        .map(([name, p]): [string, Parameter] => [join(path, name), p])
    );
  }

  /** All parameters, in PyTorch's order. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, p]) => p);
  }

  /** All buffers (tensors of the state that are not learnt) with their paths. */
  namedBuffers(): [string, Tensor][] {
    return this.namedModules().flatMap(([path, module]) =>
      [...module.#buffers].map(([name, t]): [string, Tensor] => [join(path, name), t])
    );
  }

  /**
   * Makes a tensor part of the state without being learnt, such as a running mean.
   *
   * @param name Its name in the state dict.
   * @param tensor The tensor.
   * @returns The tensor.
   */
  registerBuffer(name: string, tensor: Tensor): Tensor {
    takesBuffer(arguments);
    this.#buffers.set(name, tensor);
    return tensor;
  }

  /**
   * Makes a module a child of this one, under a name that is also its field.
   *
   * @param name The name; the child that has it is replaced.
   * @param module The module.
   * @returns This module.
   * @throws {RangeError} If the name is empty, has a dot, or belongs to another field or method; or if the name is a
   *   number but the children have other names or larger numbers, as JavaScript would put the name before theirs.
   */
  add(name: string, module: Module): this {
    takesModule(arguments);
    const fields = this as Record<string, unknown>;
    if (name === "" || name.includes(".") || (name in this && !(fields[name] instanceof Module))) {
      throw new RangeError(
        `Cannot add a module as its name must be free, not empty and without a dot: "${name}"`,
      );
    }
    const behind = name in this || !isPlace(name)
      ? undefined
      : this.namedChildren().find(([other]) => !(Number(other) < Number(name)));
    if (behind) {
      throw new RangeError(
        `Cannot add a module as a number for a name must follow smaller numbers only: "${name}" after "${
          behind[0]
        }"`,
      );
    }
    fields[name] = module;
    return this;
  }

  /**
   * Finds a module by its path from here.
   *
   * @param path Names with dots between them; empty for this module.
   * @throws {RangeError} If the path leads to no module.
   */
  getSubmodule(path: string): Module {
    takesPath(arguments);
    const found = this.namedModules().find(([name]) => name === path);
    if (found) return found[1];
    throw new RangeError(`Cannot find a module as its path must lead to one: "${path}"`);
  }

  /**
   * Has `hook` called before each `forward` of this module, whoever calls `forward`. What the hook returns, if
   * anything, are the inputs instead: an array of them, or the only one.
   *
   * @returns A handle whose `remove()` takes the hook away.
   */
  registerForwardPreHook(hook: ForwardPreHook): HookHandle {
    takesHook(arguments);
    return (this.#hooks ??= new ModuleHooks(this)).before.add(hook);
  }

  /**
   * Has `hook` called after each `forward` of this module, whoever calls `forward`. What the hook returns, if anything,
   * is the output instead.
   *
   * @returns A handle whose `remove()` takes the hook away.
   */
  registerForwardHook(hook: ForwardHook): HookHandle {
    takesHook(arguments);
    return (this.#hooks ??= new ModuleHooks(this)).after.add(hook);
  }

  /**
   * Says whether all parameters, here and below, are learnt: false freezes them.
   *
   * @returns This module.
   */
  requiresGrad(value = true): this {
    takesValue(arguments);
    for (const p of this.parameters()) p.requiresGrad = value;
    return this;
  }

  /**
   * Calls `fn` with every module below this one and then with this one.
   *
   * @returns This module.
   */
  apply(fn: (module: Module) => void): this {
    takesFn(arguments);
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Puts this module and all below it into training mode, or out of it. */
  train(mode = true): this {
    takesMode([mode]);
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Puts this module and all below it into evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /** Drops the gradients of all parameters. */
  zeroGrad(): void {
    for (const p of this.parameters()) p.clearGrad();
  }

  /**
   * All parameters and buffers by their paths, with PyTorch's names.
   *
   * @returns The module's own tensors, not copies.
   */
  stateDict(): Record<string, Tensor> {
    const state: Record<string, Tensor> = {};
    const visit = (module: Module, path: string) => {
      for (const [name, t] of [...module.ownParameters(), ...module.#buffers]) state[join(path, name)] = t;
      for (const [name, child] of module.namedChildren()) visit(child, join(path, name));
    };
    visit(this, ""); // a shared tensor has an entry under each of its names, as in PyTorch
    return state;
  }

  /**
   * Copies values into the parameters and buffers.
   *
   * The count of batches of batch normalisation, `num_batches_tracked`, may be missing, as PyTorch before 0.4.1 and
   * exporters leave it out; it stays as it is then.
   *
   * @param record Tensors by path, as `stateDict` gives them.
   * @param options Whether missing and unexpected names are errors.
   * @returns The names that were missing or unexpected.
   * @throws {RangeError} If a shape differs or, unless `strict` is false, a name. Nothing is copied then.
   */
  loadStateDict(record: Readonly<Record<string, Tensor>>, options: LoadStateDictOptions = {}): LoadResult {
    takesState(arguments);
    const own = this.stateDict();
    const missingKeys = Object.keys(own).filter((name) => !Object.hasOwn(record, name) && !mayLack(name));
    const unexpectedKeys = Object.keys(record).filter((name) => !Object.hasOwn(own, name));
    if ((options.strict ?? true) && missingKeys.length + unexpectedKeys.length > 0) {
      throw new RangeError(
        `Cannot load a state dict as the names must be those of the module: missing ${
          listed(missingKeys)
        }, unexpected ${listed(unexpectedKeys)}`,
      );
    }
    const pairs = Object.entries(own).filter(([name]) => Object.hasOwn(record, name));
    for (const [name, t] of pairs) {
      if (sameShape(t.shape, record[name]!.shape)) continue;
      throw new RangeError(
        `Cannot load a state dict as ${name} must have shape ${show(t.shape)}: it has ${
          show(record[name]!.shape)
        }`,
      );
    }
    noGrad(() => pairs.forEach(([name, t]) => copyInto(t, record[name]!)));
    return { missingKeys, unexpectedKeys };
  }

  /** Frees all parameters and buffers. */
  dispose(): void {
    for (const t of Object.values(this.stateDict())) t.dispose();
  }

  /** What stands between the parentheses when the module is printed. */
  extraRepr(): string {
    return "";
  }

  /** Prints the module as PyTorch does. */
  toString(): string {
    const lines = this.namedChildren().map(([name, child]) => `(${name}): ${indent(String(child))}`);
    const extra = this.extraRepr();
    if (lines.length === 0) return `${this.constructor.name}(${extra})`;
    const body = [...(extra ? [extra] : []), ...lines].map((line) => `  ${line}`).join("\n");
    return `${this.constructor.name}(\n${body}\n)`;
  }

  /** Prints the module so where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** A module. */
export const MODULE: Kind = instanceOf(Module, "a module", "new nn.ReLU()");

const takesMode = signature("set the mode of a module", { training: BOOLEAN });
const takesBuffer = signature("register a buffer", { name: TEXT, tensor: TENSOR });
const takesModule = signature("add a module", { name: TEXT, module: MODULE });
const takesPath = signature("find a module", { path: TEXT });
const takesHook = signature("register a hook", { hook: FUNCTION });
const takesValue = signature("set requiresGrad", { value: optional(BOOLEAN) });
const takesFn = signature("apply a function to modules", { fn: FUNCTION });
const takesPrefix = signature("list modules", {
  prefix: optional(TEXT),
  seen: optional(instanceOf(Set, "a set of modules", "new Set()")),
});
const takesState = signature<LoadStateDictOptions>("load a state dict", {
  record: recordOf(TENSOR, "tensors"),
}, {
  strict: BOOLEAN,
});

/** Whether a state may lack a name. PyTorch, too, takes states of batch normalisation without their count. */
function mayLack(name: string): boolean {
  return /(^|\.)num_batches_tracked$/.test(name);
}

/** Names that an error lists; of more it tells how many there are. */
const MOST_LISTED = 10;

function listed(names: readonly string[]): string {
  if (names.length <= MOST_LISTED) return `[${names.join(", ")}]`;
  return `[${names.slice(0, MOST_LISTED).join(", ")}, …, ${names.length} in all]`;
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** Whether the name is a whole number, which a JavaScript object puts before all other names. */
function isPlace(name: string): boolean {
  return /^(0|[1-9]\d*)$/.test(name);
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}
