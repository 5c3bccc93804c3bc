// A wrong driver is found: kernels are broken on purpose, and the doctor says which and what to do.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { examine, type Listener } from "../../../scripts/doctor/examine.ts";
import { differenceChecks, gradientSubjects } from "../../../scripts/doctor/differences.ts";
import { machineChecks } from "../../../scripts/doctor/machine_checks.ts";
import { mathChecks, specialChecks } from "../../../scripts/doctor/math_checks.ts";
import { familyChecks, float64Checks, operationChecks } from "../../../scripts/doctor/program_checks.ts";
import type { Check } from "../../../scripts/doctor/report.ts";
import { winogradCheck } from "../../../scripts/doctor/winograd.ts";
import { thisMachine } from "../../../scripts/machine.ts";
import { DRAWN } from "../../support/programs/generator.ts";
import { withBroken, withBrokenText } from "./_broken.ts";

const wrongIn = (checks: readonly Check[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);
const NOBODY: Listener = { doing: () => {}, facts: () => {}, costs: () => {}, group: () => {} };

type Broken = [
  what: string,
  right: string | RegExp,
  wrong: string,
  run: () => Promise<Check[]>,
  found: string[],
];

/** What is broken, how, who looks, and what is found among others. */
const BROKEN: Broken[] = [
  ["barriers", "workgroupBarrier();", "", machineChecks, ["barriers and workgroup memory"]],
  ["loops, ended early,", "t < wanted[id]", "t < min(wanted[id], 50000)", machineChecks, ["loops"]],
  ["addresses", "id * 17u", "id * 18u", machineChecks, ["kernels one after the other"]],
  ["logarithms", "3.3333331174e-1", "3.3334e-1", () => mathChecks(true), ["logf", "log1pf", "log1p_core"]],
  [
    "tests for NaN",
    "return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;",
    "return x != x;",
    () => specialChecks(true),
    ["exp", "isnan", "maximum", "pow"],
  ],
  [
    "products",
    "a0_0 * b0_0;",
    "a0_0 * b0_0 * 1.0001;",
    () => familyChecks(true, (name) => name === "matrix product, tiles"),
    ["matrix product, tiles"],
  ],
  [
    "convolutions",
    /(?<=\* )w0_0_0_2\b/g,
    "w0_0_0_2 * 1.0001",
    () => familyChecks(true, (name) => name === "convolution, direct"),
    ["convolution, direct"],
  ],
  [
    "sums",
    /(s0_0_q0 \+= x_v)\[0\];/g,
    "$1[0] * 1.001;",
    () => familyChecks(true, (name) => name === "reduction, over all"),
    ["reduction, over all"],
  ],
  ["Winograd's maps", "2.8284271247461903", "2.829", winogradCheck, ["convolution, Winograd"]],
];

for (const [what, right, wrong, run, found] of BROKEN) {
  Deno.test(`the doctor finds broken ${what}`, async () => {
    const checks = await withBroken(right, wrong, run), names = wrongIn(checks);
    assertEquals(found.filter((name) => !names.includes(name)), [], names.join());
    for (const { ok, found } of checks) assert(ok || found.length > 0);
  });
}

Deno.test("of a driver that breaks an operation the doctor says which, and what to do", async () => {
  const options = { isQuick: true, kernels: "cpu", machine: thisMachine(), listener: NOBODY } as const;
  const sick = await withBrokenText(
    "expf(x[at] - top) / total",
    "expf(x[at] - top) / total * 1.001",
    () => examine(options),
  );
  assertEquals([sick.healthy, wrongIn(sick.checks)], [false, ["rows, softmax"]]);
  assertMatch(sick.verdict, /^Do not trust what .+ computes: 1 of \d+ checks went wrong\.$/);
  const [problem] = sick.problems.filter(({ severity }) => severity === "error");
  assertMatch(problem.what, /wrong in rows, softmax; rows, softmax: eager: v0\[\d+\] is .+, not .+ within /);
  assertStringIncludes(problem.advice, "cannot be trusted: update Mesa");
});

Deno.test("a kernel that does not compile is a finding, with what it is about", async () => {
  const checks = await withBroken("fn expf(", "fn expf_is_missing(", () => mathChecks(true));
  assertEquals(wrongIn(checks), ["all functions in one kernel"]);
  assertStringIncludes(checks[0].found[0], "Cannot compile kernel");
});

Deno.test("operations that are broken are found by name, with a program that shows it", async () => {
  const broken = () =>
    withBroken(
      "1.33314422036e-1",
      "1.34e-1",
      () => operationChecks((name) => /^(nn\.)?(tanh|relu)$/i.test(name)),
    );
  const checks = await broken(), names = wrongIn(checks);
  assertEquals([checks.length, names.sort()], [4, ["nn.Tanh", "tanh"]]);
  const [line, program] = checks.find(({ name }) => name === "tanh")!.found;
  assertMatch(line, /^eager: .+ is .+, not .+ within /);
  assertMatch(program, /^const v0 = tanh\(a0\);$/m);
});

Deno.test("a formula that float32 cannot tell from the right one is found in float64", async () => {
  const right = /0\.044715(?=(lf)? \* )/g,
    wrong = "0.044716",
    only = (name: string) => name === "nn.GELU" || name === "tanh";
  assertEquals(wrongIn(await withBroken(right, wrong, () => operationChecks(only))), []);
  const sharp = await withBrokenText(right, wrong, () => float64Checks({ kernels: "cpu" }, only));
  assertEquals(wrongIn(sharp), ["nn.GELU"]);
});

Deno.test("the library's kernels of either set are right in float64", async () => {
  for (const kernels of ["cpu", "gpu"] as const) {
    const some = (name: string) =>
      /^(sin|log1p|pow|erf|sum|softmax|topk|interpolate|matmul|conv2d|nn.*Norm.*|nn.*Loss)$/.test(name);
    const checks = await float64Checks({ kernels }, some);
    assertEquals([checks.length, wrongIn(checks)], [32, []]);
    // most are right far below what float32 has: only constants and options are float32 numbers
    assert(checks.filter(({ ulps = 0, gradientUlps = 0 }) => ulps < 1e-4 && gradientUlps < 1e-4).length > 15);
  }
});

Deno.test("gradients are held to differences, and a wrong one is found by name", async () => {
  const only = (name: string) => /^(tanh|matmul|nn.BatchNorm2d|nn.CrossEntropyLoss)$/.test(name);
  for (const kernels of ["cpu", "gpu"] as const) {
    const checks = await differenceChecks({ kernels }, only);
    assertEquals([checks.length, wrongIn(checks)], [4, []]);
    assert(checks.every(({ apart = 1 }) => apart < 1e-7));
  }
  const wrong = () => differenceChecks({ kernels: "cpu" }, only);
  const found = await withBrokenText(/1\.0(lf)? - y \* y/g, "1.00001lf - y * y", wrong);
  assertEquals(wrongIn(found), ["tanh"]);
  assertMatch(found[0].found[0], /^gradients and differences are \d\.\de-6 apart$/);
});

Deno.test("every operation and layer that has gradients is held to differences", () => {
  const names = new Set(gradientSubjects().map(({ name }) => name));
  assertEquals(
    DRAWN.filter((name) => !names.has(name)).join(" "),
    "isnan isfinite eq ne lt le gt ge logicalAnd logicalOr logicalNot any all argmax argmin detach fill copy oneHot " +
      "isinf isclose logicalXor argsort histc bernoulli countNonzero",
  );
});
