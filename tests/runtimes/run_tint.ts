// Compiles the texts of a whole test run under Tint.
// deno task test:tint
import { collectTexts, compileByTint } from "./tint.ts";

const PATHS = [
  "tests/ops",
  "tests/nn",
  "tests/data",
  "tests/oracle_test.ts",
  "tests/trajectories_test.ts",
  "tests/random_programs_test.ts",
];

const texts = await collectTexts(Deno.args.length > 0 ? Deno.args : PATHS);
console.log(`${texts.size} texts of ${new Set(texts.values()).size} kernels`);
const said = await compileByTint(texts);
console.log(said.length === 0 ? "Tint compiles all of them without a word" : said.join("\n"));
if (said.length > 0) Deno.exit(1);
