/**
 * Who competes, and how each is started.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { PYTHON } from "./versions.ts";

/** A program in a variant. */
export interface Entrant {
  /** The name that options give it. */
  readonly name: string;
  /** What the tables call it. */
  readonly title: string;
  /** Its file in this folder. */
  readonly file: string;
  /** What it is told to do differently: see the program. */
  readonly variant: string;
}

/** The one that all others are compared with. */
export const OURS = "plunge";

/** Everybody, in the order in which they take turns. */
export const ENTRANTS: readonly Entrant[] = [
  { name: OURS, title: "Plunge, compiled", file: "plunge.ts", variant: "compiled" },
  { name: "plunge-eager", title: "Plunge, as written", file: "plunge.ts", variant: "eager" },
  { name: "jax-js", title: "jax-js", file: "jax_js.ts", variant: "jit" },
  { name: "tfjs", title: "tfjs", file: "tfjs.ts", variant: "webgpu" },
  { name: "pytorch-1", title: "PyTorch, 1 thread", file: "pytorch.py", variant: "1" },
  { name: "pytorch-2", title: "PyTorch, 2 threads", file: "pytorch.py", variant: "2" },
];

/** The path of a file of this folder. */
export function pathOf(file: string): string {
  return fromFileUrl(new URL(file, import.meta.url));
}

/**
 * How to start a program: a Python script, or a Deno script without our config and lock file. It may do everything, as
 * the packages look at files and variables of their own choosing, which change with their versions.
 */
export function commandOf(file: string, args: readonly string[]): string[] {
  return file.endsWith(".py")
    ? [PYTHON, pathOf(file), ...args]
    : [Deno.execPath(), "run", "--quiet", "--allow-all", "--no-config", "--no-lock", pathOf(file), ...args];
}

/** Variables for a process whose home is `folder`: an empty shader cache of its own, and its number of threads. */
export function environmentOf(folder: string, variant: string): Record<string, string> {
  const env: Record<string, string> = { MESA_SHADER_CACHE_DIR: `${folder}/shaders`, NO_COLOR: "1" };
  if (/^\d+$/.test(variant)) env.OMP_NUM_THREADS = env.OPENBLAS_NUM_THREADS = variant;
  return env;
}
