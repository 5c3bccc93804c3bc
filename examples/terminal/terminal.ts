/**
 * Terminals to write to: the process's own standard output, or a stand-in.
 *
 * @module
 */
import { readEnv } from "../../ops/core/files.ts";
import { refusal } from "./refusal.ts";
import { onKeys, setInterrupted, wasAskedToEnd } from "./signals.ts";

export { onStop, type StopSignal } from "./signals.ts";

/** A window's size in characters. */
export interface WindowSize {
  columns: number;
  rows: number;
}

/** The output of a screen. */
export interface Terminal {
  /** Whether lines can be redrawn: a terminal, and no CI log that keeps every redraw. */
  readonly isTerminal: boolean;
  /** Whether colours may be written. */
  readonly colors: boolean;
  /** Whether its font has braille and box characters, and its locale a way to write them. */
  readonly unicode: boolean;
  /** The window's size now. */
  size(): WindowSize;
  write(text: string): void;
  /** Sets what is done at Ctrl-C before the process ends; null leaves it to the system. */
  onInterrupt?(end: (() => void) | null): void;
  /** Hands each key to a function while Ctrl-C is heard; null ends that. Absent where there are no single keys. */
  onKeys?(take: ((key: string) => void) | null): void;
}

/** An environment variable, where it may be read without a question to the user: a colour is not worth one. */
export function readGrantedEnv(name: string): string | undefined {
  return isGranted(name) ? readEnv(name) : undefined;
}

function isGranted(name: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable: name }).state === "granted";
}

/**
 * Tells whether the process runs in a continuous integration, which sets `CI`.
 *
 * @param env Reads an environment variable.
 * @returns Whether `CI` is set, and to something else than empty, `0`, `false`, `no` or `off`.
 */
export function isCi(env: (name: string) => string | undefined = readGrantedEnv): boolean {
  return !/^(0|false|no|off)?$/i.test(env("CI")?.trim() ?? "");
}

/**
 * Tells whether a locale writes UTF-8, by the variables that decide of it: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that
 * is set, and none of them is a locale without it.
 *
 * @param env Reads an environment variable.
 * @returns Whether it does.
 */
export function isUtf8(env: (name: string) => string | undefined): boolean {
  return /utf-?8/i.test(env("LC_ALL") || env("LC_CTYPE") || env("LANG") || "");
}

function hasUnicode(term: string | undefined): boolean {
  if (term === "linux") return false; // the console of the kernel has no braille
  // Windows writes Unicode under any locale; who may not ask for the locale takes the usual one
  return Deno.build.os === "windows" || !isGranted("LANG") || isUtf8(readGrantedEnv);
}

function windowSize(): WindowSize {
  try {
    const { columns, rows } = Deno.consoleSize();
    if (columns > 0 && rows > 0) return { columns, rows };
  } catch {
    // some terminals have no size
  }
  return { columns: 80, rows: 24 };
}

/**
 * Writes to the standard output. Where nobody reads it any more, as in `| head`, the process ends quietly; but one that was
 * asked to end goes on until it has saved, as Ctrl-C ends the reader too in `| tee`.
 */
function writeOut(text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) {
      if (wasAskedToEnd()) return;
      Deno.exit(0);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw refusal(
      new Error(`Cannot go on as the standard output must take what is written: ${reason}`, { cause: error }),
    );
  }
}

/** Whether single keys can be read, with Ctrl-C still a signal. */
function hasKeys(): boolean {
  return Deno.build.os !== "windows" && Deno.stdin.isTerminal();
}

/**
 * Describes the process's own standard output.
 *
 * @returns The terminal, or what stands in its place: `isTerminal` says which.
 */
export function standardOutput(): Terminal {
  const term = readGrantedEnv("TERM");
  return {
    isTerminal: Deno.stdout.isTerminal() && term !== "dumb" && !isCi(),
    colors: !Deno.noColor,
    unicode: hasUnicode(term),
    size: windowSize,
    write: writeOut,
    onInterrupt: setInterrupted,
    ...hasKeys() && { onKeys },
  };
}
