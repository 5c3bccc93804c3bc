/**
 * Running a script on several ranks, by either kind of MPI.
 *
 * @module
 */
import { join } from "@std/path";
import { distributions } from "../../scripts/apt.ts";
import { thisMachine } from "../../scripts/machine.ts";
import { ROOT } from "./subprocess.ts";

/** A kind of MPI. */
export type Kind = "openmpi" | "mpich";

/** What a job wrote and how it ended. */
export interface Job {
  code: number;
  stdout: string;
  stderr: string;
  seconds: number;
  /** The session that all its processes were in, for {@linkcode processesOf}. */
  session: number;
}

/** How a job is run. */
export interface JobOptions {
  args?: readonly string[];
  env?: Record<string, string>;
  /** What stands before the launcher. */
  before?: readonly string[];
}

async function isThere(program: string): Promise<boolean> {
  return (await thisMachine().run(["sh", "-c", `command -v ${program}`])).code === 0;
}

/**
 * The kinds of MPI that tests run on: both on Debian and its descendants, where `deno task setup:tests` installs them and
 * one that lacks is a failure; elsewhere those that are there.
 */
export const KINDS: readonly Kind[] = await kindsHere();

async function kindsHere(): Promise<Kind[]> {
  const all: Kind[] = ["openmpi", "mpich"];
  if ((await distributions(thisMachine())).includes("debian")) return all;
  const there = await Promise.all(all.map((kind) => isThere(`mpirun.${kind}`)));
  return all.filter((_, k) => there[k]);
}

/** The launcher's call. Root in a container is asked twice whether it means it, and cores are shared. */
function launcher(kind: Kind, ranks: number): string[] {
  const options = kind === "openmpi" ? ["--oversubscribe", "--allow-run-as-root"] : [];
  return [`mpirun.${kind}`, ...options, "-n", `${ranks}`];
}

/** The command of one rank. */
function rankCommand(script: string, args: readonly string[]): string[] {
  const config = `--config=${join(ROOT, "deno.json")}`;
  return [
    Deno.execPath(),
    "run",
    "-q",
    "-P=distributed",
    "--no-prompt",
    "--no-lock",
    config,
    script,
    ...args,
  ];
}

/** Variables that a job has. A software driver would take all cores for each rank. */
function variables(env: Record<string, string> = {}): Record<string, string> {
  return { NO_COLOR: "1", XDG_RUNTIME_DIR: "/", LP_NUM_THREADS: "1", ...env };
}

/** Runs a script of `tests/support/ranks/`, or one at a path, on so many ranks; on none without a launcher. */
export async function runRanks(
  kind: Kind | null,
  ranks: number,
  name: string,
  { args = [], env, before = [] }: JobOptions = {},
): Promise<Job> {
  const script = /[\\/]/.test(name) ? name : join(ROOT, "tests", "support", "ranks", name);
  const [program, ...rest] = [
    ...before,
    ...kind ? launcher(kind, ranks) : [],
    ...rankCommand(script, args),
  ];
  const start = performance.now();
  const child = new Deno.Command(program, {
    args: rest,
    cwd: ROOT,
    env: variables(env),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const output = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    code: output.code,
    stdout: text(output.stdout),
    stderr: text(output.stderr),
    seconds: (performance.now() - start) / 1000,
    session: child.pid,
  };
}

/** What the last line that a job wrote says, as JSON. */
// deno-lint-ignore no-explicit-any
export function result({ code, stdout, stderr }: Job): any {
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (code !== 0 || !line.startsWith("{")) {
    throw new Error(`The job ended with ${code}:\n${stdout}\n${stderr}`);
  }
  return JSON.parse(line);
}

/** What is left of a job: a line for each process, zombies among them, with its state and its command line. */
export async function processesOf({ session }: Job): Promise<string[]> {
  const { code, output } = await thisMachine().run(["ps", "-eo", "sess=,stat=,args="]);
  if (code !== 0) throw new Error(`Cannot count processes as ps must be there: ${output}`);
  return output.split("\n").filter((line) => Number(line.trim().split(/\s+/)[0]) === session);
}
