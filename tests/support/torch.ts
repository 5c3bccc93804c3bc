/**
 * Debian's PyTorch, which some tests compare with. It is no part of the project: a test that needs it installs nothing.
 *
 * @module
 */
import { assert } from "@std/assert";

/** The interpreter that Debian's packages are for; the first of the path may be another. */
const PYTHON = "/usr/bin/python3";

async function output(args: readonly string[]): Promise<{ isDone: boolean; text: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(PYTHON, { args: [...args] }).output();
    return { isDone: success, text: new TextDecoder().decode(success ? stdout : stderr) };
  } catch {
    return { isDone: false, text: `${PYTHON} cannot be run` };
  }
}

/** Whether this is a Debian, where `deno task test` installs PyTorch. Elsewhere it is the user's to have. */
const isDebian = await Deno.stat("/usr/bin/apt-get").then(() => true, () => false);
const hasTorch = (await output(["-c", "import torch"])).isDone;

/** Whether tests that need PyTorch are left out here. */
export const withoutTorch: boolean = !hasTorch && !isDebian;

/** Runs a Python program that imports torch, and returns what it printed. */
export async function runTorch(program: string, ...args: string[]): Promise<string> {
  assert(hasTorch, "Cannot compare with PyTorch as python3-torch must be there: run `deno task setup:tests`");
  const { isDone, text } = await output(["-c", program, ...args]);
  assert(isDone, text);
  return text;
}
