// What a runtime cannot do is listed with its reason, and nothing else is left out.
import { assertEquals } from "@std/assert";
import type { FileOutcome } from "../drivers/differences.ts";
import { filesFor, shortFilesFor } from "./files.ts";
import { LEFT_OUT, type LeftOut, surprisesOf } from "./left_out.ts";
import { modulesIn, readSource } from "../support/imports.ts";

Deno.test("what is left out names a module, as many of its tests as there are, and a reason", async () => {
  for (const list of Object.values(LEFT_OUT)) {
    for (const { file, tests, why } of list) {
      const count = (await readSource(file)).match(/\bDeno\.test\(/g)!.length;
      assertEquals([file, tests === "all" || tests <= count + 30, why.length > 20], [file, true, true]);
    }
    assertEquals(new Set(list.map(({ file }) => file)).size, list.length);
  }
});

Deno.test("every module of operations, kernels, layers and data runs elsewhere too, but those that are left out", async () => {
  const all = (await Promise.all(["tests/ops", "tests/nn", "tests/data"].map(modulesIn))).flat()
    .filter((path) => path.endsWith("_test.ts"));
  for (const runtime of ["chromium", "node"] as const) {
    const run = await filesFor(runtime), missing = all.filter((path) => !run.includes(path));
    const listed = LEFT_OUT[runtime].filter(({ tests }) => tests === "all").map(({ file }) => file);
    assertEquals(missing.toSorted(), listed.toSorted());
    assertEquals((await shortFilesFor(runtime)).every((path) => run.includes(path)), true);
  }
  assertEquals((await shortFilesFor("chromium")).length > 150, true);
});

Deno.test("surprisesOf() are failures that nobody expects, and expected ones that did not come", () => {
  const failure = (test: string, message: string) => ({ file: "a", test, message });
  const outcome = (...failures: FileOutcome["failures"]): FileOutcome => ({ file: "a", passed: 1, failures });
  const list: LeftOut[] = [{ file: "a", tests: 1, error: /files/, why: "it reads files" }];
  assertEquals(surprisesOf([outcome(failure("x", "no files"))], list), []);
  assertEquals(surprisesOf([outcome(failure("x", "no"))], list), ["a: x: no"]);
  assertEquals(surprisesOf([outcome()], list), ["a: 0 tests failed, 1 were expected to: "]);
  assertEquals(surprisesOf([outcome(failure("x", "5"))], []), ["a: x: 5"]);
});
