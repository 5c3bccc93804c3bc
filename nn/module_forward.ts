/**
 * What surrounds every `forward`, whoever calls it.
 *
 * A refusal inside a network says which layer refused: `in 2.conv1 (Conv2d): Cannot apply conv2d as …`. And a captured
 * step notices when a parameter or a layer stands in another's place. For that each class's `forward` is wrapped once,
 * when its first module is made; outside a capture, a forward pass that throws nothing does nothing more than call it.
 *
 * @module
 */
import { currentObserver } from "../ops/core/autograd/observer.ts";
import { inLayer, isNoted } from "../ops/core/place.ts";
import { currentRecorder, dependOn } from "../ops/core/recorder.ts";
import type { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** What the library's refusals look like; JavaScript's own "Cannot read properties of …" names no condition. */
const REFUSAL = /^Cannot .+ as .+: /s;

/** An error on its way out of a network. */
interface Refusal {
  /** The message as it was thrown. */
  readonly message: string;
  /** The modules that it came through, the innermost first. */
  readonly through: Module[];
}

const wrapped = new WeakSet<object>();
const refusals = new WeakMap<Error, Refusal>();

/** Wraps the `forward` of a module's class, and of those that the class extends up to `base`. */
export function surroundForward(module: Module, base: object): void {
  let prototype = Object.getPrototypeOf(module);
  while (prototype !== base && prototype !== null && !wrapped.has(prototype)) {
    wrapped.add(prototype);
    if (Object.hasOwn(prototype, "forward")) wrap(prototype, base);
    prototype = Object.getPrototypeOf(prototype);
  }
}

function wrap(prototype: { forward: Module["forward"] }, base: object): void {
  const { forward } = prototype;
  function surrounded(this: Module, ...inputs: unknown[]): unknown {
    if (currentRecorder()) dependOnParts(this, base);
    const observer = currentObserver();
    observer?.enter(this);
    try {
      return isNoted()
        ? inLayer(this, layerName, () => forward.apply(this, inputs))
        : forward.apply(this, inputs);
    } catch (error) {
      throw error instanceof Error ? passing(error, this) : error;
    } finally {
      observer?.leave();
    }
  }
  Object.defineProperties(surrounded, {
    name: { value: forward.name },
    length: { value: forward.length },
    toString: { value: () => forward.toString() },
  });
  Object.defineProperty(prototype, "forward", {
    value: surrounded,
    configurable: true,
    enumerable: false,
    writable: true,
  });
}

/** Says that a step depends on which parameters and modules a module has. */
function dependOnParts(module: Module, base: object): void {
  const fields = module as unknown as Record<string, unknown>;
  const isPart = (value: unknown) =>
    value instanceof Parameter || typeof value === "object" && value !== null && isModule(value, base);
  const parts = Object.entries(fields).filter(([, value]) => isPart(value));
  if (parts.length > 0) dependOn(() => parts.every(([name, value]) => fields[name] === value));
}

function isModule(value: object, base: object): boolean {
  return Object.prototype.isPrototypeOf.call(base, value);
}

/** The error, which names the path from the module to where it arose. */
function passing(error: Error, module: Module): Error {
  const refusal = refusals.get(error);
  if (!refusal) {
    if (REFUSAL.test(error.message)) refusals.set(error, { message: error.message, through: [module] });
    return error;
  }
  if (refusal.through.includes(module)) return error; // by way of super.forward()
  refusal.through.push(module);
  const place = placeBelow(module, refusal.through);
  if (place === undefined) return error;
  rename(error, `in ${place.path} (${place.module.constructor.name}): ${refusal.message}`);
  return error;
}

/** The innermost of the modules that can be found below a module, and its path. */
export function placeBelow(
  module: Module,
  through: readonly Module[],
): { path: string; module: Module } | undefined {
  const paths = new Map(module.namedModules().map(([path, below]) => [below, path]));
  const found = through.find((each) => each !== module && paths.has(each));
  return found && { path: paths.get(found)!, module: found };
}

/** The path and class of the innermost of modules, the outermost first: `2.conv1 (Conv2d)`; "" where there is none. */
export function layerName(place: readonly object[]): string {
  const modules = place as readonly Module[], root = modules[0];
  if (!root) return "";
  const found = placeBelow(root, modules.toReversed());
  return found ? `${found.path} (${found.module.constructor.name})` : root.constructor.name;
}

/** Gives an error another message, in its stack too, which some print in place of the message. */
function rename(error: Error, message: string): void {
  const { stack, message: before } = error;
  try {
    error.message = message;
    if (stack?.includes(before)) error.stack = stack.replace(before, () => message);
  } catch {
    // an error that is frozen keeps its message
  }
}
