/**
 * Every operation and layer, forward and back, and every family of kernels, against the float64 reference of the tests.
 *
 * @module
 */
import { printProgram } from "../../tests/support/programs/print.ts";
import { DRAWN, randomProgram } from "../../tests/support/programs/generator.ts";
import type { Program } from "../../tests/support/programs/program.ts";
import { type Expected, expected } from "../../tests/support/programs/reference/mod.ts";
import {
  type Distance,
  type Mode,
  type Outcome,
  outcomesOf,
  type Read,
} from "../../tests/support/programs/run.ts";
import type { DeviceOptions } from "../../mod.ts";
import { FAMILY_PROGRAMS } from "./families.ts";
import { inFloat64, readFloat64 } from "./float64.ts";
import type { Check, Group } from "./report.ts";

/** Programs about each operation. */
const ROUNDS = 3;
/**
 * Units in the last place of the largest element that a family's result may be off at most: bounds of long sums are wide,
 * as they hold for any order of the terms. What is right stays below 40.
 */
const MOST_ULPS = 256;

/**
 * Units of float32 that the same kernels may be off in float64. Where a kernel has a constant of eight digits, or the
 * reference an option that the GPU is given as float32, half a unit is theirs.
 */
const MOST_ULPS_64 = 2 ** -10, MOST_OF_FLOAT32 = 0.5;
/** Operations and layers with such numbers. */
const HAVE_FLOAT32 =
  /^(nn\.)?(erf|gelu|smoothL1Loss|crossEntropy|crossEntropyLoss|poissonNLLLoss|selu|hardtanh|quantile|alphaDropout|exp2|log2|log10)$/i;

/** A program, what it is about, and what it gives in float64. */
export interface Subject {
  readonly name: string;
  readonly program: Program;
  readonly expected: Expected;
}

/** Which operations, layers or families are looked at, by name; all unless given. */
export type Only = (name: string) => boolean;
/** All of them. */
export const ALL: Only = () => true;

/** A program about an operation or layer, each in its turn. */
export function subjectOf(seed: number): Subject {
  const program = randomProgram(seed, 1);
  return { name: DRAWN[seed % DRAWN.length], program, expected: expected(program) };
}

/** Programs about every operation and layer. */
function operationSubjects(rounds: number, only: Only): Subject[] {
  const seeds = Array.from({ length: rounds * DRAWN.length }, (_, seed) => seed);
  return seeds.filter((seed) => only(DRAWN[seed % DRAWN.length])).map(subjectOf);
}

const isGradient = ({ name }: Distance) => name.endsWith(".grad");
const most = (of: readonly number[]) => of.reduce((a, b) => Math.max(a, b), 0);

/** A text that runs, for whoever looks into it. */
function reproduction({ program, expected }: Subject, mode: Mode, wanted: string): string {
  return printProgram(program, { ...expected, compiled: mode === "compiled", device: "{}", wanted });
}

/** What one run of a program says of its subject. */
function judge(
  subject: Subject,
  mode: Mode,
  outcome: Outcome,
  mostUlps: number,
): Pick<Check, "ok" | "ulps" | "gradientUlps" | "found"> {
  if (outcome instanceof Error) {
    if (!outcome.message.startsWith("Cannot ")) throw outcome; // a bug of ours
    return { ok: false, found: [`${mode}: ${outcome.message}`, reproduction(subject, mode, "")] };
  }
  const all = outcome.flat(), wrong = all.filter(({ ulps, share }) => share > 1 || ulps > mostUlps);
  const worst = wrong.toSorted((a, b) => b.share - a.share || b.ulps - a.ulps)[0];
  return {
    ok: worst === undefined,
    ulps: most(all.filter((d) => !isGradient(d)).map(({ ulps }) => ulps)),
    ...(all.some(isGradient) && { gradientUlps: most(all.filter(isGradient).map(({ ulps }) => ulps)) }),
    found: worst ? [`${mode}: ${worst.message}`, reproduction(subject, mode, worst.name)] : [],
  };
}

/** One check of all that was said of one name. */
function together(group: Group, name: string, parts: readonly ReturnType<typeof judge>[]): Check {
  const gradients = parts.flatMap(({ gradientUlps }) => gradientUlps ?? []);
  return {
    group,
    name,
    ok: parts.every(({ ok }) => ok),
    ulps: most(parts.map(({ ulps = 0 }) => ulps)),
    ...(gradients.length > 0 && { gradientUlps: most(gradients) }),
    found: parts.find(({ ok }) => !ok)?.found ?? [],
  };
}

async function checksOf(
  group: Group,
  subjects: readonly Subject[],
  modes: readonly Mode[],
  mostUlps: (name: string) => number = () => Infinity,
  read?: Read,
): Promise<Check[]> {
  const parts = new Map<string, ReturnType<typeof judge>[]>(subjects.map(({ name }) => [name, []]));
  for (const mode of modes) {
    const programs = subjects.map(({ program }) => program),
      wanted = subjects.map(({ expected }) => expected);
    const outcomes = await outcomesOf(programs, mode, wanted, read);
    outcomes.forEach((outcome, k) =>
      parts.get(subjects[k].name)!.push(judge(subjects[k], mode, outcome, mostUlps(subjects[k].name)))
    );
  }
  return [...parts].map(([name, all]) => together(group, name, all));
}

/** Runs random programs about every operation and layer, as written and captured. */
export async function operationChecks(only = ALL): Promise<Check[]> {
  return await checksOf("operations", operationSubjects(ROUNDS, only), ["eager", "compiled"]);
}

/**
 * Runs the same programs as written, with the library's own kernels in float64: formulas of values and gradients are held
 * to the reference thousands of times as closely as float32 can. No device may be open.
 */
export async function float64Checks(options: DeviceOptions, only = ALL): Promise<Check[]> {
  const subjects = operationSubjects(1, only);
  const most = (name: string) => HAVE_FLOAT32.test(name) ? MOST_OF_FLOAT32 : MOST_ULPS_64;
  return await inFloat64(options, () => checksOf("float64", subjects, ["eager"], most, readFloat64));
}

/** Runs a program of each family of kernels, with its gradients. */
export async function familyChecks(isQuick: boolean, only = ALL): Promise<Check[]> {
  const subjects = FAMILY_PROGRAMS.filter((family) => (!isQuick || family.isQuick) && only(family.name))
    .map(({ name, program }) => ({ name, program, expected: expected(program) }));
  return await checksOf("families", subjects, isQuick ? ["eager"] : ["eager", "compiled"], () => MOST_ULPS);
}
