import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** The floors of the house, lowest first; a file belongs to the longest folder that it is in. */
const FLOORS = [
  ["ops/gpu"],
  ["ops/kernels"],
  ["ops/core"],
  ["ops"],
  ["nn", "data"],
  ["nn/optim", "nn/train"],
  ["mod.ts"],
  ["examples"],
];

/** The one file that may import upward, for its chainable methods, and the folder it may import from. */
const EXCEPTION = { file: "ops/core/tensor/tensor.ts", folder: "ops" };

/** Every module that a source text names in `import`, `export … from`, `import()` or an import type. */
function importsOf(source: string): string[] {
  const code = source.replace(/\/\*\*[^]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const statements = [
    /^(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,?\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})?\s*from\s*"([^"]+)"/gm,
    /^import\s*"([^"]+)"/gm,
    /\bimport\(\s*"([^"]+)"/g,
  ];
  return statements.flatMap((statement) => [...code.matchAll(statement)].map((match) => match[1]));
}

/** The folder or file of {@linkcode FLOORS} that a path belongs to, and on which floor it is. */
function roomOf(path: string): { name: string; floor: number } | undefined {
  return FLOORS.flatMap((names, floor) => names.map((name) => ({ name, floor })))
    .filter(({ name }) => path === name || path.startsWith(`${name}/`))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** Says what is wrong with an import, or `undefined` where nothing is. */
function objection(path: string, specifier: string): string | undefined {
  const room = roomOf(path)!;
  if (!/^\.\.?\//.test(specifier)) {
    return room.name === "examples"
      ? undefined
      : `${path} imports "${specifier}", which is not a relative path`;
  }
  const target = new URL(specifier, `file:///house/${path}`).pathname.replace(/^\/house\//, "");
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) return `${path} imports ${target}, which is outside the house`;
  if (targetRoom.name === room.name || targetRoom.floor < room.floor) return undefined;
  if (path === EXCEPTION.file && targetRoom.name === EXCEPTION.folder) return undefined;
  return `${path} imports ${target}, which is not below it`;
}

function objections(path: string, source: string): string[] {
  return importsOf(source).map((specifier) => objection(path, specifier)).filter((found) =>
    found !== undefined
  );
}

/** Paths of all modules under a folder or of the file itself, relative to the repository, with forward slashes. */
async function modulesIn(path: string): Promise<string[]> {
  if ((await Deno.stat(join(ROOT, path))).isFile) return [path];
  const entries = await Array.fromAsync(Deno.readDir(join(ROOT, path)));
  const modules = await Promise.all(
    entries.map(({ name, isDirectory }) =>
      isDirectory ? modulesIn(`${path}/${name}`) : name.endsWith(".ts") ? [`${path}/${name}`] : []
    ),
  );
  return modules.flat().sort();
}

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(join(ROOT, path));
}

Deno.test("imports go downward, and the library's are relative", async () => {
  const modules = (await Promise.all(["mod.ts", "ops", "nn", "data", "examples"].map(modulesIn))).flat();
  const found = (await Promise.all(modules.map(async (path) => objections(path, await read(path))))).flat();
  assertEquals(found, []);
  const count = (await Promise.all(modules.map(async (path) => importsOf(await read(path)).length)))
    .reduce((sum, n) => sum + n, 0);
  assert(
    count >= modules.length,
    `${count} imports in ${modules.length} modules are too few to have been read`,
  );
});

Deno.test("importsOf() finds every kind of import and none in a comment", () => {
  const source = `/**
 * import { a } from "./doc.ts";
 * @module
 */
import { a } from "./a.ts";
import type { B } from "./b.ts";
import { c, type D, // of c } from "./c.ts";
import * as d from "./d.ts";
import e from "./e.ts";
import e2, { e3 } from "./e2.ts";
import "./f.ts";
export * from "./g.ts";
export * as h from "./h.ts";
export { i } from "./i.ts";
export type { J } from "./j.ts";
// import { no } from "./no.ts";
export const from = "./text.ts"; // taken from "./text.ts"
export function k(): Promise<typeof import("./k.ts")> {
  return import("./l.ts");
}
`;
  assertEquals(
    importsOf(source).sort(),
    ["a", "b", "c", "d", "e", "e2", "f", "g", "h", "i", "j", "k", "l"].map((name) => `./${name}.ts`),
  );
});

Deno.test("objections() lists each import that goes up, sideways or out", () => {
  const refuse = (path: string, specifier: string) =>
    assertEquals(objections(path, `import "${specifier}";`).length, 1);
  refuse("ops/gpu/queue.ts", "../core/tensor.ts");
  refuse("ops/gpu/queue.ts", "../kernels/matmul.ts");
  refuse("ops/kernels/matmul/matmul.ts", "../core/op.ts");
  refuse("ops/core/op.ts", "../relu.ts");
  refuse("ops/activation/relu.ts", "../nn/module.ts");
  refuse("ops/activation/relu.ts", "../mod.ts");
  refuse("nn/module.ts", "./optim/sgd.ts");
  refuse("nn/module.ts", "../data/idx.ts");
  refuse("nn/optim/sgd.ts", "../train/fit.ts");
  refuse("data/idx.ts", "../examples/d2l.ts");
  refuse("data/idx.ts", "jsr:@std/path@^1");
  refuse("nn/module.ts", "@plunge/plunge");
  refuse("mod.ts", "node:fs");
  refuse("mod.ts", "./tests/gradcheck.ts");
  refuse("examples/lenet.ts", "../tests/gradcheck.ts");
  assertEquals(
    objections("ops/activation/relu.ts", 'import "../mod.ts";\nexport * from "../nn/relu.ts";\nimport "x";'),
    [
      "ops/activation/relu.ts imports nn/relu.ts, which is not below it",
      "ops/activation/relu.ts imports mod.ts, which is not below it",
      'ops/activation/relu.ts imports "x", which is not a relative path',
    ],
  );
});

Deno.test("objections() allows what is below or beside, and tensor.ts its operations", () => {
  const allow = (path: string, specifier: string) =>
    assertEquals(objections(path, `import "${specifier}";`), []);
  allow("ops/gpu/queue.ts", "./pool.ts");
  allow("ops/kernels/matmul/matmul.ts", "../gpu/kernel.ts");
  allow("ops/core/op.ts", "../kernels/matmul.ts");
  allow("ops/activation/relu.ts", "./core/op.ts");
  allow("ops/activation/relu.ts", "./sigmoid.ts");
  allow("ops/core/tensor/tensor.ts", "../relu.ts");
  allow("nn/module.ts", "../ops/core/tensor/tensor.ts");
  allow("nn/optim/sgd.ts", "../module.ts");
  allow("nn/train/fit.ts", "../../data/loader.ts");
  allow("mod.ts", "./nn/optim/sgd.ts");
  allow("examples/lenet.ts", "../mod.ts");
  allow("examples/lenet.ts", "./d2l.ts");
  allow("examples/lenet.ts", "jsr:@std/cli@^1/parse-args");
  assertEquals(objections("ops/core/tensor/tensor.ts", 'import "../../nn/module.ts";').length, 1);
});

Deno.test("deno.real-std.json is deno.json without links, tasks and tools", async () => {
  const { name, version, exports, imports, test } = JSON.parse(await read("deno.json"));
  assertEquals(JSON.parse(await read("deno.real-std.json")), {
    name,
    version,
    exports,
    lock: false,
    imports,
    test,
  });
});
