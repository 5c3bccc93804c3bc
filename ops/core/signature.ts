/**
 * What a call takes: its inputs and options, each declared once by name and kind. The declaration checks the call.
 *
 * TypeScript refuses a wrong argument before the program runs, but `deno run` and notebooks do not check types. So every
 * exported function begins with `takes(arguments)`, and what its types would refuse is refused at run time in words of
 * ours: an argument of another kind, one too many, an option that there is not.
 *
 * @module
 */

/** What is wrong with a value. */
export interface Objection {
  /** What the value must be, such as "a number". */
  readonly must: string;
  /** What was found; a description of the value unless given. */
  readonly found?: string;
  /** Whether the value is of the right kind, but out of range. */
  readonly isRange?: boolean;
}

/** A kind of argument. */
export interface Kind {
  /** A value of the kind as source text, for errors that show how to write it. */
  readonly example: string;
  /** Whether the argument may be left out. */
  readonly isOptional?: boolean;
  /** Says what is wrong with a value; null where nothing is. */
  objection(value: unknown): Objection | null;
}

/** A kind of values that `test` accepts. */
export function kind(must: string, example: string, test: (value: unknown) => boolean): Kind {
  return { example, objection: (value) => test(value) ? null : { must } };
}

/** Any number, NaN and infinity among them. */
export const NUMBER: Kind = kind("a number", "0.5", (v) => typeof v === "number");
/** Whatever it is. */
export const ANYTHING: Kind = kind("anything", "…", () => true);
/** True or false. */
export const BOOLEAN: Kind = kind("true or false", "true", (v) => typeof v === "boolean");
/** A function. */
export const FUNCTION: Kind = kind("a function", "() => …", (v) => typeof v === "function" && !isClass(v));
/** A text. */
export const TEXT: Kind = kind("a text", '"…"', (v) => typeof v === "string");
/** A number that is neither infinite nor NaN. */
export const FINITE: Kind = {
  ...NUMBER,
  objection: (v) => Number.isFinite(v) ? null : { must: "a finite number", isRange: typeof v === "number" },
};
/** What `for (… of …)` goes through. */
export const ITERABLE: Kind = kind(
  "an array or another iterable",
  "[x]",
  (v) => typeof v === "object" && v !== null && Symbol.iterator in v,
);
/** Bytes. */
export const BYTES: Kind = kind("a Uint8Array", "bytes", (v) => v instanceof Uint8Array);
/** A number, or a function that is asked for it at each replay of a captured step. */
export const DISPATCH_NUMBER: Kind = either(NUMBER, FUNCTION);

/** A whole number, from `least` up where that is given, to `most` where that is. */
export function whole(least = -Infinity, most = Infinity): Kind {
  const must = least === -Infinity
    ? "a whole number"
    : `a whole number from ${least} ${most === Infinity ? "up" : `to ${most}`}`;
  const fits = (v: number) => Number.isInteger(v) && v >= least && v <= most;
  return {
    example: `${Math.max(least, 1)}`,
    objection: (v) => typeof v !== "number" ? { must } : fits(v) ? null : { must, isRange: true },
  };
}

/** A whole number, or two of them: height and width. */
export function wholeOrTwo(least: number): Kind {
  const one = whole(least);
  return worded(`a whole number from ${least} up, or two`, either(one, listOf(one, "them", 2)));
}

/** A number from `least` to `most`; without `most`, from `least` up. NaN is neither. */
export function numberFrom(least: number, most = Infinity): Kind {
  const must = `a number from ${least} ${most === Infinity ? "up" : `to ${most}`}`;
  return {
    example: "0.5",
    objection: (v) =>
      typeof v !== "number" ? { must } : v >= least && v <= most ? null : { must, isRange: true },
  };
}

/** The kind, where errors say in other words what the value must be. */
export function worded(must: string, of: Kind): Kind {
  return {
    ...of,
    objection: (value) => {
      const objection = of.objection(value);
      return objection && { ...objection, must };
    },
  };
}

