/**
 * What a call takes: its inputs and options, each declared once by name and kind. The declaration checks the call.
 *
 * TypeScript refuses a wrong argument before the program runs, but `deno run` and notebooks do not check types. So every
 * exported function begins with `takes(arguments)`, and what its types would refuse is refused at run time in words of
 * ours: an argument of another kind, one too many, an option that there is not.
 *
 * @module
 */
import { describe, isClass, isPlainObject } from "./describe.ts";
import { closest } from "./option_names.ts";

export { describe, isPlainObject } from "./describe.ts";
export { closest } from "./option_names.ts";

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

/** A number from `least` up that is not infinite. NaN is none. */
export function finiteFrom(least: number): Kind {
  const must = `a finite number from ${least} up`, fits = (v: number) => Number.isFinite(v) && v >= least;
  return {
    example: "0.5",
    objection: (v) => typeof v !== "number" ? { must } : fits(v) ? null : { must, isRange: true },
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

/** What is added so that nothing is divided by 0. */
export const EPS: Kind = finiteFrom(0);

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
 * @param plain The option that a plain value in the object's place stands for, where PyTorch has it in this position. Where
 *   it might be one of several, all of them: the value is refused in words that name them.
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
  plain?: (keyof Options & string) | readonly (keyof Options & string)[],
): Signature<Options> {
  const names = Object.keys(inputs), kinds = Object.values(inputs);
  const optionKinds = new Map<string, Kind>(options ? Object.entries(options) : []);
  const needed = [...optionKinds].filter(([, each]) => each.isOptional === false).map(([name]) => name);
  const most = names.length + (options ? 1 : 0);
  const none = {} as Options, standing = typeof plain === "string" ? plain : undefined;

  return (args) => {
    if (args.length > most && !(most === 1 && isFromMap(args))) {
      const given = Array.from(args).slice(names.length);
      if (byPosition(optionKinds, plain, given)) refuseOptions(action, optionKinds, needed, plain, given);
      refuseCount(action, names, options !== undefined, args.length);
    }
    for (let k = 0; k < kinds.length; k++) check(action, names[k], kinds[k], args[k]);
    const given = options && args[names.length];
    if (given === undefined && needed.length === 0) return none;
    if (isPlainObject(given)) return checkOptions<Options>(action, optionKinds, needed, given);
    if (standing !== undefined) {
      const objection = objectionOf(optionKinds.get(standing)!, given);
      if (!objection) return { [standing]: given } as Options;
      if (objection.isRange) refuse(action, standing, objection, given);
    }
    refuseOptions(action, optionKinds, needed, plain, [given]);
  };
}

/** The numbers that end a call such as `permute(x, 1, 0)`, or the array of them that stands in their place. */
export function numbersOf(
  given: readonly number[] | readonly [number | readonly number[]],
): readonly number[] {
  const isInRow = given.length > 1 || typeof given[0] === "number";
  return isInRow ? given as readonly number[] : given[0] as unknown as readonly number[];
}

/** Whether the arguments are those that `array.map(fn)` passes: an element, its index and the array. */
function isFromMap(args: ArrayLike<unknown>): boolean {
  return Array.isArray(args[2]) && args[2][args[1] as number] === args[0];
}

function objectionOf(kind: Kind, value: unknown): Objection | null {
  try {
    return kind.objection(value);
  } catch { // of a proxy whose traps throw
    return { must: "a value that can be looked at" };
  }
}

function check(action: string, name: string, kind: Kind, value: unknown): void {
  const objection = objectionOf(kind, value);
  if (objection) refuse(action, name, objection, value);
}

function checkOptions<Options>(
  action: string,
  kinds: ReadonlyMap<string, Kind>,
  needed: readonly string[],
  given: Record<string, unknown>,
): Options {
  for (const name in given) {
    const kind = kinds.get(name), value = given[name];
    if (!kind) refuseName(action, [...kinds.keys()], name);
    if (value !== undefined) check(action, name, kind, value);
  }
  for (const name of needed) if (given[name] === undefined) check(action, name, kinds.get(name)!, undefined);
  return given as Options;
}

/** Refuses values that are no object of options, and says how they would be written as one. */
function refuseOptions(
  action: string,
  kinds: ReadonlyMap<string, Kind>,
  needed: readonly string[],
  plain: string | readonly string[] | undefined,
  given: readonly unknown[],
): never {
  const braces = (texts: readonly string[]) => `{ ${texts.join(", ")} }`;
  const written = Array.isArray(plain) && given.length === 1
    ? plain.filter((name) => !objectionOf(kinds.get(name)!, given[0]))
      .map((name) => `{ ${name}: ${shown(kinds.get(name)!, given[0])} }`).join(" or ")
    : braces(byPosition(kinds, plain, given) ?? []);
  const [name, kind] = [...kinds].find(([name]) => needed.includes(name)) ?? [...kinds][0];
  const example = /\w/.test(written) ? written : `{ ${name}: ${kind.example} }`;
  throw new TypeError(
    `Cannot ${action} as its options must be an object such as ${example}: ${given.map(describe).join(", ")}`,
  );
}

/** The values as options, each under the next name that takes it, or null where there is none. */
function byPosition(
  kinds: ReadonlyMap<string, Kind>,
  first: string | readonly string[] | undefined,
  values: readonly unknown[],
): string[] | null {
  const names = [...kinds.keys()], start = typeof first === "string" ? names.indexOf(first) : 0, texts = [];
  let next = start;
  for (const [k, value] of values.entries()) {
    if (isPlainObject(value) && k > 0 && k === values.length - 1) {
      const known = Object.keys(value).filter((name) => kinds.has(name));
      texts.push(...known.map((name) => `${name}: ${shown(kinds.get(name)!, value[name])}`));
      continue;
    }
    while (next < names.length && objectionOf(kinds.get(names[next])!, value)) next++;
    if (next === names.length) return null;
    texts.push(`${names[next]}: ${shown(kinds.get(names[next])!, value)}`);
    next++;
  }
  return texts;
}

/** A value as source text; an object that has none as the example of its kind. */
function shown(kind: Kind, value: unknown): string {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? kind.example
    : describe(value);
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
