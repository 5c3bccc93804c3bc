// The architecture as docs/architecture.md describes it: which folder may import which, no cycles but one, no long files.
import { assert, assertEquals } from "@std/assert";
import { cycles, importsOf, modulesIn, readSource, resolve } from "./support/imports.ts";

/** Kinds of operations: they lie beside one another and may use one another. */
const KINDS = [
  "activation",
  "convolution",
  "elementary",
  "indexing",
  "loss",
  "matrix",
  "normalization",
  "pointwise",
  "pooling",
  "reduction",
  "sampling",
  "shape",
  "sorting",
].map((kind) => `ops/${kind}`);

/**
 * The layers, lowest first. A file belongs to the longest of these paths that it lies in, and may import from its own path
 * and from lower layers, not from another path of its own layer, save those of {@linkcode TOGETHER}.
 */
const LAYERS = [
  ["ops/gpu"],
  ["ops/kernels/wgsl"],
  ["ops/kernels"],
  ["ops/kernels/matmul", "ops/kernels/indexing"],
  ["ops/kernels/conv2d", "ops/kernels/pool2d"],
  ["ops/core"],
  ["ops/core/tensor", "ops/core/autograd"],
  ["ops/core/families"],
  ["ops/core/compile", "ops/core/tuning", "ops/core/extend"],
  KINDS,
  ["ops/mod.ts"],
  ["ops/methods.ts"],
  ["nn", "data"],
  ["nn/optim", "nn/train"],
  ["nn/distributed/mpi"],
  ["nn/distributed"],
  ["mod.ts"],
  ["examples/words"],
  ["examples/terminal"],
  ["examples/pictures"],
  ["examples/runs"],
  ["examples/tensorboard", "examples/dashboard"],
  ["examples/serving"],
  ["examples/live"],
  ["examples/d2l"],
  ["examples/d2l.ts"],
  ["examples/study"],
  ["examples"],
];

/** Paths of one layer that may import one another: the kinds of operations, and the tensor with autograd. */
const TOGETHER = [KINDS, ["ops/core/tensor", "ops/core/autograd"]];

/**
 * The one ring of value imports: a tensor has a gradient, a gradient is a tensor, and both are made and changed by running
 * programs over tensors.
 */
const RING = [
  "ops/core/autograd/autograd.ts",
  "ops/core/autograd/backward.ts",
  "ops/core/tensor/compute.ts",
  "ops/core/tensor/create.ts",
  "ops/core/tensor/in_place.ts",
  "ops/core/tensor/tensor.ts",
];

/** Types that a layer takes from above: what a tensor is, and which operations are its methods. */
const UPWARD_TYPES = [
  { from: "ops/core", to: "ops/core/tensor/tensor.ts" },
  { from: "ops/core/tensor", to: "ops/mod.ts" },
];

const ROOTS = ["mod.ts", "ops", "nn", "data", "examples"];

