// What the scripts may do: `-P` gives each what deno.json grants, and none asks for more.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { tempFolder } from "../data/_fixtures.ts";
import { audited } from "../support/permissions.ts";
import { ROOT, runExample, runScript } from "../support/subprocess.ts";

const EXAMPLES = join(ROOT, "examples"), CONFIG = `--config=${join(ROOT, "deno.json")}`;

/** The files in a folder, with their texts. */
async function textsOf(folder: string): Promise<[name: string, text: string][]> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).filter((entry) => entry.isFile).map((
    { name },
  ) => name);
  return await Promise.all(
    names.sort().map(async (name) => [name, await Deno.readTextFile(join(folder, name))]),
  );
}

const SCRIPTS = (await textsOf(EXAMPLES)).filter(([, text]) => text.includes("if (import.meta.main)"));

/** The script that calls MPI: it has a set of permissions of its own, and a task that starts it several times. */
const OF_RANKS = "distributed_lenet.ts";

Deno.test("the script of several ranks has what others have, MPI's library and its launchers' variables", async () => {
  const { permissions: { default: own, distributed } } = JSON.parse(
    await Deno.readTextFile(join(ROOT, "deno.json")),
  );
  const { ffi, env, ...rest } = distributed, { env: ownEnv, ...ownRest } = own;
  const launchers = [
    "OMPI_COMM_WORLD_SIZE",
    "PLUNGE_MPI",
    "PMIX_RANK",
    "PMI_RANK",
    "PMI_SIZE",
    "SLURM_NTASKS",
  ];
  assertEquals(ffi, true);
  assertEquals(env.allow.toSorted(), [...ownEnv.allow, ...launchers].toSorted());
  assertEquals({ ...rest, net: ownRest.net.filter((host: string) => rest.net.includes(host)) }, {
    ...ownRest,
    net: rest.net,
  });
  const [, text] = SCRIPTS.find(([name]) => name === OF_RANKS)!;
  assert(text.split("\n")[1].startsWith(`// mpirun -n 2 deno run -P=distributed examples/${OF_RANKS}`));
});

Deno.test("every script says that it is run with -P, and its task gives it nothing else", async () => {
  assertEquals(SCRIPTS.length, 12);
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const commands = Object.values<{ command: string }>(tasks).map(({ command }) => command)
    .filter((command) => command.includes("examples/"));
  for (const [name, text] of SCRIPTS.filter(([name]) => name !== OF_RANKS)) {
    const [, second] = text.split("\n");
    assert(second.startsWith(`// deno run -P examples/${name}`), `${name}: ${second}`);
    const command = commands.find((each) => each.endsWith(`examples/${name}`));
    assert(
      command !== undefined && / -P /.test(command) && !/--allow| -A /.test(command),
      `${name}: ${command}`,
    );
  }
});

Deno.test("every script is run by a test with these permissions", async () => {
  const tests = await textsOf(join(ROOT, "tests", "examples"));
  const text = tests.map(([, text]) => text).join("\n");
  const missing = SCRIPTS.filter(([name]) => !new RegExp(`(script|runExample)\\("${name}"`).test(text));
  assertEquals(missing.map(([name]) => name), []);
});

Deno.test("lenet.ts trains and writes with the permissions of deno.json", async () => {
  await using out = await tempFolder();
  const { code, stderr } = await runExample("lenet.ts", [
    "--limit=8",
    "--batch-size=8",
    "--epochs=1",
    `--out=${join(out.path, "run")}`,
  ]);
  assertEquals([code, stderr.split("\n").filter((line) => line && !line.startsWith("Warning"))], [0, []]);
});

Deno.test("audited() tells what a script asks for beyond them", async () => {
  const cases: [source: string, permission: string][] = [
    ['Deno.env.get("SECRET");', "env"],
    ["Deno.osRelease();", "sys"],
    ['try { await fetch("https://plunge.test/"); } catch { /* it is denied */ }', "net"],
    ['try { await Deno.connect({ hostname: "127.0.0.2", port: 1 }); } catch { /* it is denied */ }', "net"],
  ];
  for (const [source, permission] of cases) {
    const run = (env: Record<string, string>) =>
      runScript(source, { args: ["-P", "--no-prompt", "--quiet", CONFIG], env });
    await assertRejects(() => audited(run), Error, `permission: '${permission}'`);
  }
  const granted = 'Deno.env.get("HOME"); await Deno.readTextFile(import.meta.filename); ' +
    'try { await fetch("https://storage.googleapis.com/"); } catch { /* there may be no network */ }';
  await audited((env) => runScript(granted, { args: ["-P", "--no-prompt", "--quiet", CONFIG], env }));
});