/** One of a few texts. */
export function oneOf(...words: readonly string[]): Kind {
  const quoted = words.map((word) => JSON.stringify(word));
  const must = [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
  return {
    example: quoted[0],
    objection: (v) => words.includes(v as string) ? null : { must, isRange: typeof v === "string" },
  };
}

/** A value of the first kind, or of another. */
export function either(first: Kind, ...others: readonly Kind[]): Kind {
  const kinds = [first, ...others];
  return {
    example: first.example,
    objection: (value) => {
      const found: Objection[] = [];
      for (const each of kinds) {
        const objection = each.objection(value);
        if (!objection) return null;
        found.push(objection);
      }
      const must = [...new Set(found.map((o) => o.must))].join(" or ");
      const { found: text } = found.find((o) => o.found !== undefined) ?? {};
      return { must, found: text, isRange: found.some((o) => o.isRange) };
    },
  };
}

/** An array of values of a kind, of `length` where that is given. */
export function listOf(item: Kind, what: string, length?: number): Kind {
  const must = `an array of ${length === undefined ? "" : `${length} `}${what}`;
  return {
    example: `[${item.example}${length === 2 ? `, ${item.example}` : ""}]`,
    objection: (value) => {
      if (!Array.isArray(value)) return { must };
      if (length !== undefined && value.length !== length) return { must, isRange: true };
      for (let k = 0; k < value.length; k++) { // by index, as `some` and `every` pass over holes
        const objection = item.objection(value[k]);
        if (objection) return { must, isRange: objection.isRange };
      }
      return null;
    },
  };
}

/** An object that names values of a kind. */
export function recordOf(item: Kind, what: string): Kind {
  const must = `an object of ${what}`;
  return {
    example: `{ name: ${item.example} }`,
    objection: (value) => {
      if (!isPlainObject(value)) return { must };
      for (const name in value) {
        const objection = item.objection(value[name]);
        if (objection) {
          return {
            must,
            found: `${name} is ${objection.found ?? describe(value[name])}`,
            isRange: objection.isRange,
          };
        }
      }
      return null;
    },
  };
}

/** An instance of a class, or of one that extends it. */
export function instanceOf(
  type: abstract new (...args: never[]) => unknown,
  must: string,
  example: string,
): Kind {
  return kind(must, example, (v) => v instanceof type);
}

/** An object that has methods of these names. */
export function having(must: string, example: string, ...methods: readonly string[]): Kind {
  const has = (v: unknown) =>
    methods.every((name) => typeof (v as Record<string, unknown>)[name] === "function");
  return kind(must, example, (v) => typeof v === "object" && v !== null && has(v));
}

/** Null, or a value of the kind. */
export function nullable(of: Kind): Kind {
  return { ...of, objection: (value) => value === null ? null : of.objection(value) };
}

/** An argument by position that may be left out. */
export function optional(of: Kind): Kind {
  return { ...of, isOptional: true, objection: (value) => value === undefined ? null : of.objection(value) };
}

/** An option that must be given. */
export function required(of: Kind): Kind {
  return { ...of, isOptional: false };
}

/** Sizes of the dimensions of a tensor. */
export const SHAPE: Kind = listOf(whole(0), "whole numbers from 0 up");
/** A dimension, counted from the end where it is negative. */
export const DIM: Kind = { ...whole(), example: "1" };
/** One dimension or several. */
export const DIMS: Kind = either(DIM, listOf(DIM, "whole numbers"));

/** What random numbers begin with. */
export const SEED: Kind = worded("a whole number from 0 to 2^53 - 1", whole(0, Number.MAX_SAFE_INTEGER));
/** A type of a tensor's elements. */
export const DTYPE: Kind = oneOf("float32", "int32", "bool");

/** The kinds of all options; those that {@linkcode required} marks must be given. */
export type OptionKinds<Options extends object> = { readonly [K in keyof Required<Options>]: Kind };

/** Checks the arguments of a call and returns its options, an empty object where none were given. */
export type Signature<Options extends object> = (args: ArrayLike<unknown>) => Options;

/**
 * Declares what a call takes.
 *
 * @param action What the call does, for errors, such as `apply sum`.
 * @param inputs Kinds of the arguments by position.
 * @param options Kinds of the options, which are one object behind the inputs.
 * @returns A function to be called with `arguments`.
 *
 * @example Usage
 * ```ts
 * import { BOOLEAN, DIMS, NUMBER, signature } from "./signature.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const takes = signature<{ dim?: number; keepdim?: boolean }>("apply double", { x: NUMBER }, {
 *   dim: DIMS,
 *   keepdim: BOOLEAN,
 * });
 * function double(_x: number, _options: { dim?: number; keepdim?: boolean } = {}): unknown {
 *   return takes(arguments);
 * }
 *
 * assertEquals(double(1, { dim: 1 }), { dim: 1 });
 * assertThrows(() => double(1, 1 as never), TypeError, "Cannot apply double as its options must be an object such as { dim: 1 }: 1");
 * ```
 */
export function signature<Options extends object = Record<never, never>>(
  action: string,
  inputs: Readonly<Record<string, Kind>>,
  options?: OptionKinds<Options>,
): Signature<Options> {
  const names = Object.keys(inputs), kinds = Object.values(inputs);
  const optionKinds = new Map<string, Kind>(options ? Object.entries(options) : []);
  const needed = [...optionKinds].filter(([, each]) => each.isOptional === false).map(([name]) => name);
  const most = names.length + (options ? 1 : 0);
  const none = {} as Options;

  return (args) => {
    if (args.length > most && !(most === 1 && isFromMap(args))) {
      refuseCount(action, names, options !== undefined, args.length);
    }
    for (let k = 0; k < kinds.length; k++) check(action, names[k], kinds[k], args[k]);
    const given = options && args[names.length];
    if (given === undefined && needed.length === 0) return none;
    return checkOptions<Options>(action, optionKinds, needed, given);
  };
}

/** Whether a function is a class, which cannot be called: its prototype cannot be replaced. */
function isClass(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}

/** Whether the arguments are those that `array.map(fn)` passes: an element, its index and the array. */
function isFromMap(args: ArrayLike<unknown>): boolean {
  return Array.isArray(args[2]) && args[2][args[1] as number] === args[0];
}

function check(action: string, name: string, kind: Kind, value: unknown): void {
  let objection: Objection | null;
  try {
    objection = kind.objection(value);
  } catch { // of a proxy whose traps throw
    objection = { must: "a value that can be looked at" };
  }
  if (objection) refuse(action, name, objection, value);
}

function checkOptions<Options>(
  action: string,
  kinds: ReadonlyMap<string, Kind>,
  needed: readonly string[],
  given: unknown,
): Options {
  if (!isPlainObject(given)) {
    const [name, kind] = [...kinds].find(([name]) => needed.includes(name)) ?? [...kinds][0];
    throw new TypeError(
      `Cannot ${action} as its options must be an object such as { ${name}: ${kind.example} }: ${
        describe(given)
      }`,
    );
  }
  for (const name in given) {
    const kind = kinds.get(name), value = given[name];
    if (!kind) refuseName(action, [...kinds.keys()], name);
    if (value !== undefined) check(action, name, kind, value);
  }
  for (const name of needed) if (given[name] === undefined) check(action, name, kinds.get(name)!, undefined);
  return given as Options;
}

/** Whether a value is an object as written in braces: no array, tensor, map or other instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  try {
    return isPlain(value);
  } catch {
    return false; // a proxy whose trap throws
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refuse(action: string, name: string, { must, found, isRange }: Objection, value: unknown): never {
  const message = `Cannot ${action} as ${name} must be ${must}: ${found ?? describe(value)}`;
  throw isRange ? new RangeError(message) : new TypeError(message);
}

function refuseCount(action: string, names: readonly string[], hasOptions: boolean, count: number): never {
  const all = hasOptions ? [...names, "an object of options"] : names;
  const takes = all.length === 0 ? "nothing" : all.join(", ");
  throw new TypeError(`Cannot ${action} as it takes ${takes}: ${count} arguments were given`);
}

function refuseName(action: string, known: readonly string[], name: string): never {
  const meant = closest(name, known);
  const hint = meant === undefined ? `it has ${known.join(", ")}` : `did you mean ${meant}`;
  throw new TypeError(`Cannot ${action} as it must have the options that are given: ${name} (${hint})`);
}

/** The name that was probably meant: the same but for case and underscores, or at most two letters away. */
export function closest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.replaceAll("_", "").toLowerCase();
  const same = known.find((other) => plain(other) === plain(name));
  if (same !== undefined) return same;
  const near = known.map((other) => ({ other, distance: editDistance(plain(name), plain(other)) }))
    .filter(({ other, distance }) => distance <= 2 && distance < other.length / 2)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.other;
}

/** How many letters must be put in, taken out or changed to make one text the other (Levenshtein, 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** Letters of a value that an error shows. */
const MOST_SHOWN = 60;

/** A value in a few words, for errors. It never throws, whatever the value is. */
export function describe(value: unknown): string {
  try {
    const text = describeWhole(value);
    return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
  } catch {
    return "an object that cannot be shown";
  }
}

function describeWhole(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return isClass(value) ? "a class" : "a function";
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) {
    const shown = Array.from(value.slice(0, 8), (v) => Array.isArray(v) ? "[…]" : describe(v));
    return `[${shown.join(", ")}${value.length > 8 ? ", …" : ""}]`;
  }
  if (isPlain(value)) return `{ ${Object.keys(value).slice(0, 8).join(", ")} }`;
  const name = value.constructor?.name || "object";
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}
