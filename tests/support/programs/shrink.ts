/**
 * Making a program that fails smaller, by deleting what it does without.
 *
 * @module
 */
import { type Arg, type Leaf, namesIn, type Program, pruned, Ref, type Step } from "./program.ts";
import { expected, Reference } from "./reference/mod.ts";
import type { Value } from "./tape.ts";

/** The program without a step and all that comes of it. */
function without(program: Program, k: number): Program {
  const gone = new Set(program.steps[k].names);
  const steps = program.steps.filter((step, j) => {
    if (j < k) return true;
    const isGone = j === k || namesIn(step.args).some((name) => gone.has(name));
    if (isGone) step.names.forEach((name) => gone.add(name));
    return !isGone;
  });
  return { ...program, steps };
}

/** The program in which the results of a step are leaves, of the shapes that they have. */
function cutAt(program: Program, k: number, values: ReadonlyMap<string, unknown>): Program {
  const { names } = program.steps[k];
  const leaves = names.map((name, j): Leaf => {
    const { shape, dtype, requiresGrad } = values.get(name) as Value;
    const whole = dtype === "int32" ? { low: 0, high: 2 } : {};
    return { name, shape, dtype, seed: 1 + j, ...whole, ...(dtype === "float32" ? { requiresGrad } : {}) };
  });
  return { ...program, leaves: [...program.leaves, ...leaves], steps: program.steps.toSpliced(k, 1) };
}

/** The program in which the result of a step is one of the arguments, where that has its shape and type. */
function bridged(program: Program, k: number, values: ReadonlyMap<string, unknown>): Program[] {
  const { names, args } = program.steps[k];
  if (names.length !== 1) return [];
  const own = values.get(names[0]) as Value;
  return namesIn(args).filter((name) => {
    const other = values.get(name) as Value;
    return other.dtype === own.dtype && other.shape.join() === own.shape.join();
  }).map((name) => ({
    ...program,
    steps: program.steps.toSpliced(k, 1).map((s) => renamed(s, names[0], name)),
  }));
}

function renamed(step: Step, from: string, to: string): Step {
  const visit = (arg: Arg): Arg => {
    if (arg instanceof Ref) return arg.name === from ? new Ref(to) : arg;
    if (Array.isArray(arg)) return arg.map(visit);
    if (typeof arg !== "object" || arg === null) return arg;
    return Object.fromEntries(Object.entries(arg).map(([k, v]) => [k, visit(v)]));
  };
  return { ...step, args: step.args.map(visit) };
}

/** The arguments with one option less, each in turn. */
function lessOptions(args: readonly Arg[]): Arg[][] {
  const options = args.at(-1);
  if (typeof options !== "object" || options === null || Array.isArray(options) || options instanceof Ref) {
    return [];
  }
  const given = options as Record<string, Arg>;
  return Object.keys(given).map((name) => {
    const { [name]: _, ...rest } = given;
    return [...args.slice(0, -1), ...(Object.keys(rest).length > 0 ? [rest] : [])];
  });
}

/** Programs that are a little smaller, those that lack most first. */
function smaller(program: Program): Program[] {
  const reference = new Reference(program.seed);
  program.leaves.forEach((l) => reference.addLeaf(l));
  program.layers.forEach((l) => reference.addLayer(l));
  program.steps.forEach((s) => reference.run(s));
  const { values } = reference, places = [...program.steps.keys()];
  const changed = <T>(list: readonly T[], k: number, part: Partial<T>) =>
    list.with(k, { ...list[k], ...part });
  return [
    ...places.map((k) => without(program, k)),
    ...places.toReversed().map((k) => cutAt(program, k, values)),
    ...places.flatMap((k) => bridged(program, k, values)),
    ...program.steps.flatMap(({ args }, k) =>
      lessOptions(args).map((less) => ({ ...program, steps: changed(program.steps, k, { args: less }) }))
    ),
    ...program.layers.flatMap(({ args }, k) =>
      lessOptions(args).map((less) => ({ ...program, layers: changed(program.layers, k, { args: less }) }))
    ),
    ...program.leaves.flatMap((l, k) =>
      l.requiresGrad ? [{ ...program, leaves: changed(program.leaves, k, { requiresGrad: false }) }] : []
    ),
  ].map(pruned).filter((p) => p.steps.length > 0);
}

/** Whether the reference can run a program; what it lacks may be what something else needs. */
function makesSense(program: Program): boolean {
  try {
    return [...expected(program).wanted.values()].every(({ data, err }) =>
      data.every(Number.isFinite) && err.every(Number.isFinite)
    );
  } catch {
    return false;
  }
}

/**
 * Makes a program smaller as long as it fails.
 *
 * @param fails Whether a program still does.
 */
export async function shrink(
  program: Program,
  fails: (program: Program) => Promise<boolean>,
): Promise<Program> {
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of smaller(program)) {
      if (!makesSense(candidate) || !(await fails(candidate))) continue;
      program = candidate;
      isSmaller = true;
      break;
    }
  }
  return program;
}
