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

/**
 * A line of a group that went right, or all that is wrong in it, and what is worth knowing.
 *
 * @param columns The most columns that a line may take.
 * @param isQuick Whether only those functions are listed that WGSL has too, and no families.
 */
export function groupLines(
  group: Group,
  checks: readonly Check[],
  columns: number,
  isQuick: boolean,
): string[] {
  const own = checks.filter((check) => check.group === group), wrong = own.filter(({ ok }) => !ok);
  if (own.length === 0) return [];
  const head = wrong.length === 0 ? `ok     ${GROUPS[group]}` : `WRONG  ${GROUPS[group]}`;
  const worst = own.reduce((a, b) => (b.ulps ?? 0) > (a.ulps ?? 0) ? b : a);
  const apart = own.reduce((most, check) => Math.max(most, check.apart ?? 0), 0);
  const most = worst.ulps
    ? `, at most ${units(worst.ulps)} ULP off (${worst.name})`
    : apart > 0
    ? `, at most ${apart.toExponential(0)} apart`
    : "";
  const count = wrong.length === 0
    ? `${own.length} checks${most}`
    : `${wrong.length} of ${own.length} checks are wrong`;
  const known = group === "machine" ? own.filter(({ ok }) => ok) : [];
  return [
    `${head}: ${count}`,
    ...[...known, ...wrong].flatMap(({ name, found }) =>
      found.slice(0, 1).map((line) => `${INDENT}${name}: ${line}`)
    ),
    ...tableOf(group, own, columns - INDENT.length, isQuick).map((line) => (INDENT + line).trimEnd()),
  ];
}

const INDENT = " ".repeat(7);

/** The errors of a group, in units in the last place. */
function tableOf(group: Group, checks: readonly Check[], columns: number, isQuick: boolean): string[] {
  if (group === "mathematics") {
    const rows = checks.filter(({ ulps, builtInUlps }) =>
      ulps !== undefined && (!isQuick || builtInUlps !== undefined)
    );
    const keeps = { true: "kept", false: "lost", undefined: "" };
    const header = ["function", "our ULP", "the driver's own ULP", "its NaN and infinity"];
    return rows.length === 0 ? [] : tableLines(
      header,
      rows.map((c) => [c.name, units(c.ulps), units(c.builtInUlps), keeps[`${c.builtInKeeps}`]]),
      { columns, optional: header.slice(3) },
    );
  }
  if (group !== "families" || isQuick) return [];
  const rows = checks.map(({ name, ulps, gradientUlps }) => [name, units(ulps), units(gradientUlps)]);
  return tableLines(["kernels", "ULP", "gradients' ULP"], rows, { columns });
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
