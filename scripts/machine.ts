/**
 * The machine that setup looks at and changes, as an object that a test can replace.
 *
 * @module
 */

import { readEnv } from "../ops/core/files.ts";

/** What a command ended with. */
export interface Outcome {
  /** The exit code, 127 when the command does not exist. */
  code: number;
  /** Standard output and standard error, one after the other. */
  output: string;
}

/** Everything that setup may ask of a machine or do to it. */
export interface Machine {
  /** The operating system, as `Deno.build.os` names it. */
  os: string;
  /** Reads an environment variable. */
  env(name: string): string | undefined;
  /** Tells whether the process may do everything, which no process on Windows may. */
  isRoot(): boolean;
  /** Reads a text file, `""` when it cannot be read. */
  readText(path: string): Promise<string>;
  /** Tells whether a file exists. */
  exists(path: string): Promise<boolean>;
  /** Runs a command to its end, with variables added to its environment. */
  run(command: string[], env?: Record<string, string>): Promise<Outcome>;
  /** Shows the user a line. */
  say(line: string): void;
}

/**
 * Describes the machine that this process runs on.
 *
 * @returns The machine.
 */
export function thisMachine(): Machine {
  return {
    os: Deno.build.os,
    env: readEnv,
    isRoot: () => Deno.uid() === 0,
    readText: (path) => Deno.readTextFile(path).catch(() => ""),
    exists: (path) => Deno.stat(path).then(() => true, () => false),
    say: (line) => console.error(line),
    run: runCommand,
  };
}

async function runCommand([program, ...args]: string[], env?: Record<string, string>): Promise<Outcome> {
  try {
    const command = new Deno.Command(program, { args, env, stdin: "null" });
    const { code, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { code: 127, output: error.message };
    throw error;
  }
}
