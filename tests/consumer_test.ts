// Somebody else's project, with compiler options stricter than ours: it reaches every entry by path, URL, name and package.
import { assertEquals } from "@std/assert";
import { toFileUrl } from "@std/path";
import { ROOT } from "./support/subprocess.ts";
import { servingSources } from "./support/source_server.ts";

/** Every entry point, and the file behind it. */
const ENTRIES: Record<string, string> = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)).exports;

/** What a project may ask of the compiler, and what ours does not. */
const STRICT = {
  noUncheckedIndexedAccess: false,
  exactOptionalPropertyTypes: true,
  lib: ["dom", "deno.ns"],
};

const main = (entry: (name: string) => string) => `
import { compile, openDevice, profile, rand, tensor, type Tensor } from "${entry(".")}";
import * as nn from "${entry("./nn")}";
import { SGD } from "${entry("./optim")}";
import { DataLoader, TensorDataset } from "${entry("./data")}";
import { Timer, tryGpu } from "${entry("./d2l")}";

await openDevice();
const net = new nn.Sequential(new nn.Linear(4, 3), new nn.Tanh(), new nn.Linear(3, 2));
const opt = new SGD(net.parameters(), { lr: 0.1 }), loss = new nn.CrossEntropyLoss(), timer = new Timer();
const step = compile((x: Tensor, y: Tensor) => {
  opt.zeroGrad();
  loss.forward(net.forward(x), y).backward();
  opt.step();
});
const images = new TensorDataset(rand([6, 4]), tensor([0, 1, 0, 1, 0, 1], { dtype: "int32" }));
let steps = 0;
for (const [x, y] of new DataLoader(images, { batchSize: 2 })) {
  step(x, y);
  steps++;
}
console.log(steps, (await tryGpu()).closed, timer.stop() > 0, typeof profile);
`;

/** Writes a project into a folder and runs Deno there. */
async function inProject(
  config: Record<string, unknown>,
  source: string,
  commands: readonly string[][],
): Promise<{ code: number; stdout: string; stderr: string }[]> {
  const folder = await Deno.makeTempDir({ prefix: "plunge_consumer_" });
  try {
    const file = `${folder}/main.ts`;
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ lock: false, ...config }));
    await Deno.writeTextFile(file, source);
    const results = [];
    for (const args of commands) {
      const env = { NO_COLOR: "1", XDG_RUNTIME_DIR: folder };
      const output = await new Deno.Command(Deno.execPath(), { args: [...args, file], cwd: folder, env })
        .output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      results.push({ code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) });
    }
    return results;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const CHECK = ["check", "--quiet"], RUN = ["run", "--quiet", "--no-check", "--allow-read", "--allow-env"];
const RAN = "3 false true function";

/** Holds a project to being checked without an error, and to running. */
async function assertWorks(config: Record<string, unknown>, source: string, extra: string[] = []) {
  const commands = [[...CHECK, ...extra], [...RUN, ...extra]];
  const [checked, ran] = await inProject({ compilerOptions: STRICT, ...config }, source, commands);
  assertEquals([checked.code, withoutWarnings(checked.stderr)], [0, ""]);
  assertEquals([ran.code, ran.stdout.trim(), withoutWarnings(ran.stderr)], [0, RAN, ""]);
}

/** Deno says that \`links\` of our own deno.json mean nothing to a project that lies elsewhere. */
function withoutWarnings(stderr: string): string {
  return stderr.replace(/^Warning "links" field .*\n.*deno\.json\n/gm, "").trim();
}

const urlOf = (name: string) => `${toFileUrl(ROOT)}${ENTRIES[name].slice(2)}`;

Deno.test("a strict project imports every entry by path", async () => {
  await assertWorks({}, main(urlOf));
});

Deno.test("a strict project imports every entry by an import map", async () => {
  const bare = (name: string) => `plunge${name.slice(1)}`;
  const imports = Object.fromEntries(Object.keys(ENTRIES).map((name) => [bare(name), urlOf(name)]));
  await assertWorks({ imports }, main(bare));
});

Deno.test("a strict project imports every entry as a package", async () => {
  const { name, version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const config = { imports: { [name]: `jsr:${name}@^${version}` }, links: [ROOT] };
  await assertWorks(config, main((entry) => `${name}${entry.slice(1)}`));
});

Deno.test("a strict project imports every entry by URL", async () => {
  await using server = servingSources(/^\/(mod|(ops|nn|data|examples)\/[\w/]+)\.ts$/);
  const extra = [`--allow-import=${server.host}`];
  await assertWorks({}, main((name) => `${server.origin}/${ENTRIES[name].slice(2)}`), extra);
});

Deno.test("a project's own mistakes are still errors, and no other is told", async () => {
  const source = `${main(urlOf)}\nconst wrong: number = [1, 2][0];\nconsole.log(wrong);`;
  const [{ code, stderr }] = await inProject({ compilerOptions: STRICT }, source, [CHECK]);
  assertEquals([code, [...stderr.matchAll(/^TS\d+/gm)].map(String)], [1, ["TS2322"]]);
});
