/**
 * What a call takes: its inputs and options, each declared once by name and kind. The declaration checks the call.
 *
 * TypeScript refuses a wrong argument before the program runs, but `deno run` and notebooks do not check types. So every
 * exported function begins with `takes(arguments)`, and what its types would refuse is refused at run time in words of
 * ours: an argument of another kind, one too many, an option that there is not.
 *
 * @module
 */
import { describe, isPlainObject } from "./describe.ts";
import type { Kind, Objection } from "./kinds.ts";
import { closest } from "./option_names.ts";

/** The kinds of all options; those that {@linkcode required} marks must be given. */
export type OptionKinds<Options extends object> = { readonly [K in keyof Required<Options>]: Kind };

/** Checks the arguments of a call and returns its options, an empty object where none were given. */
export type Signature<Options extends object> = (args: ArrayLike<unknown>) => Options;

/** Hears of a call that was checked: what it does, its arguments, and its options where it has some. */
export type CallListener = (action: string, args: readonly unknown[], options: object) => void;

let listener: CallListener | null = null;

/** Runs `fn` with a function hearing of every call that declares what it takes. */
export function heard<T>(by: CallListener, fn: () => T): T {
  const outer = listener;
  listener = by;
  try {
    return fn();
  } finally {
    listener = outer;
  }
}

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
 * import { BOOLEAN, DIMS, NUMBER } from "./kinds.ts";
 * import { signature } from "./signature.ts";
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
  const none = {} as Options, standing = typeof plain === "string" ? plain : undefined;
  let declared: Declared | undefined; // made at the first call, as an import makes hundreds of signatures

  function checked(args: ArrayLike<unknown>): Options {
    const { names, kinds, optionKinds, needed, most } = declared ??= declare(inputs, options);
    if (args.length > most && !(most === 1 && isFromMap(args))) {
      const given = Array.from(args).slice(names.length);
      if (byPosition(optionKinds, plain, given)) refuseOptions(action, optionKinds, needed, plain, given);
      refuseCount(action, names, options !== undefined, args.length);
    }
    for (let k = 0; k < kinds.length; k++) check(action, names[k]!, kinds[k]!, args[k]);
    const given = options && args[names.length];
    if (given === undefined && needed.length === 0) return none;
    if (isPlainObject(given)) return checkOptions<Options>(action, optionKinds, needed, given);
    if (standing !== undefined) {
      const objection = objectionOf(optionKinds.get(standing)!, given);
      if (!objection) return { [standing]: given } as Options;
      if (objection.isRange) refuse(action, standing, objection, given);
    }
    refuseOptions(action, optionKinds, needed, plain, [given]);
  }
  return (args) => {
    const given = checked(args);
    listener?.(action, Array.from(args), given);
    return given;
  };
}

/** What a signature declares, as the check needs it. */
interface Declared {
  readonly names: readonly string[];
  readonly kinds: readonly Kind[];
  readonly optionKinds: ReadonlyMap<string, Kind>;
  /** Options that must be given. */
  readonly needed: readonly string[];
  /** How many arguments there may be. */
  readonly most: number;
}

function declare(
  inputs: Readonly<Record<string, Kind>>,
  options: Readonly<Record<string, Kind>> = {},
): Declared {
  const names = Object.keys(inputs), optionKinds = new Map(Object.entries(options));
  const needed = [...optionKinds].filter(([, each]) => each.isOptional === false).map(([name]) => name);
  return {
    names,
    kinds: Object.values(inputs),
    optionKinds,
    needed,
    most: names.length + (optionKinds.size > 0 ? 1 : 0),
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
  const [name, kind] = [...kinds].find(([name]) => needed.includes(name)) ?? [...kinds][0]!;
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
    while (next < names.length && objectionOf(kinds.get(names[next]!)!, value)) next++;
    if (next === names.length) return null;
    texts.push(`${names[next]}: ${shown(kinds.get(names[next]!)!, value)}`);
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
