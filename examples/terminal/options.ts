/**
 * Command-line options of the scripts: parsed, checked, and explained.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { isRefusal, refusal } from "./refusal.ts";
import { endWith } from "./run_script.ts";
import { screen } from "./screen.ts";
import { scriptArgs } from "./script_args.ts";
import { displayWidth, padded, wrapWords } from "./text_width.ts";
import { LANGUAGES, say, sayName, type Sentence, setLanguage } from "../words/words.ts";

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
  /** The greatest number allowed, if there is one. */
  most?: number;
  /** Whether it must be a whole number. */
  integer?: boolean;
  /** The texts allowed, if not any. */
  choices?: readonly string[];
  /** Whether several choices may be given, with commas between them. */
  several?: boolean;
  /** Whether it is no option but what stands without dashes on the command line, at least once. */
  operands?: boolean;
  /** The value where the option is given without one, as in `--serve`: a number then follows it, or none. */
  bare?: number;
  /** Whether it takes no value: it is given or not. */
  flag?: boolean;
  /** Whether it names a folder, which must be there. */
  folder?: boolean;
}

/** The options of a script, by name without the dashes. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Options whose lines in `--help` have translations. */
export type SpokenSpecs = Readonly<Record<string, OptionSpec & { help: Sentence }>>;

/** The value of each option. */
export type OptionValues<S extends OptionSpecs> = {
  [K in keyof S]: S[K]["operands"] extends true ? string[]
    : S[K]["flag"] extends true ? boolean
    : S[K]["default"] extends number ? number
    : S[K]["default"] extends string ? string
    : S[K]["number"] extends true ? number | undefined
    : string | undefined;
};

/** The options that every script of the study has, beside its own. */
const OWN = {
  plain: { help: "print lines only, and redraw nothing, as in a pipe", flag: true },
  lang: { help: "language, by default the locale's", choices: LANGUAGES },
} as const;

/**
 * Parses a command line, and speaks the language that `--lang` or the locale asks for; or ends the process: with the help
 * text for `--help`, with one line for a bad option.
 *
 * @param summary What the script does, for `--help`.
 * @param specs The script's options.
 * @param args The command line.
 * @returns The options' values.
 */
export function options<const S extends SpokenSpecs>(
  summary: Sentence,
  specs: S,
  args: readonly string[] = scriptArgs(),
): OptionValues<S> {
  chooseLanguage(args);
  const { lang: _, plain, ...values } = toolOptions(summary, { ...specs, ...OWN }, args);
  if (plain) screen.usePlainLines();
  return values as OptionValues<S>;
}

let isTold = false; // that Chinese cannot be written; a script that goes on with its run comes here again

/** Chooses the language: Chinese where it is asked for and can be written, else English. */
function chooseLanguage(args: readonly string[]): void {
  const kinds = { lang: { type: "string" } } as const;
  const { values: { lang } } = parseArgs({ args: [...args], options: kinds, strict: false });
  const isChinese = typeof lang === "string" ? lang === "zh" : /^zh\b/.test(navigator.language);
  if (isChinese && !screen.terminal.unicode && !isTold) {
    isTold = true;
    screen.warn("this terminal's locale (LC_ALL, LC_CTYPE, LANG) cannot write Chinese: English is used");
  }
  setLanguage(isChinese && screen.terminal.unicode ? "zh" : "en");
}

/**
 * Parses the command line of a tool, which speaks English; else as {@linkcode options} does.
 *
 * @param summary What the tool does, for `--help`.
 * @param specs The tool's options.
 * @param args The command line.
 * @returns The options' values.
 */
export function toolOptions<const S extends OptionSpecs>(
  summary: string,
  specs: S,
  args: readonly string[] = scriptArgs(),
): OptionValues<S> {
  try {
    const values = parseOptions(specs, args);
    if (values !== null) return values;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    endWith(`${error.message} (--help lists the options)`);
  }
  screen.print(helpText(summary, specs, Math.min(100, screen.terminal.isTerminal ? screen.columns : 80)));
  Deno.exit(0);
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
  const { given, operands, wantsHelp } = readArgs(specs, args);
  if (wantsHelp) return null;
  const entries = Object.entries(specs).map(([name, spec]) => {
    return [name, spec.operands ? checkOperands(name, operands) : parseValue(name, spec, given.get(name))];
  });
  return Object.fromEntries(entries) as OptionValues<S>;
}

