// The package as a registry would take it: its entries, what is published of it, and its reference.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT } from "./support/subprocess.ts";

const CONFIG = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
const ENTRIES: Record<string, string> = CONFIG.exports;
const FILES = Object.values(ENTRIES).map((path) => path.slice(2));

async function deno(...args: string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("deno publish would take the package without a warning, and nothing that is only ours", async () => {
  const { code, text } = await deno("publish", "--dry-run", "--allow-dirty");
  assertEquals([code, text.match(/^(warning|error).*/gm)], [0, null], text);
  const root = new URL("../", import.meta.url).href;
  const files = text.split("\n").flatMap((line) => line.trim().match(/^(file:\S+) \(.*\)$/)?.[1] ?? [])
    .map((url) => url.slice(root.length));
  assertEquals(FILES.filter((path) => !files.includes(path)), []);
  const folders = new Set(files.map((path) => path.includes("/") ? path.split("/")[0] : "."));
  assertEquals([...folders].sort(), [".", "data", "docs", "examples", "nn", "ops"]);
  assertEquals(files.filter((path) => !path.includes("/")).sort(), [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "deno.json",
    "mod.ts",
  ]);
});

Deno.test("every symbol of every entry is documented, and every entry says what it is, with an example", async () => {
  const { code, text } = await deno("doc", "--lint", ...FILES);
  assertEquals(code, 0, text);
  assertStringIncludes(CONFIG.tasks.ok.command, `deno doc --lint ${FILES.join(" ")} &&`);
  for (const file of FILES) {
    const head = (await Deno.readTextFile(ROOT + file)).split("*/")[0]!;
    assert(head.startsWith("/**\n * ") && head.includes(" * @example ") && head.includes(" * @module"), file);
  }
});

Deno.test("imports by the package's name lead to its entries", () => {
  const named = Object.entries(ENTRIES).map(([entry, path]) => [CONFIG.name + entry.slice(1), path]);
  assertEquals(named.filter(([name, path]) => CONFIG.imports[name!] !== path), []);
});

Deno.test("deno task docs:html writes a reference with every entry", async () => {
  const { command } = CONFIG.tasks["docs:html"], folder = await Deno.makeTempDir({ prefix: "plunge_docs_" });
  try {
    const args = command.replace("--output=reference", `--output=${folder}`).split(" ").slice(1);
    assertEquals(args.slice(-FILES.length), FILES);
    const { code, text } = await deno(...args);
    assertEquals(code, 0, text);
    const pages = [
      "~/openDevice.html",
      "nn/~/Conv2d.html",
      "optim/~/SGD.html",
      "data/~/MNIST.html",
      "d2l/~/Timer.html",
    ];
    for (const name of Object.keys(ENTRIES)) pages.push(`${name.slice(2)}/index.html`);
    for (const page of pages) assert((await Deno.stat(`${folder}/${page}`)).isFile, page);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
