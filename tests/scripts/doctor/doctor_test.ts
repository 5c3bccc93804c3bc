// `deno task doctor` as a user runs it.
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { systemFacts } from "../../../scripts/doctor/facts.ts";
import { lookAfter } from "../../../scripts/doctor/look_after.ts";
import type { Report } from "../../../scripts/doctor/report.ts";
import type { Machine } from "../../../scripts/machine.ts";
import { ROOT } from "../../support/subprocess.ts";

/** Runs the task's command with more arguments. */
async function doctor(args: string[], env: Record<string, string> = {}) {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const [, ...command] = tasks.doctor.command.split(" ");
  const options = { args: [...command, ...args], cwd: ROOT, env: { NO_COLOR: "1", ...env } };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("doctor --quick --json writes all that it found, for a bug report", async () => {
  const { code, stdout, stderr } = await doctor(["--quick", "--json"], { XDG_RUNTIME_DIR: "" });
  assertEquals([code, stderr], [0, ""]);
  const { facts, costs, checks, problems, healthy, verdict } = JSON.parse(stdout) as Report;
  assertEquals([facts.deno, facts.os, healthy], [Deno.version.deno, Deno.build.os, true]);
  const { adapter } = facts;
  assert(adapter!.limits.maxStorageBufferBindingSize > 0 && adapter!.features.length > 0);
  assertEquals(Object.entries(costs!).filter(([, cost]) => !(cost >= 0 && cost < 1e6)), []);
  assert(costs!.readBackMs > 0 && costs!.matmulGflops > 0 && costs!.memoryGbps > 0);
  const groups = new Set(checks.map(({ group }) => group));
  assertEquals([...groups], ["machine", "mathematics", "special", "families"]);
  const exp = checks.find(({ name }) => name === "expf")!;
  assert(exp.ok && exp.ulps! <= 2 && exp.builtInUlps! >= 0);
  assertEquals(problems.some(({ what }) => what.startsWith("XDG_RUNTIME_DIR")), Deno.build.os === "linux");
  assertMatch(verdict, /computes right: all \d+ checks passed/);
});

Deno.test("doctor without an adapter says what is amiss and ends with 1", async () => {
  const { code, stdout } = await doctor(["--quick"], {
    DENO_WEBGPU_BACKEND: "vulkan",
    VK_DRIVER_FILES: "/nowhere",
    VK_ICD_FILENAMES: "/nowhere",
  });
  assertEquals(code, 1);
  assertStringIncludes(stdout, "adapter: none");
  assertMatch(stdout, /error: no adapter was found: VK_ICD_FILENAMES=\/nowhere, .+ decides/);
  assertStringIncludes(stdout, "what to do: unset VK_ICD_FILENAMES, VK_DRIVER_FILES and try again");
  assertStringIncludes(stdout, "Plunge cannot run here yet");
});

Deno.test("doctor refuses options that it has not", async () => {
  const { code, stderr } = await doctor(["--fast"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "--fast");
});

Deno.test("lookAfter() tells a crash from an end", async () => {
  const end = (source: string) => lookAfter(["eval", "--no-config", source]);
  assertEquals(await end("Deno.exit(1)"), { code: 1, crash: null });
  assertEquals(await end("Deno.exit(134)"), { code: 134, crash: "exit code 134" });
  if (Deno.build.os === "windows") return;
  assertEquals((await end('Deno.kill(Deno.pid, "SIGKILL"); setTimeout(() => {}, 9e3)')).crash, "SIGKILL");
  assertEquals((await end('Deno.kill(Deno.pid, "SIGTERM"); setTimeout(() => {}, 9e3)')).crash, null);
});

/** A machine of paper, with these files and answers to commands that hold these words. */
function machineWith(os: string, files: string[], answers: Record<string, string>): Machine {
  return {
    os,
    env: (name) => name === "DENO_WEBGPU_BACKEND" ? "gl" : undefined,
    isRoot: () => false,
    readText: () => Promise.resolve(""),
    exists: (path) => Promise.resolve(files.includes(path)),
    say: () => {},
    run: (command) => {
      const key = Object.keys(answers).find((word) => command.join(" ").includes(word));
      return Promise.resolve({
        code: key === undefined ? 1 : 0,
        output: key === undefined ? "" : answers[key],
      });
    },
  };
}

Deno.test("systemFacts() finds drivers, the loader, Mesa and cards", async () => {
  const bare = await systemFacts(machineWith("linux", [], {}));
  assertEquals(bare.env, { DENO_WEBGPU_BACKEND: "gl" });
  const { mesa, hasLoader, vulkanDrivers, hasCard, hasVulkan } = bare;
  assertEquals({ mesa, hasLoader, vulkanDrivers, hasCard, hasVulkan }, {
    mesa: null,
    hasLoader: false,
    vulkanDrivers: [],
    hasCard: false,
    hasVulkan: false,
  });
  const full = await systemFacts(machineWith("linux", ["/dev/dri/renderD128"], {
    ldconfig: "libvulkan.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libvulkan.so.1\n",
    "mesa-vulkan-drivers": "24.2.8-1ubuntu1~24.04.1",
    "icd.d": "/usr/share/vulkan/icd.d:\nlvp_icd.x86_64.json\nradeon_icd.x86_64.json\n",
    requestAdapter: "",
  }));
  assertEquals([full.mesa, full.hasLoader, full.hasCard, full.hasVulkan], ["24.2.8", true, true, true]);
  assertEquals(full.vulkanDrivers, ["lvp_icd.x86_64", "radeon_icd.x86_64"]);
  const mac = await systemFacts(machineWith("darwin", [], {}));
  assertEquals([mac.mesa, mac.hasLoader, mac.vulkanDrivers, mac.hasVulkan], [null, null, null, null]);
  assertLess(0, mac.plunge.length);
});