/** The words of a command line: the text of each option, `true` for flags, and what belongs to none. */
function readArgs(specs: OptionSpecs, args: readonly string[]) {
  const entries = Object.entries(specs), takesOperands = entries.some(([, spec]) => spec.operands);
  const kinds = entries.filter(([, spec]) => !spec.operands)
    .map(([name, { flag }]) => [name, { type: flag ? "boolean" : "string" }] as const);
  const options = { ...Object.fromEntries(kinds), help: { type: "boolean", short: "h" } } as const;
  const { tokens } = parseArgs({ args: withBare(specs, args), options, strict: false, tokens: true });
  const given = new Map<string, string | boolean>(), operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      if (!takesOperands) throw unknown(token.value);
      operands.push(token.value);
    } else if (!Object.hasOwn(options, token.name)) throw unknown(token.rawName);
    else if (options[token.name as "help"].type === "boolean" && token.value !== undefined) {
      throw refusal(new RangeError(`Cannot use --${token.name} as it takes no value: ${token.value}`));
    } else {
      const isOption = !token.inlineValue && token.value?.startsWith("--"); // and no value
      given.set(token.name, isOption ? "" : token.value ?? true);
      if (isOption) break; // what is amiss here is said first
    }
  }
  return { given, operands, wantsHelp: given.has("help") };
}

/** The command line with the values of the options that need none. */
function withBare(specs: OptionSpecs, args: readonly string[]): string[] {
  return args.map((arg, k) => {
    const bare = arg.startsWith("--") ? specs[arg.slice(2)]?.bare : undefined;
    return bare === undefined || /^\d+$/.test(args[k + 1] ?? "") ? arg : `${arg}=${bare}`;
  });
}

function unknown(arg: string): RangeError {
  return refusal(new RangeError(`Cannot understand ${arg}: it is no option of this script`));
}

function refused(name: string, must: string, found: string): RangeError {
  return refusal(new RangeError(`Cannot use --${name} as it must be ${must}: ${found}`));
}

function checkOperands(name: string, texts: string[]): string[] {
  if (texts.length > 0) return texts;
  throw refusal(new RangeError(`Cannot do without ${name} as at least one must be given: there is none`));
}

function parseValue(
  name: string,
  spec: OptionSpec,
  text: string | boolean | undefined,
): boolean | number | string | undefined {
  if (spec.flag) return text === true;
  if (text === undefined && !spec.folder) return spec.default;
  text ??= spec.default?.toString();
  if (text === undefined) return undefined;
  if (typeof text !== "string" || text === "") {
    throw refusal(new RangeError(`Cannot use --${name} as it needs a value: none was given`));
  }
  if (isNumber(spec)) return parseNumber(name, spec, text);
  const { choices, several, folder } = spec, texts = several ? text.split(",") : [text];
  if (choices && !texts.every((text) => choices.includes(text))) {
    throw refused(name, several ? `some of ${choices.join(",")}` : choices.join(" or "), text);
  }
  if (folder && !isFolder(text)) throw refused(name, "a folder that is there", text);
  return text;
}

function parseNumber(name: string, spec: OptionSpec, text: string): number {
  const value = Number(text), { least = 0, most = Number.MAX_VALUE, integer = false } = spec;
  const isRight = text.trim() !== "" && value >= least && value <= most; // so is not what is no number
  if (isRight && (!integer || Number.isInteger(value))) return value;
  const range = spec.most === undefined ? `from ${least} up` : `from ${least} to ${most}`;
  throw refused(name, `a ${integer ? "whole " : ""}number ${range}`, text);
}

/** Whether a path leads to a folder; true where it may not be looked at, which whoever reads it will say. */
function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    return error instanceof Deno.errors.NotCapable;
  }
}

function isNumber(spec: OptionSpec): boolean {
  return typeof spec.default === "number" || spec.number === true;
}

function helpText(summary: string, specs: OptionSpecs, columns: number): string {
  const rows = Object.entries(specs).map(([name, spec]) => {
    const help = sayName(spec.help);
    if (spec.operands) return [`${name}${screen.terminal.unicode ? "…" : "..."}`, help];
    if (spec.flag) return [`--${name}`, help];
    const choices = spec.choices?.join(spec.several ? "," : "|");
    const kind = isNumber(spec) ? "N" : choices ?? (spec.folder ? "FOLDER" : "TEXT");
    const given = spec.default === undefined ? "" : ` (${spec.default})`;
    return [`--${name} ${spec.bare === undefined ? kind : `[${kind}]`}`, help + given];
  });
  rows.push(["-h, --help", say("show this")]);
  const width = Math.max(...rows.map(([left]) => displayWidth(left)).filter((n) => n <= 24)) + 4;
  const lines = rows.flatMap(([left, right]) => {
    const texts = wrapWords(right, Math.max(20, columns - width)).map((line) => line.trimStart());
    const isWide = displayWidth(left) + 4 > width; // then what it is for begins on the next line
    const beside = isWide ? [`  ${left}`] : [padded(`  ${left}`, width) + texts.shift()];
    return [...beside, ...texts.map((line) => " ".repeat(width) + line)];
  });
  return [...wrapWords(sayName(summary), columns), "", ...lines].join("\n");
}
