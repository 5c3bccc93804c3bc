import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Apt } from "../../scripts/apt.ts";
import { radvDriver, setUpCompiler } from "../../scripts/compiler.ts";
import type { Machine } from "../../scripts/machine.ts";

const DRIVER = "/usr/share/vulkan/icd.d/radeon_icd.x86_64.json";

/** What setUpCompiler says and runs on a machine of paper, whose packages bring the driver or do not. */
async function onPaper(
  { there = false, apt, brings = true }: { there?: boolean; apt?: Apt; brings?: boolean },
) {
  const lines: string[] = [], commands: string[] = [], files = new Set(there ? [DRIVER] : []);
  const machine: Machine = {
    os: "linux",
    env: () => undefined,
    isRoot: () => true,
    readText: () => Promise.resolve(""),
    exists: (path) => Promise.resolve(files.has(path)),
    say: (line) => lines.push(line),
    run: (command) => {
      commands.push(command.join(" "));
      if (brings && command.includes("install")) files.add(DRIVER);
      return Promise.resolve({ code: 0, output: "" });
    },
  };
  await setUpCompiler(machine, () => Promise.resolve(apt));
  return { lines, commands };
}

Deno.test("setUpCompiler() is silent where the driver is there", async () => {
  assertEquals(await onPaper({ there: true }), { lines: [], commands: [] });
});

Deno.test("setUpCompiler() installs Mesa's drivers where it may", async () => {
  const { lines, commands } = await onPaper({ apt: { prefix: [], updated: false } });
  assertEquals(lines, ["Found no compiler for AMD's GPUs, installing mesa-vulkan-drivers libvulkan1"]);
  assertStringIncludes(commands[1], "install --no-install-recommends mesa-vulkan-drivers libvulkan1");
});

Deno.test("setUpCompiler() says what to install where it may not, or where that does not help", async () => {
  const advice = "Cannot compile for a GPU as Mesa's RADV must be there: " +
    "sudo apt-get update && sudo apt-get install mesa-vulkan-drivers libvulkan1";
  assertEquals((await onPaper({})).lines, [advice]);
  assertEquals((await onPaper({ apt: { prefix: [], updated: true }, brings: false })).lines.at(-1), advice);
});

Deno.test("radvDriver() finds the driver of this processor's kind", async () => {
  const file = "/usr/share/vulkan/icd.d/radeon_icd.aarch64.json";
  assertEquals(await radvDriver((path) => Promise.resolve(path === file)), file);
  assertEquals(await radvDriver(() => Promise.resolve(false)), undefined);
});
