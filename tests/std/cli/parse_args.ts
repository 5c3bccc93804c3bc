/**
 * Stands in for `@std/cli/parse-args` where its registry is out of reach: the same names, options and results,
 * without dotted names, `stopEarly` and `--`.
 *
 * @module
 */

type Names<T extends string> = T | readonly T[];
type Aliases = Record<string, string | readonly string[]>;

/** What {@linkcode parseArgs} is told about the arguments. */
export interface ParseOptions<
  B extends string = never,
  S extends string = never,
  C extends string = never,
  N extends string = never,
  D extends Record<string, unknown> = Record<never, never>,
  A extends Aliases = Record<never, never>,
> {
  /** Other names of an option. */
  alias?: A;
  /** Options that take no value; `false` when they are not given. */
  boolean?: Names<B>;
  /** Values of options that are not given. */
  default?: D;
  /** Options whose value stays a string, `_` among them; other values that look like numbers become numbers. */
  string?: Names<S>;
  /** Options that may be given several times and are collected into an array. */
  collect?: Names<C>;
  /** Options that `--no-name` sets to `false`. */
  negatable?: Names<N>;
  /** Called with every argument that is not declared above; returning `false` leaves it out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

type Value<K, T, C, N> = K extends C ? T[] : K extends N ? T | false : T;

type Given<B extends string, S extends string, C extends string, N extends string, D> =
  & { [K in B]: Value<K, boolean, C, never> }
  & { [K in Extract<S, C> | Exclude<Extract<S, keyof D>, C>]: Value<K, string, C, N> | DefaultOf<D, K> }
  & { [K in Exclude<S, C | keyof D>]?: Value<K, string, C, N> }
  & { [K in Exclude<C, B | S>]: unknown[] }
  & { [K in Exclude<keyof D, B | S | C>]: unknown };

type DefaultOf<D, K> = K extends keyof D ? D[K] : never;

type Named<T, A> = { [K in keyof T as K | OtherNames<A, K>]: T[K] };

type OtherNames<A, K> = K extends keyof A ? A[K] extends readonly (infer O extends string)[] ? O
  : Extract<A[K], string>
  : never;

/** The value that {@linkcode parseArgs} returns; `_` has the arguments that belong to no option. */
export type Args<T> = T & { _: (string | number)[] };

// deno-lint-ignore no-explicit-any
type Result<B extends string, S extends string, C extends string, T> = [B | S | C] extends [never] ? any : T;

function list(names: Names<string> | undefined): string[] {
  return names === undefined ? [] : typeof names === "string" ? [names] : [...names];
}

function looksLikeNumber(text: string): boolean {
  return /^0x[0-9a-f]+$/i.test(text) || /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/.test(text);
}

/**
 * Parses command line arguments: `--name value`, `--name=value`, `--flag`, `--no-flag`, `-f`, `-n value`.
 *
 * @param args The arguments, such as `Deno.args`.
 * @param options What is known about them.
 * @returns The options by name, and what is left in `_`.
 */
export function parseArgs<
  B extends string = never,
  S extends string = never,
  C extends string = never,
  N extends string = never,
  D extends Record<string, unknown> = Record<never, never>,
  const A extends Aliases = Record<never, never>,
>(
  args: string[],
  options: ParseOptions<B, S, C, N, D, A> = {},
): Args<Result<B, S, C, Named<Given<B, S, C, N, D>, A>>> {
  const groups = Object.entries(options.alias ?? {}).map(([name, others]) => [name, ...list(others)]);
  const names = (name: string): string[] => groups.find((group) => group.includes(name)) ?? [name];
  const declared = (kind: Names<string> | undefined) => new Set(list(kind).flatMap(names));
  const booleans = declared(options.boolean);
  const strings = declared(options.string);
  const collected = declared(options.collect);
  const negatable = declared(options.negatable);
  const known = new Set([...booleans, ...strings, ...groups.flat()]);
  const result: Record<string, unknown> & { _: (string | number)[] } = { _: [] };

  function set(key: string, value: string | boolean, arg: string, collect = true): void {
    const converted = typeof value === "string" && booleans.has(key)
      ? value !== "false"
      : typeof value === "string" && !strings.has(key) && looksLikeNumber(value)
      ? Number(value)
      : value;
    if (!known.has(key) && options.unknown?.(arg, key, value) === false) return;
    for (const name of names(key)) {
      result[name] = collect && collected.has(name)
        ? [...(result[name] as unknown[] ?? []), converted]
        : converted;
    }
  }

  /** Sets an option without `=`, from the argument after it where it takes one; tells whether it did. */
  function setFromNext(key: string, next: string | undefined, arg: string): boolean {
    const taken = next !== undefined && next !== "" &&
      (booleans.has(key) ? next === "true" || next === "false" : !next.startsWith("-"));
    set(key, taken ? next : strings.has(key) ? "" : true, arg);
    return taken;
  }

  const end = args.includes("--") ? args.indexOf("--") : args.length;
  for (let i = 0; i < end; i++) {
    const arg = args[i];
    const next = i + 1 < end ? args[i + 1] : undefined;
    const long = /^--([^=]+)(?:=(.+))?$/s.exec(arg);
    const short = /^-([^-].*)$/s.exec(arg);
    if (long) {
      const [, key, value] = long;
      const positive = key.startsWith("no-") ? key.slice(3) : "";
      if (value !== undefined) set(key, value, arg);
      else if (negatable.has(positive)) set(positive, false, arg, false);
      else if (setFromNext(key, next, arg)) i++;
    } else if (short) {
      const letters = [...short[1]];
      const last = letters.pop()!;
      for (const letter of letters) set(letter, strings.has(letter) ? "" : true, arg);
      if (setFromNext(last, next, arg)) i++;
    } else if (options.unknown?.(arg) !== false) {
      result._.push(!strings.has("_") && looksLikeNumber(arg) ? Number(arg) : arg);
    }
  }

  for (const [name, value] of Object.entries(options.default ?? {})) {
    if (!Object.hasOwn(result, name)) { for (const other of names(name)) result[other] = value; }
  }
  for (const name of [...booleans, ...strings]) {
    if (Object.hasOwn(result, name)) continue;
    if (collected.has(name)) result[name] = [];
    else if (booleans.has(name)) result[name] = false;
  }
  result._.push(...args.slice(end + 1));
  return result as Args<Result<B, S, C, Named<Given<B, S, C, N, D>, A>>>;
}
