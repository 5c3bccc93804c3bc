import { assertEquals } from "@std/assert";
import { EXPECTED, type Expected, readJunit, surprises } from "./differences.ts";
import { driversOf } from "./drivers.ts";

const FILE = "tests/ops/pointwise/pow_test.ts";
/** As `deno test --junit-path` writes it. */
const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="5" failures="3" errors="0" time="0.009">
    <testsuite name="./a_test.ts" tests="5" disabled="1" errors="0" failures="3">
        <testcase name="right" classname="./a_test.ts" time="0.000" line="1" col="6">
        </testcase>
        <testcase name="of &quot;a&quot; &lt; b &amp; c" classname="./a_test.ts" time="0.001" line="2" col="6">
            <failure message="Uncaught Error: 1 &amp;lt; 2
and a second line">Error: 1 at file:///a_test.ts:2:46</failure>
        </testcase>
        <testcase name="of steps" classname="./a_test.ts" time="0.001" line="3" col="6">
            <failure message="1 test step failed">1 test step failed.</failure>
        </testcase>
        <testcase name="left out" classname="./a_test.ts" time="0.000" line="4" col="6">
            <skipped/>
        </testcase>
        <testcase name="of steps &gt; the second" classname="./a_test.ts" time="0.000" line="3" col="40">
            <failure message="Uncaught RangeError: no">RangeError: no</failure>
        </testcase>
    </testsuite>
</testsuites>`;

const expected = (driver: string, test: string, message: string): Expected => {
  return { driver, file: FILE, test, message, why: `${driver} does so` };
};

Deno.test("readJunit() counts what passed, and tells what failed with its message", () => {
  assertEquals(readJunit(REPORT, FILE), {
    file: FILE,
    passed: 1,
    failures: [
      { file: FILE, test: 'of "a" < b & c', message: "Uncaught Error: 1 &lt; 2\nand a second line" },
      { file: FILE, test: "of steps > the second", message: "Uncaught RangeError: no" },
    ],
  });
});

Deno.test("surprises() are failures that nobody expects, and expected ones that did not come", () => {
  const failures = [
    { file: FILE, test: "a", message: "5 is not 4" },
    { file: FILE, test: "b", message: "2 is not 1" },
    { file: FILE, test: "c", message: "gone" },
  ];
  const outcomes = [{ file: FILE, passed: 7, failures }],
    known = [
      expected("gl", "a", "5 is"),
      expected("gl", "b", "3 is"), // it fails, but otherwise
      expected("gl", "d", ""),
      expected("swiftshader", "c", "gone"),
      { ...expected("gl", "e", ""), isSometimes: true },
    ];
  assertEquals(surprises("gl", outcomes, known), [
    { kind: "unexpected", file: FILE, test: "b", text: "2 is not 1" },
    { kind: "unexpected", file: FILE, test: "c", text: "gone" },
    { kind: "vanished", file: FILE, test: "b", text: "gl does so" },
    { kind: "vanished", file: FILE, test: "d", text: "gl does so" },
  ]);
  assertEquals(surprises("gl", [{ file: "tests/other_test.ts", passed: 1, failures: [] }], known), []);
  const anywhere = [{ ...expected("gl", "a", "5"), file: null, isSometimes: true }];
  assertEquals(surprises("gl", outcomes, anywhere).map(({ test }) => test), ["b", "c"]);
});

Deno.test("every expected difference names a driver, a file and a reason", async () => {
  const drivers = driversOf(() => undefined);
  for (const { driver, file, why } of EXPECTED) {
    const isThere = file === null || (await Deno.stat(file)).isFile;
    assertEquals([driver in drivers, isThere, why.length > 20], [true, true, true]);
  }
});
