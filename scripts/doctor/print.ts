/**
 * The report for a person, in lines.
 *
 * @module
 */
import { tableLines } from "../../examples/terminal/table.ts";
import { figure } from "../../tests/bench/tables.ts";
import type { AdapterFacts, Check, Costs, Facts, Group, Problem, Report } from "./report.ts";
import { GROUPS } from "./report.ts";

/** Units from which on a function is not off but wrong. */
const FAR_OFF = 1e6;

const units = (ulps: number | undefined): string =>
  ulps === undefined
    ? ""
    : ulps >= FAR_OFF
    ? "far off"
    : ulps < 10
    ? `${Number(ulps.toFixed(2))}`
    : ulps.toFixed(0);
const gib = (bytes: number): string =>
  bytes >= 2 ** 20 ? `${figure(bytes / 2 ** 20)} MiB` : `${bytes / 2 ** 10} KiB`;

/** The machine, in a line for each thing. */
export function factLines(facts: Facts): string[] {
  const { plunge, deno, os, arch, mesa, env, adapter } = facts;
  const software = mesa === null ? "" : `, Mesa ${mesa}`;
  const lines = [`Plunge ${plunge}, Deno ${deno}, ${os} ${arch}${software}`];
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  if (variables.length > 0) lines.push(`environment: ${variables.join(" ")}`);
  return adapter === null ? [...lines, "adapter: none"] : [...lines, ...adapterLines(adapter)];
}

function adapterLines({ name, isSoftware, kernels, features, float64, limits }: AdapterFacts): string[] {
  const where = isSoftware ? "computes on the CPU" : "computes on a GPU";
  return [
    `adapter: ${name}, ${where}, with the ${kernels} kernels`,
    `limits: ${
      gib(limits.maxStorageBufferBindingSize)
    } a binding, ${limits.maxStorageBuffersPerShaderStage} storage ` +
    `buffers, ${
      gib(limits.maxComputeWorkgroupStorageSize)
    } and ${limits.maxComputeInvocationsPerWorkgroup} invocations ` +
    "a workgroup",
    `features: ${features.join(", ") || "none"}; float64 in shaders: ${float64 ? "taken" : "refused"}`,
  ];
}

/** What things cost, in lines. */
export function costLines(costs: Costs): string[] {
  const { readBackMs, submitUs, dispatchUs, compileMs, memoryGbps, matmulGflops, matmulSize: n } = costs;
  return [
    `reading a number back ${figure(readBackMs)} ms (10 of it Deno sleeps), compiling a small kernel ${
      figure(compileMs)
    } ms`,
    `a dispatch ${figure(dispatchUs)} µs, a submit ${figure(submitUs)} µs`,
    `memory ${figure(memoryGbps)} GB/s, matrix product of ${n}×${n} ${figure(matmulGflops)} GFLOP/s`,
  ];
}

/** A line of a group that went right, or all that is wrong in it, and what is worth knowing. */
export function groupLines(group: Group, checks: readonly Check[], columns: number): string[] {
  const own = checks.filter((check) => check.group === group), wrong = own.filter(({ ok }) => !ok);
  if (own.length === 0) return [];
  const head = wrong.length === 0 ? `ok     ${GROUPS[group]}` : `WRONG  ${GROUPS[group]}`;
  const count = wrong.length === 0
    ? `${own.length} checks`
    : `${wrong.length} of ${own.length} checks are wrong`;
  const worst = own.reduce((a, b) => (b.ulps ?? 0) > (a.ulps ?? 0) ? b : a);
  const most = worst.ulps ? `, at most ${units(worst.ulps)} ULP off (${worst.name})` : "";
  const table = group === "mathematics" ? mathTable(own, columns) : [];
  const known = group === "machine" ? own.filter(({ ok }) => ok) : [];
  return [
    `${head}: ${count}${wrong.length === 0 ? most : ""}`,
    ...[...known, ...wrong].flatMap(({ name, found }) =>
      found.slice(0, 1).map((line) => `       ${name}: ${line}`)
    ),
    ...table,
  ];
}

/** Our functions beside WGSL's own, in units in the last place. */
function mathTable(checks: readonly Check[], columns: number): string[] {
  const rows = checks.filter(({ builtInUlps }) => builtInUlps !== undefined).map((check) => [
    check.name,
    units(check.ulps),
    units(check.builtInUlps),
    check.builtInKeeps ? "kept" : "lost",
  ]);
  const header = ["function", "our ULP", "the driver's own ULP", "its NaN and infinity"];
  if (rows.length === 0) return [];
  return tableLines(header, rows, { columns: columns - 7, optional: header.slice(3) }).map((line) =>
    `       ${line}`
  );
}

function problemLines({ severity, what, advice }: Problem): string[] {
  return [`${severity}: ${what}`, `  what to do: ${advice}`];
}

/** What is left to say when all was tried. */
export function verdictLines({ problems, verdict, seconds }: Report): string[] {
  return [
    ...problems.flatMap(problemLines),
    ...(problems.length > 0 ? [""] : []),
    `${verdict} (${figure(seconds)} s)`,
  ];
}
