// What the doctor says of machines of paper.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { problemsOf, verdictOf } from "../../../scripts/doctor/problems.ts";
import type { AdapterFacts, Check, Facts, Problem } from "../../../scripts/doctor/report.ts";

const INSTALL = "install a driver";
const LLVMPIPE: AdapterFacts = {
  name: "llvmpipe (LLVM 15.0.6, 256 bits)",
  vendor: "65541",
  architecture: "",
  device: "0",
  isSoftware: true,
  kernels: "cpu",
  features: [],
  float64: true,
  limits: {},
};
const CARD: AdapterFacts = { ...LLVMPIPE, name: "NVIDIA H200", isSoftware: false, kernels: "gpu" };
/** A machine with nothing to be said of. */
const SOUND: Facts = {
  plunge: "0.1.0",
  deno: "2.9.6",
  os: "linux",
  arch: "x86_64",
  env: { XDG_RUNTIME_DIR: "/run/user/1000" },
  mesa: "22.3.6",
  hasLoader: true,
  vulkanDrivers: ["nvidia_icd"],
  hasCard: true,
  hasVulkan: true,
  adapter: CARD,
};
const BAD: Check = {
  group: "operations",
  name: "tanh",
  ok: false,
  found: ["eager: v0[3] is 2, not 1 within 1e-7"],
};

function problems(facts: Partial<Facts>, checks: Check[] = [], failure: string | null = null): Problem[] {
  return problemsOf({ ...SOUND, ...facts }, checks, INSTALL, failure);
}

/** A machine, how grave it is, and words of what is said and of what to do. */
const MACHINES: [facts: Partial<Facts>, severity: Problem["severity"], what: string, advice: string][] = [
  [{ deno: "2.6.9", adapter: null }, "error", "Deno 2.6.9 lacks parts of WebGPU", "`deno upgrade`"],
  [{ deno: "1.46.0" }, "error", "Deno 1.46.0 lacks", "2.7 is the oldest"],
  [{ adapter: null, hasLoader: false }, "error", "there is no Vulkan loader (libvulkan.so.1)", INSTALL],
  [{ adapter: null, vulkanDrivers: [] }, "error", "no driver is registered", INSTALL],
  [
    { adapter: null, env: { VK_DRIVER_FILES: "/nowhere" } },
    "error",
    "VK_DRIVER_FILES=/nowhere decides which Vulkan drivers are seen",
    "unset VK_DRIVER_FILES",
  ],
  [
    { adapter: null, env: { DENO_WEBGPU_BACKEND: "metal" } },
    "error",
    "among those that DENO_WEBGPU_BACKEND=metal allows",
    "unset DENO_WEBGPU_BACKEND",
  ],
  [
    { adapter: null, os: "windows", hasLoader: null, vulkanDrivers: null },
    "error",
    "no WebGPU adapter",
    INSTALL,
  ],
  [
    { hasVulkan: false },
    "warning",
    "through OpenGL, which is slower and less tried, as Deno finds no Vulkan driver",
    INSTALL,
  ],
  [{ hasVulkan: false, hasLoader: false }, "warning", "as there is no Vulkan loader", INSTALL],
  [
    { env: { ...SOUND.env, DENO_WEBGPU_BACKEND: "gl" } },
    "warning",
    "as DENO_WEBGPU_BACKEND=gl wants it",
    "unset DENO_WEBGPU_BACKEND: Vulkan is there",
  ],
  [
    { adapter: LLVMPIPE },
    "warning",
    "computes on the CPU, though the system has a graphics card",
    "--gpus all",
  ],
  [{ adapter: LLVMPIPE, hasCard: false }, "note", "computes on the CPU", "nothing is wrong"],
  [
    { adapter: { ...CARD, name: "AMD (RADV NAVI21)" }, mesa: "20.3.5" },
    "warning",
    "Mesa 20.3.5 is older",
    "Mesa 22.3",
  ],
  [{ env: {} }, "note", "XDG_RUNTIME_DIR is not set", "XDG_RUNTIME_DIR=/tmp"],
];

for (const [facts, severity, what, advice] of MACHINES) {
  Deno.test(`of ${JSON.stringify(facts).slice(0, 90)} the doctor says what to do`, () => {
    const found = problems(facts);
    assertEquals(found.map((problem) => problem.severity), [severity], JSON.stringify(found));
    assertStringIncludes(found[0].what, what);
    assertStringIncludes(found[0].advice, advice);
  });
}

Deno.test("of a sound machine there is nothing to say", () => {
  const good: Check = { ...BAD, ok: true, found: [] };
  assertEquals(problems({}, [good]), []);
  assertEquals(problems({ mesa: "9.0" }), []); // of a card that does not use it
  assertEquals(
    verdictOf(SOUND, [good], [], false),
    "NVIDIA H200 computes right: all 1 checks passed.",
  );
  assertStringIncludes(verdictOf(SOUND, [good], [], true), "of a quick look");
});

Deno.test("what computes wrongly is named, with the first error and what to do", () => {
  const [problem, ...more] = problems({}, [BAD, { ...BAD, name: "relu" }]);
  assertEquals([problem.severity, more], ["error", []]);
  assertEquals(
    problem.what,
    "every operation and layer, against float64: wrong in tanh, relu; tanh: eager: v0[3] is 2, not 1 within 1e-7",
  );
  for (
    const text of ["update Mesa or the card's driver", "lvp_icd", 'openDevice({ kernels: "cpu" })', "--json"]
  ) {
    assertStringIncludes(problem.advice, text);
  }
  assert(!problems({ adapter: LLVMPIPE, hasCard: false }, [BAD])[1].advice.includes("lvp_icd"));
  assertEquals(
    verdictOf(SOUND, [BAD, { ...BAD, ok: true }], [problem], false),
    "Do not trust what NVIDIA H200 computes: 1 of 2 checks went wrong.",
  );
});

Deno.test("without an adapter the verdict points at what to do", () => {
  const found = problems({ adapter: null, hasLoader: false });
  assertEquals(
    verdictOf({ ...SOUND, adapter: null }, [], found, false),
    "Plunge cannot run here yet: see what to do above.",
  );
});
