/**
 * Modules of tests as JavaScript that a page or Node loads: types stripped, `Deno` and the packages of Deno replaced by
 * what there is, and what several modules import in files of its own.
 *
 * @module
 */
import { join, toFileUrl } from "@std/path";
import * as esbuild from "npm:esbuild@0.28";
import { ROOT } from "../support/subprocess.ts";

/** Where the tests are to run. */
export type Runtime = "page" | "node";

/** What stands for a module, by runtime; what is not here is the runtime's own. */
const REPLACED: Record<Runtime, Record<string, string>> = {
  page: {
    "plunge:deno": "tests/runtimes/page/deno.ts",
    "@std/assert": "tests/std/assert/mod.ts",
    "@std/path": "tests/runtimes/page/std_path.ts",
    "node:assert": "tests/runtimes/page/node_assert.ts",
    "node:util": "tests/runtimes/page/node_util.ts",
    "node:zlib": "tests/runtimes/page/node_zlib.ts",
    [join(ROOT, "tests/support/splits.ts")]: "tests/runtimes/splits.ts",
  },
  node: {
    "plunge:deno": "tests/runtimes/node/deno.ts",
    "@std/assert": "tests/std/assert/mod.ts",
    "@std/path": "tests/std/path/mod.ts",
    [join(ROOT, "tests/support/splits.ts")]: "tests/runtimes/splits.ts",
  },
};
const TARGET: Record<Runtime, string> = { page: "es2024", node: "node20" };
const MAIN: Record<Runtime, string[]> = {
  page: ["tests/runtimes/page/main.ts", "tests/runtimes/page/worker.ts"],
  node: ["tests/runtimes/node/main.ts"],
};

/**
 * Writes the modules, and what runs them, into a folder, under their paths in the repository with `.js`.
 *
 * @param runtime Where they are to run.
 * @param files Paths in the repository.
 * @param folder Where to.
 */
export async function bundleTests(runtime: Runtime, files: readonly string[], folder: string): Promise<void> {
  const result = await esbuild.build({
    entryPoints: [...MAIN[runtime], ...files].map((file) => join(ROOT, file)),
    outdir: folder,
    outbase: ROOT,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: runtime === "page" ? "browser" : "node",
    target: TARGET[runtime],
    keepNames: true,
    logLevel: "silent",
    plugins: [plugin(runtime)],
    banner: { js: BANNER },
  });
  await esbuild.stop();
  if (result.errors.length > 0) throw new Error(JSON.stringify(result.errors));
}

/** What the build of the library begins with too: see `scripts/build/build.ts`. */
const BANNER =
  'Symbol.dispose ??= Symbol.for("Symbol.dispose");Symbol.asyncDispose ??= Symbol.for("Symbol.asyncDispose");';

function plugin(runtime: Runtime): esbuild.Plugin {
  const replaced = REPLACED[runtime];
  return {
    name: "tests",
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, resolveDir }) => {
        const at = path.startsWith(".") ? join(resolveDir, path) : path, by = replaced[at];
        if (by) return { path: join(ROOT, by) };
        // what a page has no module for fails where it is loaded, not where it is built
        if (/^(node|npm|jsr):/.test(path)) return { path, external: true };
      });
      build.onLoad({ filter: /[/\\]tests[/\\].*\.ts$/ }, async ({ path }) => {
        const source = await Deno.readTextFile(path);
        const usesDeno = /\bDeno\./.test(source) &&
          !/[/\\]tests[/\\](std|runtimes[/\\](page|node))[/\\]/.test(path);
        const contents = source.replaceAll("import.meta.url", JSON.stringify(toFileUrl(path).href));
        return {
          contents: (usesDeno ? 'import { Deno } from "plunge:deno";\n' : "") + contents,
          loader: "ts",
        };
      });
    },
  };
}
