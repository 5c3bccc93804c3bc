/**
 * The whole LeNet script, ours against the same in PyTorch: processes from start to end, taking turns.
 *
 * @module
 */
import { commandOf, environmentOf, pathOf } from "./contenders.ts";

/** How long a script took. */
export interface ScriptOutcome {
  readonly title: string;
  /** Seconds of each run. */
  readonly seconds: number[];
  /** Of the last run, as it printed it. */
  accuracy: string;
  failure?: string;
}

/** What is run, and how often. */
export interface ScriptOptions {
  readonly epochs: number;
  readonly rounds: number;
  /** Folder of Fashion-MNIST. */
  readonly root: string;
  /** Whether a contender takes part. */
  isIn(name: string): boolean;
  /** Told what happens. */
  say(line: string): void;
}

/** Runs the scripts in turns. Mesa's shader cache is empty at our first run and then filled. */
export async function runScripts(
  { epochs, rounds, root, isIn, say }: ScriptOptions,
): Promise<ScriptOutcome[]> {
  const common = ["--epochs", `${epochs}`, "--root", root];
  const lenet = pathOf("../../../examples/lenet.ts");
  const python = (threads: string) => commandOf("lenet_script.py", [...common, "--threads", threads]);
  const all = [
    {
      name: "plunge",
      title: "Plunge, examples/lenet.ts",
      command: [Deno.execPath(), "run", "--quiet", "-P", lenet, ...common],
      variant: "",
    },
    { name: "pytorch-1", title: "PyTorch, 1 thread", command: python("1"), variant: "1" },
    { name: "pytorch-2", title: "PyTorch, 2 threads", command: python("2"), variant: "2" },
  ].filter(({ name }) => isIn(name));
  const folder = await Deno.makeTempDir({ prefix: "plunge_script_" });
  const outcomes = all.map(({ title }): ScriptOutcome => ({ title, seconds: [], accuracy: "" }));
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const [i, { title, command, variant }] of all.entries()) {
        const outcome = outcomes[i];
        if (outcome.failure !== undefined) continue;
        const { seconds, code, stdout, stderr } = await timed(command, environmentOf(folder, variant));
        if (code !== 0) {
          outcome.failure = `it ended: ${stderr.trim().split("\n").at(-1)}`;
          continue;
        }
        outcome.seconds.push(seconds);
        outcome.accuracy = stdout.match(/test acc (\d\.\d+)/g)?.at(-1)?.split(" ").at(-1) ?? "";
        say(`round ${round}, ${title}: ${seconds.toFixed(1)} s`);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return outcomes;
}

async function timed([program, ...args]: string[], env: Record<string, string>) {
  const start = performance.now();
  const output = await new Deno.Command(program, { args, env, stdin: "null" }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
}
