/**
 * The examination: all that is asked of a machine, in order.
 *
 * @module
 */
import { type Device, openDevice } from "../../mod.ts";
import type { Machine } from "../machine.ts";
import { adapterAdvice } from "../setup.ts";
import { measureCosts } from "./costs.ts";
import { adapterFacts, systemFacts } from "./facts.ts";
import { machineChecks } from "./machine_checks.ts";
import { mathChecks, specialChecks } from "./math_checks.ts";
import { isOldDeno, problemsOf, verdictOf } from "./problems.ts";
import { familyChecks, operationChecks } from "./program_checks.ts";
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

/** The groups of checks, and what runs them. */
function groupsOf(isQuick: boolean): [Group, string, () => Promise<Check[]>][] {
  return [
    ["machine", "loops and barriers", machineChecks],
    ["mathematics", "functions of mathematics", () => mathChecks(isQuick)],
    ["special", "NaN and infinities", () => specialChecks(isQuick)],
    ["families", "families of kernels", async () => [
      ...await familyChecks(isQuick),
      ...(isQuick ? [] : await winogradCheck()),
    ]],
    ...(isQuick ? [] : [["operations", "every operation and layer", operationChecks] as const])
      .map(([...group]) => group as [Group, string, () => Promise<Check[]>]),
  ];
}

/** Examines this machine. The device that it opens is closed when it ends. */
export async function examine({ isQuick, kernels, machine, listener }: ExamineOptions): Promise<Report> {
  const start = performance.now();
  listener.doing("the system");
  const system = await systemFacts(machine), advice = await adapterAdvice(machine), checks: Check[] = [];
  let costs: Costs | null = null, failure: string | null = null, device: Device | null = null;
  try {
    if (!isOldDeno(system.deno)) device = await openDevice(kernels && { kernels });
  } catch (error) {
    failure = (error as Error).message;
  }
  const facts: Facts = { ...system, adapter: device && await adapterFacts(device) };
  listener.facts(facts);
  if (device) {
    try {
      listener.doing("what things cost");
      costs = await measureCosts(device, isQuick);
      listener.costs(costs);
    } catch (error) {
      checks.push({ group: "machine", name: "costs", ok: false, found: [(error as Error).message] });
    }
    for (const [group, what, run] of groupsOf(isQuick)) {
      listener.doing(what);
      checks.push(...await tried(group, what, run));
      listener.group(group, checks);
    }
    device.close();
  }
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
