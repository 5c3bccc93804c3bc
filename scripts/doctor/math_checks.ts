/**
 * The functions of mathematics that kernels call, and WGSL's own beside them.
 *
 * @module
 */
import { MATH, type MathFunction, type MathResult, measureMath } from "../../tests/support/math_functions.ts";
import { BINARY_NAMES, UNARY_NAMES, wrongBinary, wrongUnary } from "../../tests/support/special_values.ts";
import type { Check } from "./report.ts";
import { tried } from "./tried.ts";

/** Which of the arguments a quick look takes. */
const QUICK_EVERY = 16;
/** What a quick look tries of special values. */
const QUICK_SPECIAL = [
  "exp",
  "log",
  "sqrt",
  "relu",
  "clamp",
  "sign",
  "isnan",
  "isfinite",
  "add",
  "maximum",
  "pow",
];

function builtIn(fn: MathFunction): MathFunction {
  return { ...fn, name: fn.builtIn!, wgsl: fn.builtIn! };
}

function checkOf(fn: MathFunction, ours: MathResult, theirs: MathResult | undefined): Check {
  return {
    group: "mathematics",
    name: fn.name,
    ok: ours.wrong.length === 0,
    ulps: ours.ulps,
    ...(theirs && { builtInUlps: theirs.ulps, builtInKeeps: theirs.isKeeping }),
    found: ours.wrong,
  };
}

/**
 * Compares every function with float64.
 *
 * @param isQuick Whether all are run in one kernel, at a sixteenth of the arguments. Else each is a kernel of its own, so
 * that a compiler cannot mix them up.
 */
export async function mathChecks(isQuick: boolean): Promise<Check[]> {
  const beside = MATH.filter((fn) => fn.builtIn), own = beside.map(builtIn);
  if (isQuick) {
    return await tried("mathematics", "all functions in one kernel", async () => {
      const results = await measureMath([...MATH, ...own], QUICK_EVERY), theirs = results.slice(MATH.length);
      return MATH.map((fn, k) => checkOf(fn, results[k], theirs[beside.indexOf(fn)]));
    });
  }
  const checks: Check[] = [];
  for (const fn of MATH) {
    checks.push(
      ...await tried("mathematics", fn.name, async () => {
        const [ours] = await measureMath([fn]), [theirs] = fn.builtIn ? await measureMath([builtIn(fn)]) : [];
        return [checkOf(fn, ours, theirs)];
      }),
    );
  }
  return checks;
}

/** Runs the elementwise operations at NaN, infinities, signed zeros, the least and the greatest numbers. */
export async function specialChecks(isQuick: boolean): Promise<Check[]> {
  const wanted = (name: string) => !isQuick || QUICK_SPECIAL.includes(name), checks: Check[] = [];
  for (const [names, wrongOf] of [[UNARY_NAMES, wrongUnary], [BINARY_NAMES, wrongBinary]] as const) {
    for (const name of names.filter(wanted)) {
      checks.push(
        ...await tried("special", name, async () => {
          const wrong = await wrongOf(name);
          return [{ group: "special", name, ok: wrong.length === 0, found: wrong.slice(0, 5) }];
        }),
      );
    }
  }
  return checks;
}