/** The path of {@linkcode LAYERS} that a file belongs to, and the number of its layer. */
function placeOf(path: string): { name: string; layer: number } | undefined {
  return LAYERS.flatMap((names, layer) => names.map((name) => ({ name, layer })))
    .filter(({ name }) => path === name || path.startsWith(`${name}/`))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** Says what is wrong with an import, or `undefined` where nothing is. */
function objection(path: string, specifier: string, isType: boolean): string | undefined {
  const own = placeOf(path)!;
  if (!/^\.\.?\//.test(specifier)) {
    if (own.name.startsWith("examples")) return undefined;
    return `${path} imports "${specifier}", which is not a relative path`;
  }
  const target = resolve(path, specifier), other = placeOf(target);
  if (other === undefined) return `${path} imports ${target}, which is outside the library`;
  if (other.name === own.name || other.layer < own.layer) return undefined;
  if (TOGETHER.some((names) => names.includes(own.name) && names.includes(other.name))) return undefined;
  if (isType && UPWARD_TYPES.some(({ from, to }) => from === own.name && to === target)) return undefined;
  return `${path} imports ${target}, which is not below it`;
}

function objections(path: string, source: string): string[] {
  return importsOf(source).map(({ specifier, isType }) => objection(path, specifier, isType))
    .filter((found) => found !== undefined);
}

/** Every module of the library and of the examples, with its text. */
async function allModules(): Promise<{ path: string; source: string }[]> {
  const paths = (await Promise.all(ROOTS.map(modulesIn))).flat();
  return await Promise.all(paths.map(async (path) => ({ path, source: await readSource(path) })));
}

/** The files that each file imports; of values alone, or of types too. */
function arrowsOf(modules: readonly { path: string; source: string }[], withTypes: boolean) {
  return new Map(modules.map(({ path, source }) => {
    const relative = importsOf(source).filter((i) => i.specifier.startsWith(".") && (withTypes || !i.isType));
    return [path, new Set(relative.map((i) => resolve(path, i.specifier)))] as const;
  }));
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

Deno.test("imports go downward, and the library's are relative", async () => {
  const modules = await allModules();
  assertEquals(modules.flatMap(({ path, source }) => objections(path, source)), []);
  const count = modules.reduce((sum, { source }) => sum + importsOf(source).length, 0);
  assert(
    count >= 2 * modules.length,
    `${count} imports in ${modules.length} modules are too few to have been read`,
  );
});

Deno.test("no values are imported in a circle but those of the tensor and its gradient", async () => {
  assertEquals(cycles(arrowsOf(await allModules(), false)), [RING]);
});

Deno.test("no two folders import each other, not even types, unless one lies in the other", async () => {
  const arrows = arrowsOf(await allModules(), true), found = new Set<string>();
  const pairs = new Set(
    [...arrows].flatMap(([from, all]) => [...all].map((to) => `${folderOf(from)} ${folderOf(to)}`)),
  );
  const isWithin = (a: string, b: string) => b === "" || a === b || a.startsWith(`${b}/`);
  for (const pair of pairs) {
    const [a, b] = pair.split(" ");
    if (!isWithin(a, b) && !isWithin(b, a) && pairs.has(`${b} ${a}`)) found.add([a, b].sort().join(" and "));
  }
  assertEquals([...found], ["ops/core/autograd and ops/core/tensor"]);
});

Deno.test("every path that the layers name is there, and every module has a layer", async () => {
  for (const path of LAYERS.flat()) assert((await modulesIn(path)).length > 0, path);
  for (const path of [...RING, ...UPWARD_TYPES.map(({ to }) => to)]) {
    assertEquals(await modulesIn(path), [path]);
  }
  assertEquals((await allModules()).filter(({ path }) => placeOf(path) === undefined), []);
});

Deno.test("no folder has more than 20 files, of operations 30, and no file more than 400 lines", async () => {
  const modules = await allModules();
  const counts = Map.groupBy(modules, ({ path }) => folderOf(path));
  const full = [...counts].filter(([folder, files]) => files.length > (KINDS.includes(folder) ? 30 : 20));
  assertEquals(full.map(([folder, files]) => `${folder} has ${files.length}`), []);
  const long = modules.map(({ path, source }) => ({ path, lines: source.split("\n").length - 1 }));
  assertEquals(long.filter(({ lines }) => lines > 400), []);
});

/** Functions and methods of more lines than `most`, found by the indentation that the formatter gives them. */
function longFunctions(source: string, most: number): string[] {
  const lines = source.split("\n"), found: string[] = [];
  lines.forEach((line, k) => {
    const start = /^(\s*)(?:(?:export|static|override|async|get|set|function\*?) )*([#\w$]+)[<(](?:.*[{(])?$/
      .exec(line);
    if (!start || /^\s*(?:if|for|while|switch)\b/.test(line) || line.endsWith("({")) return;
    const [, indent, name] = start;
    // A declaration goes on after its arguments and ends in a brace alone; a call ends in a bracket.
    const end = lines.findIndex((other, j) => j > k && new RegExp(`^${indent}[})](?!.*[{(]$)`).test(other));
    if (/^\s*},?$/.test(lines[end] ?? "") && end - k + 1 > most) found.push(`${name}, ${end - k + 1} lines`);
  });
  return found;
}

Deno.test("no function has more than 60 lines", async () => {
  const found = (await allModules()).flatMap(({ path, source }) =>
    longFunctions(source, 60).map((text) => `${path}: ${text}`)
  );
  assertEquals(found, []);
  const long = `export function f(\n  a: number,\n): number {\n${"  a++;\n".repeat(60)}  return a;\n}\n`;
  const method = `class A {\n  b(): void {\n${"    c();\n".repeat(60)}  }\n}\n`;
  assertEquals([longFunctions(long, 60), longFunctions(long, 65)], [["f, 65 lines"], []]);
  assertEquals(longFunctions(method, 60), ["b, 62 lines"]);
});

Deno.test("importsOf() finds every kind of import and none in a comment", () => {
  const source = `/**
 * import { a } from "./doc.ts";
 * @module
 */
import { a } from "./a.ts";
import type { B } from "./b.ts";
import {
  c,
  type D, // of c
} from "./c.ts";
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
import { type M, type N } from "./m.ts";
import type * as n from "./n.ts";
`;
  const found = importsOf(source),
    names = (isType: boolean) =>
      found.filter((i) => i.isType === isType).map((i) => i.specifier.replace(/^\.\/|\.ts$/g, "")).sort();
  assertEquals(names(false), ["a", "c", "d", "e", "e2", "f", "g", "h", "i", "l"]);
  assertEquals(names(true), ["b", "j", "k", "m", "n"]);
});

Deno.test("objections() lists each import that goes up, sideways or out", () => {
  const refuse = (path: string, specifier: string, type = "") =>
    assertEquals(
      objections(path, `import ${type}{ x } from "${specifier}";`).length,
      1,
      `${path} ${specifier}`,
    );
  refuse("ops/gpu/queue.ts", "../core/tensor/tensor.ts");
  refuse("ops/gpu/queue.ts", "../kernels/matmul/matmul.ts");
  refuse("ops/kernels/matmul/matmul.ts", "../conv2d/conv2d.ts");
  refuse("ops/kernels/wgsl/source.ts", "../reduce.ts");
  refuse("ops/kernels/reduce.ts", "../core/run.ts");
  refuse("ops/core/run.ts", "./tensor/tensor.ts");
  refuse("ops/core/tensor/tensor.ts", "../../mod.ts");
  refuse("ops/core/tensor/tensor.ts", "../families/reduce.ts", "type ");
  refuse("ops/core/families/reduce.ts", "../../reduction/sum.ts");
  refuse("ops/core/compile/plan.ts", "../tuning/race.ts");
  refuse("ops/activation/relu.ts", "../../nn/module.ts");
  refuse("ops/activation/relu.ts", "../mod.ts");
  refuse("nn/module.ts", "./optim/sgd.ts");
  refuse("nn/module.ts", "../data/data_loader.ts");
  refuse("nn/optim/sgd.ts", "../train/fit.ts");
  refuse("data/data_loader.ts", "../examples/d2l.ts");
  refuse("data/data_loader.ts", "jsr:@std/path@^1");
  refuse("nn/module.ts", "@plunge/plunge");
  refuse("mod.ts", "node:fs");
  refuse("examples/lenet.ts", "../tests/support/values.ts");
  refuse("examples/pictures/grid.ts", "../study/inputs.ts");
  assertEquals(objections("ops/activation/relu.ts", 'export * from "../../nn/module.ts";\nimport "x";'), [
    "ops/activation/relu.ts imports nn/module.ts, which is not below it",
    'ops/activation/relu.ts imports "x", which is not a relative path',
  ]);
});

Deno.test("objections() allows what is below, what belongs together, and the types that are named", () => {
  const allow = (path: string, specifier: string, type = "") =>
    assertEquals(objections(path, `import ${type}{ x } from "${specifier}";`), [], `${path} ${specifier}`);
  allow("ops/gpu/queue.ts", "./pool.ts");
  allow("ops/kernels/conv2d/winograd/winograd.ts", "../../matmul/matmul.ts");
  allow("ops/kernels/conv2d/direct/kernel.ts", "../store.ts");
  allow("ops/core/run.ts", "./tensor/tensor.ts", "type ");
  allow("ops/core/tensor/tensor.ts", "../../mod.ts", "type ");
  allow("ops/core/tensor/tensor.ts", "../autograd/autograd.ts");
  allow("ops/activation/relu.ts", "../core/families/elementwise.ts");
  allow("ops/loss/nll_loss.ts", "../reduction/mean.ts");
  allow("nn/module.ts", "../ops/methods.ts");
  allow("nn/layers/linear.ts", "../module.ts");
  allow("nn/optim/sgd.ts", "../module.ts");
  allow("nn/train/fit.ts", "../../data/data_loader.ts");
  allow("mod.ts", "./nn/optim/sgd.ts");
  allow("examples/lenet.ts", "../mod.ts");
  allow("examples/lenet.ts", "./d2l.ts");
  allow("examples/lenet.ts", "jsr:@std/cli@^1/parse-args");
});

Deno.test("deno.real-std.json is deno.json without links, tasks and tools", async () => {
  const { name, version, exports, imports, test } = JSON.parse(await readSource("deno.json"));
  assertEquals(JSON.parse(await readSource("deno.real-std.json")), {
    name,
    version,
    exports,
    lock: false,
    imports,
    test,
  });
});
