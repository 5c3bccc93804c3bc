// What `deno task build` writes: one module, modules with types for npm, and the page.
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { join } from "@std/path";
import * as esbuild from "npm:esbuild@0.28";
import {
  packageJson,
  renamed,
  writeBundle,
  writeModules,
  writePage,
  writeTypes,
} from "../../scripts/build/build.ts";
import { ROOT, runScript } from "../support/subprocess.ts";

const out = await Deno.makeTempDir({ prefix: "plunge_build_" });
await Promise.all([writeBundle(out), writeModules(out), writeTypes(out), writePage(out, false)]);
await Deno.writeTextFile(join(out, "package.json"), packageJson());
await esbuild.stop();
globalThis.addEventListener("unload", () => Deno.removeSync(out, { recursive: true }));

/** The most bytes that the module may have; README says how many they are. */
const MOST_BYTES = 700_000, MOST_PACKED = 255_000;

async function packed(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

Deno.test("dist/plunge.js is one module with a map, no larger than README says", async () => {
  const bytes = await Deno.readFile(join(out, "plunge.js")), text = new TextDecoder().decode(bytes);
  assertLess(bytes.length, MOST_BYTES);
  assertLess(await packed(bytes), MOST_PACKED);
  assertMatch(text, /sourceMappingURL=plunge\.js\.map\s*$/);
  const { metafile } = await esbuild.build({
    stdin: { contents: text, loader: "js" },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
  });
  await esbuild.stop();
  assertEquals(Object.values(metafile.inputs)[0].imports, []);
  assert(JSON.parse(await Deno.readTextFile(join(out, "plunge.js.map"))).sources.length > 200);
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  const [, kb, gz] = /dist\/plunge\.js`[^)]*?(\d+) kB, (\d+) kB packed/s.exec(readme)!.map(Number);
  assertLess(Math.abs(kb * 1000 - bytes.length), 15_000);
  assertLess(Math.abs(gz * 1000 - await packed(bytes)), 6_000);
});

Deno.test("dist/plunge.js and dist/modules train, and print the classes by their names", async () => {
  for (const file of ["plunge.js", "modules/mod.js"]) {
    const { code, stdout, stderr } = await runScript(
      `import { manualSeed, nn, openDevice, optim, tensor } from "file://${join(out, file)}";
      await openDevice();
      manualSeed(1);
      const net = new nn.Sequential(new nn.Linear(2, 3), new nn.Tanh()), opt = new optim.SGD(net.parameters(), { lr: 1 });
      const loss = () => net.forward(tensor([[1, 2]])).sum(), before = loss();
      before.backward();
      opt.step();
      console.log(String(net).split("\\n")[1].trim(), await loss().item() < await before.item());`,
      { args: ["--no-config", "--quiet", "--allow-read"], env: { XDG_RUNTIME_DIR: "/tmp" } },
    );
    const printed = "(0): Linear(in_features=2, out_features=3, bias=True) true\n";
    assertEquals([code, stdout, stderr], [0, printed, ""]);
  }
});

Deno.test("every type that the package names is in it", async () => {
  const seen = new Set<string>(), missing: string[] = [];
  const visit = async (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = await Deno.readTextFile(path).catch(() => void missing.push(path));
    const code = text?.replace(/\/\*\*[^]*?\*\//g, "") ?? "";
    for (const [, specifier] of code.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      await visit(join(path, "..", specifier.replace(/\.js$/, ".d.ts")));
    }
  };
  await visit(join(out, "plunge.d.ts"));
  assertEquals(missing, []);
  assert(seen.size > 200, `${seen.size} files`);
});

Deno.test("a page that imports Linear alone gets less than the whole", async () => {
  const bundle = async (contents: string) => {
    const { outputFiles } = await esbuild.build({
      stdin: { contents, resolveDir: out },
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
    });
    return outputFiles[0].contents.length;
  };
  const whole = await bundle('export * from "./modules/mod.js";');
  const linear = await bundle('import { nn } from "./modules/mod.js"; console.log(new nn.Linear(2, 3));');
  await esbuild.stop();
  assertLess(linear, 0.75 * whole);
});

Deno.test("what the package names is there, and modules are named as they are built", async () => {
  const { exports, sideEffects, main } = JSON.parse(packageJson());
  const named = [main, ...sideEffects, ...Object.values<{ default: string }>(exports).map((e) => e.default)];
  for (const path of named) assert((await Deno.stat(join(out, path))).isFile, path);
  assertEquals(
    renamed('import a from "./a.ts"; export * from "../b/c.ts"; "./d.ts"'),
    'import a from "./a.js"; export * from "../b/c.js"; "./d.ts"',
  );
  const { code, stdout } = await new Deno.Command("npm", {
    args: ["pack", "--dry-run", "--json", "--offline"],
    cwd: out,
  }).output();
  const [{ files }] = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(code, 0);
  assert(files.length > 200);
});

Deno.test("the page is files that name nothing from elsewhere", async () => {
  for (const name of ["index.html", "style.css", "page.js", "worker.js"]) {
    const text = await Deno.readTextFile(join(out, "web", name));
    assertEquals(text.match(/(?:src|href|from|url\(|import\()\s*=?\s*["']?https?:[^"')]*/g), null);
  }
});
