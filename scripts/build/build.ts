/**
 * Builds what runs without TypeScript, into `dist/`: the library as one module, as modules with types for npm, and the page
 * that trains in the browser.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import * as esbuild from "npm:esbuild@0.28";
import { idxFile } from "../../examples/serving/page_server.ts";
import { FashionMNIST } from "../../mod.ts";
import { VERSION } from "../../ops/core/version.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
/** What the code is lowered to: runtimes that lack `using` and newer syntax. */
export const TARGET = ["es2022", "node20"];
/** Makes the keys of `using` where a runtime has none, before any class asks for them. */
export const BANNER =
  'Symbol.dispose??=Symbol.for("Symbol.dispose");Symbol.asyncDispose??=Symbol.for("Symbol.asyncDispose");';

/** Modules that do something when they are loaded, which tools must not leave out: operations become methods. */
const SIDE_EFFECTS = ["./modules/ops/methods.js", "./plunge.js"];

/** What npm is told of the package. */
export function packageJson(): string {
  return JSON.stringify(
    {
      name: "plunge",
      version: VERSION,
      description: "Deep learning on the GPU through WebGPU: tensors, autograd, layers, optimisers",
      license: "MIT",
      type: "module",
      main: "./modules/mod.js",
      types: "./modules/mod.d.ts",
      exports: {
        ".": { types: "./modules/mod.d.ts", default: "./modules/mod.js" },
        "./plunge.js": { types: "./plunge.d.ts", default: "./plunge.js" },
      },
      sideEffects: SIDE_EFFECTS,
      files: ["modules", "plunge.js", "plunge.js.map", "plunge.d.ts"],
      engines: { node: ">=20" },
    },
    null,
    2,
  ) + "\n";
}

/** The paths of the library's modules. */
async function modules(): Promise<string[]> {
  const { metafile } = await esbuild.build({
    entryPoints: [join(ROOT, "mod.ts")],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    absWorkingDir: ROOT,
    logLevel: "silent",
  });
  return Object.keys(metafile!.inputs);
}

/** Code or types, with the modules that they import named as they are built. */
export function renamed(code: string): string {
  return code.replace(
    /(\b(?:from|import)\s*\(?\s*)(["'])(\.\.?\/[\w./-]+)\.ts\2/g,
    (_, before, quote, path) => `${before}${quote}${path}.js${quote}`,
  );
}

async function write(path: string, text: string | Uint8Array): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  if (typeof text === "string") await Deno.writeTextFile(path, text);
  else await Deno.writeFile(path, text);
}

/** Writes the modules of the library without types, each in a file of its own. */
export async function writeModules(out: string): Promise<void> {
  for (const path of await modules()) {
    const source = await Deno.readTextFile(join(ROOT, path));
    const { code } = await esbuild.transform(source, { loader: "ts", target: TARGET, format: "esm" });
    const banner = path === "mod.ts" || path === "ops/methods.ts" ? `${BANNER}\n` : "";
    await write(join(out, "modules", path.replace(/\.ts$/, ".js")), banner + renamed(code));
  }
}

/** Writes the types of the modules, also of those that are nothing but types. */
export async function writeTypes(out: string): Promise<void> {
  const folder = join(out, "types");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["transpile", "--quiet", "--no-lock", "--declaration", "--outdir", folder, "mod.ts"],
    cwd: ROOT,
  }).output();
  if (code !== 0) throw new Error(`Cannot write types: ${new TextDecoder().decode(stderr)}`);
  for await (const path of filesIn(folder)) {
    if (!path.endsWith(".d.ts")) continue;
    await write(
      join(out, "modules", path.slice(folder.length + 1)),
      renamed(await Deno.readTextFile(path)),
    );
  }
  await Deno.remove(folder, { recursive: true });
  await write(join(out, "plunge.d.ts"), 'export * from "./modules/mod.js";\n');
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesIn(join(folder, name));
    else yield join(folder, name);
  }
}

/** Writes the library as one module, with its map. */
export async function writeBundle(out: string): Promise<void> {
  await esbuild.build({
    entryPoints: [join(ROOT, "mod.ts")],
    outfile: join(out, "plunge.js"),
    bundle: true,
    minify: true,
    keepNames: true, // networks print the names of their classes
    sourcemap: true,
    format: "esm",
    target: TARGET,
    banner: { js: BANNER },
    logLevel: "silent",
  });
}

/** Writes the page as files that any server gives out, with the images beside it. */
export async function writePage(out: string, withData: boolean): Promise<void> {
  const from = join(ROOT, "examples/browser"), to = join(out, "web");
  await esbuild.build({
    entryPoints: [join(from, "page.js"), join(from, "worker.ts")],
    outdir: to,
    bundle: true,
    minify: true,
    keepNames: true,
    format: "esm",
    target: TARGET,
    banner: { js: BANNER },
    logLevel: "silent",
  });
  for (const name of ["index.html", "style.css", "reference.json"]) {
    await write(join(to, name), await Deno.readFile(join(from, name)));
  }
  if (!withData) return;
  for (const [split, prefix] of [["train", "train"], ["test", "t10k"]] as const) {
    const images = await FashionMNIST.load({ split });
    for (const name of [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`]) {
      const packed = new Blob([idxFile(images, name)]).stream().pipeThrough(new CompressionStream("gzip"));
      await write(join(to, `data/${name}.gz`), new Uint8Array(await new Response(packed).arrayBuffer()));
    }
  }
}

/**
 * Builds everything.
 *
 * @param out The folder.
 */
export async function build(out: string): Promise<void> {
  await Promise.all([writeBundle(out), writeModules(out), writeTypes(out), writePage(out, true)]);
  await write(join(out, "package.json"), packageJson());
  for (const name of ["LICENSE", "README.md"]) {
    await write(join(out, name), await Deno.readFile(join(ROOT, name)));
  }
  await esbuild.stop();
}

if (import.meta.main) {
  const out = join(ROOT, "dist");
  await Deno.remove(out, { recursive: true }).catch(() => {});
  await build(out);
  const bytes = await Deno.readFile(join(out, "plunge.js"));
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  const size = (await new Response(packed).arrayBuffer()).byteLength,
    kb = (n: number) => Math.round(n / 1000);
  console.log(
    `dist/plunge.js: ${kb(bytes.length)} kB, ${
      kb(size)
    } kB packed; dist/modules, dist/package.json, dist/web`,
  );
}
