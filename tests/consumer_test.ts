// Somebody else's project, with compiler options stricter than ours: it reaches every entry by path, URL, name and package.
import { assert, assertEquals } from "@std/assert";
import { toFileUrl } from "@std/path";
import { modulesIn } from "./support/imports.ts";
import { ROOT, type ScriptResult } from "./support/subprocess.ts";
import { servingSources } from "./support/source_server.ts";

/** Every entry point, and the file behind it. */
const ENTRIES: Record<string, string> = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)).exports;

/** What a project may ask of the compiler, and what ours does not. */
const STRICT = {
  noUncheckedIndexedAccess: true,
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
  env: Record<string, string> = {},
): Promise<ScriptResult[]> {
  const folder = await Deno.makeTempDir({ prefix: "plunge_consumer_" });
  try {
    const file = `${folder}/main.ts`;
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ lock: false, ...config }));
    await Deno.writeTextFile(file, source);
    const results = [];
    for (const args of commands) {
      const output = await new Deno.Command(Deno.execPath(), {
        args: [...args, file],
        cwd: folder,
        env: { NO_COLOR: "1", XDG_RUNTIME_DIR: folder, ...env },
      }).output();
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
async function assertWorks(
  config: Record<string, unknown>,
  source: string,
  extra: string[] = [],
  env: Record<string, string> = {},
): Promise<void> {
  const commands = [[...CHECK, ...extra], [...RUN, ...extra]];
  const results = await inProject({ compilerOptions: STRICT, ...config }, source, commands, env);
  const [checked, ran] = results as [ScriptResult, ScriptResult];
  assertEquals([checked.code, withoutWarnings(checked.stderr)], [0, ""]);
  assertEquals([ran.code, ran.stdout.trim(), withoutWarnings(ran.stderr)], [0, RAN, ""]);
}

/** Deno says that \`links\` of our own deno.json mean nothing to a project that lies elsewhere. */
function withoutWarnings(stderr: string): string {
  return stderr.replace(/^Warning "links" field .*\n.*deno\.json\n/gm, "").trim();
}

const urlOf = (name: string) => `${toFileUrl(ROOT)}${ENTRIES[name].slice(2)}`;

Deno.test("a strict project imports every entry, and every module of the library, by path", async () => {
  const modules = (await Promise.all(["ops", "nn", "data"].map(modulesIn))).flat();
  assert(modules.length > 200, `${modules.length} modules are too few to have been found`);
  const imports = modules.map((path) => `import "${toFileUrl(ROOT)}${path}";`).join("\n");
  await assertWorks({}, `${imports}\n${main(urlOf)}`);
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

/** Where Deno keeps npm packages: d2l draws by some, and a cache of the test's own need not fetch them again. */
async function npmCache(): Promise<string> {
  const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache } = JSON.parse(new TextDecoder().decode(info.stdout));
  await Deno.mkdir(npmCache, { recursive: true });
  return npmCache;
}

Deno.test("a strict project imports every entry by URL", async () => {
  await using server = servingSources(/^\/(mod|(ops|nn|data|examples)\/[\w/]+)\.ts$/);
  const extra = [`--allow-import=${server.host}`],
    cache = await Deno.makeTempDir({ prefix: "plunge_cache_" });
  try {
    await Deno.symlink(await npmCache(), `${cache}/npm`, { type: "dir" });
    const source = main((name) => `${server.origin}/${ENTRIES[name]!.slice(2)}`);
    await assertWorks({}, source, extra, { DENO_DIR: cache });
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("a project's own mistakes are still errors, and no other is told", async () => {
  const source = `${main(urlOf)}\nconst wrong: number = [1, 2][0];\nconsole.log(wrong);`;
  const [result] = await inProject({ compilerOptions: STRICT }, source, [CHECK]);
  assertEquals([result?.code, [...(result?.stderr ?? "").matchAll(/^TS\d+/gm)].map(String)], [1, ["TS2322"]]);
});
