/**
 * Command-line options of the scripts: parsed by `@std/cli`, checked, and explained.
 *
 * @module
 */
import { parseArgs } from "jsr:@std/cli@^1/parse-args";

/** An option: its default says whether it is a number or a text; no default makes it a text that may be absent. */
export interface OptionSpec {
  /** The option's line in `--help`. */
  help: string;
  /** The value where the option is not given. */
  default?: number | string;
  /** Whether it is a number although it has no default. */
  number?: boolean;
  /** The least number allowed, 0 unless given; the default of `integer` options is often 1. */
  least?: number;
  /** Whether it must be a whole number. */
  integer?: boolean;
  /** The texts allowed, if not any. */
  choices?: readonly string[];
  /** Whether several choices may be given, with commas between them. */
  several?: boolean;
  /** Whether it is no option but what stands without dashes on the command line, at least once. */
  operands?: boolean;
  /** Whether it takes no value: it is given or not. */
  flag?: boolean;
}

/** The options of a script, by name without the dashes. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** The value of each option. */
export type OptionValues<S extends OptionSpecs> = {
  [K in keyof S]: S[K]["operands"] extends true ? string[]
    : S[K]["flag"] extends true ? boolean
    : S[K]["default"] extends number ? number
    : S[K]["default"] extends string ? string
    : S[K]["number"] extends true ? number | undefined
    : string | undefined;
};

/**
 * Parses a command line, or ends the process: with the help text for `--help`, with one line for a bad option.
 *
 * @param summary What the script does, for `--help`.
 * @param specs The script's options.
 * @param args The command line.
 * @returns The options' values.
 */
export function options<const S extends OptionSpecs>(
  summary: string,
  specs: S,
  args: readonly string[] = Deno.args,
): OptionValues<S> {
  try {
    const values = parseOptions(specs, args);
    if (values !== null) return values;
    console.log(helpText(summary, specs));
    Deno.exit(0);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`error: ${error.message} (--help lists the options)`);
    Deno.exit(1);
  }
}

/**
 * Parses a command line.
 *
 * @param specs The options that there are.
 * @param args The command line.
 * @returns The options' values, or null where help is wanted.
 * @throws {RangeError} If an option is unknown, or its value is bad.
 */
export function parseOptions<const S extends OptionSpecs>(
  specs: S,
  args: readonly string[],
): OptionValues<S> | null {
  const names = Object.keys(specs);
  const takesOperands = names.some((name) => specs[name].operands);
  const parsed = parseArgs([...args], {
    string: ["_", ...names.filter((name) => !specs[name].operands && !specs[name].flag)],
    boolean: ["help", ...names.filter((name) => specs[name].flag)],
    unknown: (arg: string) => {
      if (takesOperands && !arg.startsWith("-")) return;
      throw new RangeError(`Cannot understand ${arg}: it is no option of this script`);
    },
  }) as Record<string, unknown>;
  if (parsed.help) return null;
  const entries = names.map((name) => {
    const spec = specs[name];
    return [name, spec.operands ? operands(name, parsed._) : parseValue(name, spec, parsed[name])];
  });
  return Object.fromEntries(entries) as OptionValues<S>;
}

function operands(name: string, given: unknown): string[] {
  const texts = (given as unknown[]).map(String);
  if (texts.length > 0) return texts;
  throw new RangeError(`Cannot do without ${name} as at least one must be given: there is none`);
}

function parseValue(name: string, spec: OptionSpec, text: unknown): boolean | number | string | undefined {
  if (spec.flag) return text === true;
  if (text === undefined) return spec.default;
  if (typeof text !== "string" || text === "") {
    throw new RangeError(`Cannot use --${name} as it needs a value: none was given`);
  }
  if (!isNumber(spec)) {
    const { choices, several } = spec, texts = several ? text.split(",") : [text];
    if (choices && !texts.every((text) => choices.includes(text))) {
      const some = several ? `some of ${choices.join(",")}` : choices.join(" or ");
      throw new RangeError(`Cannot use --${name} as it must be ${some}: ${text}`);
    }
    return text;
  }
  const value = Number(text), { least = 0, integer = false } = spec;
  if (
    text.trim() === "" || !Number.isFinite(value) || value < least || (integer && !Number.isInteger(value))
  ) {
    const kind = integer ? "a whole number" : "a number";
    throw new RangeError(`Cannot use --${name} as it must be ${kind} from ${least} up: ${text}`);
  }
  return value;
}

function isNumber(spec: OptionSpec): boolean {
  return typeof spec.default === "number" || spec.number === true;
}

function helpText(summary: string, specs: OptionSpecs): string {
  const rows = Object.entries(specs).map(([name, spec]) => {
    if (spec.operands) return [`${name}…`, spec.help];
    if (spec.flag) return [`--${name}`, spec.help];
    const kind = isNumber(spec) ? "N" : spec.choices?.join(spec.several ? "," : "|") ?? "TEXT";
    const given = spec.default === undefined ? "" : ` (${spec.default})`;
    return [`--${name} ${kind}`, spec.help + given];
  });
  rows.push(["--help", "show this"]);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return `${summary}\n\n${rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join("\n")}`;
}
