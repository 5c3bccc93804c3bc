/**
 * Values with tensors in them as JSON beside a list of tensors, and back.
 *
 * @module
 */
import { describe, isPlainObject } from "../../../ops/core/describe.ts";
import { Tensor } from "../../../ops/core/tensor/tensor.ts";

/** What stands in the JSON for a tensor, by the name that the file gives it. */
const TENSOR = "$tensor";
/** What stands in the JSON for a number that JSON has no text for. */
const NUMBER = "$number";
/** What stands in the JSON for an object whose own names begin like the two above. */
const OBJECT = "$object";

const UNWRITTEN = { "NaN": NaN, "Infinity": Infinity, "-Infinity": -Infinity, "-0": -0 };

/** How many levels of arrays and objects there may be. */
const MOST_LEVELS = 100;

/** Refuses a value; the path says where it is. */
export type Refuse = (path: string, found: string) => Error;

/**
 * Takes the tensors out of a value.
 *
 * @param value Texts, numbers, booleans, null, tensors, and arrays and objects of these.
 * @param path Where the value stands: the beginning of its tensors' names.
 * @param tensors Where the tensors go, by their paths.
 * @param refuse Makes the error for what is none of these.
 * @returns What JSON can write.
 */
export function withoutTensors(
  value: unknown,
  path: string,
  tensors: Record<string, Tensor>,
  refuse: Refuse,
): unknown {
  const within: unknown[] = [];
  const visit = (value: unknown, path: string): unknown => {
    if (value instanceof Tensor) return { [TENSOR]: add(tensors, path, value) };
    if (typeof value === "number") {
      return JSON.parse(JSON.stringify(value)) === value && !Object.is(value, -0)
        ? value
        : { [NUMBER]: Object.is(value, -0) ? "-0" : String(value) };
    }
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (!Array.isArray(value) && !isPlainObject(value)) throw refuse(path, describe(value));
    if (within.includes(value)) throw refuse(path, "it contains itself");
    if (within.length === MOST_LEVELS) throw refuse(path, `it lies ${MOST_LEVELS} levels deep`);
    within.push(value);
    const copy = Array.isArray(value) ? Array.from(value, (item, k) => visit(item, `${path}.${k}`)) : wrapped(
      Object.entries(value).filter(([, item]) => item !== undefined)
        .map(([name, item]) => [name, visit(item, `${path}.${name}`)]),
    );
    within.pop();
    return copy;
  };
  return visit(value, path);
}

/** Adds a tensor under its path, or where another has that name under one like it. */
function add(tensors: Record<string, Tensor>, path: string, t: Tensor): string {
  let name = path;
  for (let k = 2; Object.hasOwn(tensors, name); k++) name = `${path}~${k}`;
  tensors[name] = t;
  return name;
}

function wrapped(entries: [string, unknown][]): unknown {
  const isOurs = entries.some(([name]) => name.startsWith("$") || name === "__proto__");
  return isOurs ? { [OBJECT]: entries } : Object.fromEntries(entries);
}

/**
 * Puts the tensors back into a value.
 *
 * @param value What {@linkcode withoutTensors} returned.
 * @param tensors The tensors by their names.
 * @throws {SyntaxError} If the value lies too deep, or names a tensor that there is not.
 */
export function withTensors(value: unknown, tensors: Readonly<Record<string, Tensor>>, level = 0): unknown {
  if (level > 2 * MOST_LEVELS) {
    throw new SyntaxError(`its state must have at most ${MOST_LEVELS} levels: it has more`);
  }
  const inner = (item: unknown) => withTensors(item, tensors, level + 1);
  if (Array.isArray(value)) return value.map(inner);
  if (!isPlainObject(value)) return value;
  if (TENSOR in value) return found("tensor", tensors, value[TENSOR]);
  if (NUMBER in value) return found("number", UNWRITTEN, value[NUMBER]);
  const entries = OBJECT in value ? value[OBJECT] : Object.entries(value);
  if (!Array.isArray(entries) || !entries.every((entry) => Array.isArray(entry) && entry.length === 2)) {
    throw new SyntaxError(`its state must name the parts of an object: ${describe(entries)}`);
  }
  return Object.fromEntries(entries.map(([name, item]) => [name, inner(item)]));
}

function found<T>(what: string, all: Readonly<Record<string, T>>, name: unknown): T {
  if (typeof name === "string" && Object.hasOwn(all, name)) return all[name]!;
  throw new SyntaxError(`its state must name a ${what} that there is: ${describe(name)}`);
}
