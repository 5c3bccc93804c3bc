// Runs the tests of the library in Chromium and in Node, and holds them to what is left out there.
// deno task test:runtimes --help
import { toolOptions as options } from "../../examples/terminal/options.ts"; // the scripts' own, so that all read options alike
import { modulesIn } from "../support/imports.ts";
import { filesFor, shortFilesFor } from "./files.ts";
import { LEFT_OUT, surprisesOf } from "./left_out.ts";
import { runTests, type RuntimeName } from "./run_tests.ts";

const args = options("Runs the tests of the library in Chromium and in Node, on SwiftShader.", {
  runtime: {
    help: "which, of chromium,node",
    default: "chromium,node",
    choices: ["chromium", "node"],
    several: true,
  },
  path: { help: "files or folders of tests, with commas between them; all unless given" },
  short: { help: "those that a run of minutes has", flag: true },
  lanes: { help: "modules that run at once", default: 2, least: 1, integer: true },
  limit: { help: "seconds that a module may take", default: 3600, least: 1 },
});

let isRight = true;
const rows: string[] = [];
for (const runtime of args.runtime.split(",") as RuntimeName[]) {
  const all = await (args.short ? shortFilesFor : filesFor)(runtime);
  const wanted = args.path ? (await Promise.all(args.path.split(",").map(modulesIn))).flat() : all;
  const files = all.filter((file) => wanted.includes(file)), start = performance.now();
  console.log(`\n${runtime}: ${files.length} modules`);
  const outcomes = await runTests(runtime, files, {
    lanes: args.lanes,
    seconds: args.limit,
    onModule: (outcome, seconds) => {
      const { file, passed, failures } = outcome;
      console.log(`  ${file}: ${passed} passed, ${failures.length} left out (${seconds.toFixed(1)} s)`);
      for (const line of surprisesOf([outcome], LEFT_OUT[runtime])) {
        isRight = false;
        console.log(line.replace(/^/gm, "    "));
      }
    },
  });
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failures.length, 0);
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  rows.push(`| ${runtime} | ${files.length} | ${passed} | ${failed} | ${minutes} |`);
}
console.log("\n| runtime | modules | passed | left out | minutes |\n| --- | --- | --- | --- | --- |");
console.log(rows.join("\n"));
if (!isRight) Deno.exit(1);
