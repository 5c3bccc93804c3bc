/**
 * The examination: all that is asked of a machine, in order.
 *
 * @module
 */
import { type Device, openDevice } from "../../mod.ts";
import type { Machine } from "../machine.ts";
import { adapterAdvice } from "../setup.ts";
import { measureCosts } from "./costs.ts";
import { differenceChecks } from "./differences.ts";
import { adapterFacts, systemFacts } from "./facts.ts";
import { machineChecks } from "./machine_checks.ts";
import { mathChecks, specialChecks } from "./math_checks.ts";
import { isOldDeno, problemsOf, verdictOf } from "./problems.ts";
import { optimizerCheck } from "./optimizer_check.ts";
import { familyChecks, float64Checks, operationChecks } from "./program_checks.ts";
import type { Check, Costs, Facts, Group, Report } from "./report.ts";
import { tried } from "./tried.ts";
import { winogradCheck } from "./winograd.ts";

/** Who is told of what is found while it goes on. */
export interface Listener {
  /** Said before something that takes a while. */
  doing(what: string): void;
  facts(facts: Facts): void;
  costs(costs: Costs): void;
  /** The checks of a group are done. */
  group(group: Group, checks: readonly Check[]): void;
}

/** Options of {@linkcode examine}. */
export interface ExamineOptions {
  /** Whether seconds must do: one kernel of each kind, as written. */
  readonly isQuick: boolean;
  /** Which kernels are tried, those of the adapter unless given. */
  readonly kernels?: "cpu" | "gpu";
  readonly machine: Machine;
  readonly listener: Listener;
}

/** A group of checks, what it looks at, and what runs it. */
type GroupRun = readonly [group: Group, what: string, run: () => Promise<Check[]>];

/** The groups that the open device is asked for. */
function groupsOf(isQuick: boolean): readonly GroupRun[] {
  const quick: GroupRun[] = [
    ["machine", "loops and barriers", machineChecks],
    ["mathematics", "functions of mathematics", () => mathChecks(isQuick)],
    ["special", "NaN and infinities", () => specialChecks(isQuick)],
  ];
  const some = async () => [...await familyChecks(isQuick), ...await optimizerCheck()];
  if (isQuick) return [...quick, ["families", "families of kernels", some]];
  const families = async () => [...await some(), ...await winogradCheck()];
  return [
    ...quick,
    ["families", "families of kernels", families],
    ["operations", "every operation and layer", operationChecks],
  ];
}

/** Tries everything on the device, and closes it. */
async function checkAll(
  device: Device,
  facts: Facts,
  { isQuick, listener }: ExamineOptions,
): Promise<{ costs: Costs | null; checks: Check[] }> {
  const checks: Check[] = [], { kernels } = device;
  listener.doing("what things cost");
  let costs: Costs | null = null;
  checks.push(
    ...await tried("machine", "what things cost", async () => {
      costs = await measureCosts(device, isQuick);
      listener.costs(costs);
      return [];
    }),
  );
  const examined = async ([group, what, run]: GroupRun) => {
    listener.doing(what);
    checks.push(...await tried(group, what, run));
    listener.group(group, checks);
  };
  for (const group of groupsOf(isQuick)) await examined(group);
  device.close();
  if (facts.adapter?.float64 && !isQuick) {
    await examined(["float64", "float64 shaders", () => float64Checks({ kernels })]);
    await examined(["gradients", "gradients and differences", () => differenceChecks({ kernels })]);
  }
  return { costs, checks };
}

/** Examines this machine. No device may be open; the one that it opens is closed when it ends. */
export async function examine(options: ExamineOptions): Promise<Report> {
  const { isQuick, kernels, machine, listener } = options, start = performance.now();
  listener.doing("the system");
  const system = await systemFacts(machine), advice = await adapterAdvice(machine);
  let failure: string | null = null, device: Device | null = null;
  try {
    if (!isOldDeno(system.deno)) device = await openDevice(kernels && { kernels });
  } catch (error) {
    failure = (error as Error).message;
  }
  const facts: Facts = { ...system, adapter: device && await adapterFacts(device) };
  listener.facts(facts);
  const { costs, checks } = device ? await checkAll(device, facts, options) : { costs: null, checks: [] };
  const problems = problemsOf(facts, checks, advice, failure), seconds = (performance.now() - start) / 1000;
  const healthy = facts.adapter !== null && problems.every(({ severity }) => severity !== "error");
  return {
    facts,
    costs,
    checks,
    problems,
    healthy,
    verdict: verdictOf(facts, checks, problems, isQuick),
    seconds,
  };
}
