// Ten thousand random programs, each as written, captured, and captured without fusion, by both sets of kernels.
import { assertEquals } from "@std/assert";
import { ROOT } from "../support/subprocess.ts";

const PROGRAMS = 10_000, TOGETHER = 250;

/** What failed of the programs of some seeds. */
async function failuresOfSeeds(from: number, to: number): Promise<string[]> {
  const script = "tests/support/programs/run_range.ts";
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", "--env-file=scripts/tasks.env", script, `${from}`, `${to}`],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return code === 0 ? JSON.parse(out) : [`programs ${from} to ${to - 1} ended with ${code}: ${err}`];
}

for (let from = 0; from < PROGRAMS; from += TOGETHER) {
  Deno.test(`random programs ${from} to ${from + TOGETHER - 1} give what float64 gives`, async () => {
    const failures = await failuresOfSeeds(from, from + TOGETHER);
    assertEquals(failures, [], failures.join("\n\n"));
  });
}
