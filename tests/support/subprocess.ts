/**
 * Running a script in a process of its own.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { audited } from "./permissions.ts";

/** The repository's folder. */
export const ROOT: string = fromFileUrl(new URL("../..", import.meta.url));

/** What a script wrote and how it ended. */
export interface ScriptResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a module's text with `deno run`, in a fresh folder unless told otherwise. */
export async function runScript(
  source: string,
  { args = [], env = {}, cwd }: { args?: string[]; env?: Record<string, string>; cwd?: string } = {},
): Promise<ScriptResult> {
  const folder = await Deno.makeTempDir({ prefix: "plunge_script_" });
  try {
    const file = `${folder}/script.ts`;
    await Deno.writeTextFile(file, source);
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-lock", ...args, file],
      cwd: cwd ?? folder,
      env: { NO_COLOR: "1", ...env },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a script of examples/ as a user would, from the repository's folder, and sees what it asks for. */
export async function runExample(
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<ScriptResult> {
  const output = await audited((audit) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-P",
        "--no-prompt",
        "--quiet",
        "--env-file=scripts/tasks.env",
        `examples/${name}`,
        ...args,
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1", ...env, ...audit },
    }).output()
  );
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
}
