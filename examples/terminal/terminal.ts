/**
 * Terminals to write to: the process's own standard output, or a stand-in.
 *
 * @module
 */
import { readEnv } from "../../ops/core/files.ts";

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
  /** Whether its font has braille and box characters. */
  readonly unicode: boolean;
  /** The window's size now. */
  size(): WindowSize;
  write(text: string): void;
}

/** An environment variable, where it may be read without a question to the user: a colour is not worth one. */
export function readGrantedEnv(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? readEnv(name) : undefined;
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
 * Describes the process's own standard output.
 *
 * @returns The terminal, or what stands in its place: `isTerminal` says which.
 */
export function standardOutput(): Terminal {
  const term = readGrantedEnv("TERM");
  return {
    isTerminal: Deno.stdout.isTerminal() && term !== "dumb" && !readGrantedEnv("CI"),
    colors: !Deno.noColor,
    unicode: term !== "linux", // the console of the kernel has no braille
    size: windowSize,
    write(text) {
      let bytes = new TextEncoder().encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
    },
  };
}
