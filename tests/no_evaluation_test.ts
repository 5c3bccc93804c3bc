// Nothing that is read becomes code: no text is evaluated, and no module is loaded that the source does not name.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { renderSvg } from "../examples/pictures/render.ts";
import { modulesIn, readSource } from "./support/imports.ts";
import { ROOT, runScript } from "./support/subprocess.ts";

const FOLDERS = ["mod.ts", "ops", "nn", "data", "examples", "scripts"];

/** What evaluates a text (modules have a method of that name), or loads what a text names. */
const EVALUATION =
  /(?<![.\w"])eval\s*(?!\(\)\s*[:{])[(),]|\b(globalThis|self|window)\.eval\b|(?<![\w.])Function\s*\(|\bnew\s+(Async|Generator)?Function\b|\.constructor\s*\(|\bset(Timeout|Interval)\s*\(\s*["'`]|\bimport\s*\(\s*(?!["])|\bnew\s+(Shared)?Worker\b|\bimportScripts\b|\bnew\s+WebAssembly\b|\bWebAssembly\.(?!Module\b)\w+\(?|\bdlopen\b|node:(vm|module|worker_threads|child_process)\b|\brequire\s*\(|\bcreateRequire\b/g;

/** Packages that are loaded when they are needed, by names that stand in the source. */
const LOADED = ["vegaLite", "vega", "resvg", "font", "jpeg"];
/**
 * The one library that is called, MPI's, which the user names or the system has, the thread that calls it, and the live page's
 * server, which has a thread of its own.
 */
const KNOWN = [
  'examples/live/live_page.ts: new Worker(new URL("./server_worker.ts"',
  "nn/distributed/mpi/library.ts: dlopen(path",
  "nn/distributed/mpi/library.ts: dlopen(path",
  'nn/distributed/mpi/transport.ts: new Worker(new URL("./thread.ts"',
];
/** The decoder that a package brings, and what takes types out of a text. */
const HARMLESS = ["WebAssembly.compile(wasm", 'node:module";'];

/** The places of a source that evaluate or load, without those in comments. */
function evaluations(source: string): string[] {
  const code = source.replace(/\/\*\*[^]*?\*\//g, "").replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, "");
  return [...code.matchAll(EVALUATION)].map(({ 0: found, index }) =>
    found + code.slice(index + found.length).split(/[,)\n]/)[0]
  )
    .filter((found) =>
      !HARMLESS.includes(found) && !LOADED.some((name) => found === `import(\`npm:/\${NAMES.${name}}\``)
    );
}

Deno.test("no source evaluates a text, starts a worker of one or loads what a text names", async () => {
  const paths = (await Promise.all(FOLDERS.map(modulesIn))).flat();
  assert(paths.length > 300, `${paths.length} files were read`);
  const found = await Promise.all(
    paths.map(async (path) => evaluations(await readSource(path)).map((text) => `${path}: ${text}`)),
  );
  assertEquals(found.flat().toSorted(), KNOWN);
  const packages = await readSource("examples/pictures/packages.ts");
  assertEquals([...packages.matchAll(/^ {2}\w+: "[^"]+",$/gm)].length, LOADED.length);
});

Deno.test("evaluations() finds every way", () => {
  const ways = [
    "eval(text)",
    "(0, eval)(text)",
    "globalThis.eval(text)",
    "new Function(text)",
    'Function("return 1")()',
    "(() => {}).constructor(text)",
    'setTimeout("f()", 1)',
    "setInterval(`f()`)",
    "await import(name)",
    "import(`./${name}.ts`)",
    "import(NAMES.vega)",
    "import(`npm:/${NAMES.other}`)",
    "new Worker(url)",
    "WebAssembly.instantiate(bytes)",
    "new WebAssembly.Module(bytes)",
    "Deno.dlopen(path)",
    'import vm from "node:vm"',
    "require(name)",
  ];
  for (const way of ways) assertEquals(evaluations(way).length, 1, way);
  const harmless = [
    "net.eval();",
    "  eval(): this {",
    "setTimeout(done, 1)",
    'await import("./a.ts")',
    "value instanceof Function",
    "floatFunction(name)",
    "/** eval(text) */",
    "const a = 1; // eval(text)",
    "import(`npm:/${NAMES.vega}`)",
  ];
  assertEquals(harmless.flatMap(evaluations), []);
});

Deno.test("the library trains and reads files where no text can be evaluated", async () => {
  const source = `
    import { compile, decodeSafetensors, encodeSafetensors, gunzip, manualSeed, nn, openDevice, optim, parseIdx, tensor }
      from "${new URL("../mod.ts", import.meta.url)}";
    let isRefused = false;
    try { (0, eval)("1"); } catch { isRefused = true; }
    await openDevice();
    manualSeed(1);
    const net = new nn.Sequential(new nn.Linear(4, 3), new nn.Tanh(), new nn.Linear(3, 2)), loss = new nn.CrossEntropyLoss();
    const opt = new optim.Adam(net.parameters());
    const step = compile((x, y) => {
      opt.zeroGrad();
      const l = loss.forward(net.forward(x), y);
      l.backward();
      opt.step();
      return l;
    });
    const x = tensor([[1, 2, 3, 4]]), y = tensor([1], { dtype: "int32" });
    for (let k = 0; k < 3; k++) await step(x, y).item();
    net.loadStateDict(decodeSafetensors(await encodeSafetensors(net.stateDict(), { "\${1}": "eval(1)" })));
    const packed = new Blob([new Uint8Array([0, 0, 8, 1, 0, 0, 0, 1, 7])]).stream().pipeThrough(new CompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
    console.log(isRefused, (await gunzip(bytes)).length, parseIdx(bytes).data[0]);`;
  const args = ["--quiet", "--no-check", "--allow-read", "--allow-env", `--config=${join(ROOT, "deno.json")}`]
    .concat("--v8-flags=--disallow-code-generation-from-strings");
  const { code, stdout, stderr } = await runScript(source, { args, env: { XDG_RUNTIME_DIR: "/" } });
  assertEquals([code, stdout.trim(), stderr], [0, "true 9 7", ""]);
});

Deno.test("names in a chart are drawn as they are, whatever they hold", async () => {
  const names = ['"}]; globalThis.evil = 1; //', "'+warn(1)+'", "datum.x", "${1 + 1}", '{"signal":"1 + 1"}'];
  const series = names.map((name, k) => ({ name, points: [[1, k], [2, k + 1]] as const }));
  const svg = await renderSvg({ title: names[0], xLabel: names[1], yLabel: names[2], series });
  assertEquals("evil" in globalThis, false);
  const escape = (text: string) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  for (const name of names) assertStringIncludes(svg, `>${escape(name)}</text>`);
});
