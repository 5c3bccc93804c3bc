import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { once } from "../../../examples/pictures/packages.ts";
import { runScript } from "../../support/subprocess.ts";

Deno.test("once() makes a value once, and tries again where that failed", async () => {
  let count = 0;
  const made = once(() => ++count === 1 ? Promise.reject(new Error("no network")) : Promise.resolve(count));
  await assertRejects(made, Error, "no network");
  assertEquals([await made(), await made(), count], [2, 2, 2]);
});

Deno.test("a run without the packages that draw warns once, goes on, and writes what needs none", async () => {
  const at = (path: string) => JSON.stringify(new URL(`../../../examples/${path}`, import.meta.url).href);
  const source = `
import { RunFiles } from ${at("runs/run_files.ts")};
import { writeComparison } from ${at("study/comparison.ts")};
using files = await RunFiles.open("run", "LeNet");
const epoch = { epoch: 1, trainLoss: 1, trainAcc: 0.5, testAcc: 0.5, examplesPerSec: 1, seconds: 1 };
await files.addEpoch(epoch);
await files.addEpoch({ ...epoch, epoch: 2 });
console.log(await writeComparison("run", [{ name: "a", metrics: [epoch] }], "b"));
console.log([...Deno.readDirSync("run")].map(({ name }) => name).sort().join());
console.log((await Deno.readTextFile("run/metrics.jsonl")).split("\\n").length);
`;
  const cache = await Deno.makeTempDir();
  try {
    const env = { DENO_DIR: cache, NPM_CONFIG_REGISTRY: "http://127.0.0.1:9" };
    const args = ["-A", "--no-config", "--quiet"];
    const { code, stdout, stderr } = await runScript(source, { args, env });
    assertEquals([code, stdout], [0, "false\n.lock,metrics.jsonl\n3\n"], stderr);
    assertMatch(
      stderr,
      /^warning: no pictures are drawn\. Cannot draw pictures as their npm packages must be cached or reachable: .+\n$/,
    );
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});
