// Node 20 and browsers of two years ago run what is built: no method that they lack is called outside of functions for files.
import { assertEquals } from "@std/assert";
import { modulesIn, readSource } from "../support/imports.ts";

/** Methods of the language that came later; syntax is lowered, methods are not. */
const LATER =
  /\b(?:Map|Object)\.groupBy\(|\bPromise\.(?:withResolvers|try)\(|\bIterator\.from\(|\.(?:toHex|toBase64)\(|\bfromBase64\(|\.(?:entries|keys|values)\(\)\s*\.(?:map|filter|some|every|find|reduce|take|drop|toArray|flatMap|forEach)\(|\bRegExp\.escape\(|\.(?:union|intersection|difference|isSubsetOf)\(/g;

function later(source: string): string[] {
  return source.replace(/\/\*\*[^]*?\*\//g, "").match(LATER) ?? [];
}

Deno.test("the library calls no method that Node 20 lacks", async () => {
  const paths = (await Promise.all(["mod.ts", "ops", "nn", "data"].map(modulesIn))).flat();
  const found = await Promise.all(
    paths.map(async (path) => later(await readSource(path)).map((text) => `${path}: ${text}`)),
  );
  assertEquals(found.flat(), []);
});

Deno.test("later() finds such methods", () => {
  const methods = [
    "Map.groupBy(a, b)",
    "m.values().some(f)",
    "bytes.toHex()",
    "a.union(b)",
    "Promise.withResolvers()",
  ];
  assertEquals(methods.map((text) => later(text).length), [1, 1, 1, 1, 1]);
  assertEquals(later("[...m.values()].some(f); Object.entries(o).map(f)"), []);
});
