// The library's own tests, those that take no long time, in Chromium and in Node.
import { assertEquals } from "@std/assert";
import { shortFilesFor } from "../runtimes/files.ts";
import { LEFT_OUT, surprisesOf } from "../runtimes/left_out.ts";
import { runTests, type RuntimeName } from "../runtimes/run_tests.ts";

for (const runtime of ["chromium", "node"] satisfies RuntimeName[]) {
  Deno.test(`the tests of operations, layers, optimisers and data pass in ${runtime}`, async () => {
    const files = await shortFilesFor(runtime), outcomes = await runTests(runtime, files, { lanes: 2 });
    assertEquals(outcomes.map(({ file }) => file).toSorted(), files.toSorted());
    assertEquals(surprisesOf(outcomes, LEFT_OUT[runtime]), []);
  });
}
