/**
 * Gradients against differences, both by the library's own kernels in float64.
 *
 * @module
 */
import type { DeviceOptions, Tensor } from "../../mod.ts";
import { DRAWN } from "../../tests/support/programs/generator.ts";
import { leafNumbers, lossSeed } from "../../tests/support/programs/program.ts";
import { type Results, resultsOf } from "../../tests/support/programs/run.ts";
import { inFloat64, readFloat64, writeFloat64 } from "./float64.ts";
import { ALL, type Subject, subjectOf } from "./program_checks.ts";
import type { Check } from "./report.ts";
import { tried } from "./tried.ts";

/** Step of the differences, and how far they may be from the gradients, as a share of what is added up. */
const STEP = 1e-6, MOST_APART = 1e-6;

/** Programs about an operation among which one is looked for. */
const TURNS = 8;

/** The direction in which numbers of this name are moved. */
const directionOf = (name: string, n: number) => leafNumbers([n], { seed: lossSeed(name) });

/** Runs a program from numbers that are moved by so much in their directions. */
function moved({ program, expected }: Subject, by: number): Promise<Results> {
  const change = (name: string, t: Tensor, numbers: Float32Array) => {
    const direction = directionOf(name, numbers.length);
    writeFloat64(t, Float64Array.from(numbers, (v, i) => v + by * direction[i]));
  };
  return resultsOf(program, expected, change, readFloat64);
}

/** The sum that gradients are taken of: outputs, unevenly weighted. */
function lossOf({ expected: { lossNames, shapes } }: Subject, results: Results): number {
  return lossNames.reduce((sum, name) => {
    const y = results.get(name)!;
    return leafNumbers(shapes.get(name)!, { seed: lossSeed(name) }).reduce(
      (part, w, i) => part + w * y[i],
      sum,
    );
  }, 0);
}

/** Whether there are gradients, and differences are like them: not across kinks on a grid, nor where one is left out. */
function isFit({ program: { leaves, steps, layers }, expected: { wanted } }: Subject): boolean {
  return [...wanted.keys()].some((name) => name.endsWith(".grad")) &&
    leaves.every(({ grid = 0 }) => grid === 0) &&
    !/"detach"|"paddingIdx"/.test(JSON.stringify([steps, layers]));
}

/** The first program about an operation that fits, if there is one among the first. */
function fitSubject(place: number): Subject | undefined {
  for (let turn = 0; turn < TURNS; turn++) {
    const subject = subjectOf(place + turn * DRAWN.length);
    if (isFit(subject)) return subject;
  }
  return undefined;
}

/** A program about each operation and layer that has gradients. */
export function gradientSubjects(only = ALL): Subject[] {
  return DRAWN.flatMap((name, place) => only(name) ? fitSubject(place) ?? [] : []);
}

/** How far the gradients of a program are from differences, as a share of what is added up. */
async function apart(subject: Subject): Promise<number> {
  const [high, here, low] = await Promise.all([STEP, 0, -STEP].map((by) => moved(subject, by)));
  let slope = 0, size = 0;
  for (const [name, gradient] of here) {
    if (!name.endsWith(".grad")) continue;
    directionOf(name.slice(0, -".grad".length), gradient.length).forEach((d, i) => {
      slope += d * gradient[i];
      size += Math.abs(d * gradient[i]);
    });
  }
  const difference = (lossOf(subject, high) - lossOf(subject, low)) / (2 * STEP);
  return Math.abs(difference - slope) / (1 + size);
}

/** Compares gradients of all operations and layers that have one with differences. No device may be open. */
export async function differenceChecks(options: DeviceOptions, only = ALL): Promise<Check[]> {
  const subjects = gradientSubjects(only), checks: Check[] = [];
  await inFloat64(options, async () => {
    for (const subject of subjects) {
      const { name } = subject;
      checks.push(
        ...await tried("gradients", name, async () => {
          const share = await apart(subject);
          const found = share <= MOST_APART
            ? []
            : [`gradients and differences are ${share.toExponential(1)} apart`];
          return [{ group: "gradients", name, ok: found.length === 0, apart: share, found }];
        }),
      );
    }
  });
  return checks;
}
