/**
 * Running programs with the library, and comparing what they give with the reference.
 *
 * @module
 */
import * as plunge from "../../../mod.ts";
import { compile, manualSeed, nn, scope, type Tensor } from "../../../mod.ts";
import { layer, leaf, stateOf, stateOptions } from "./leaf.ts";
import { leafNumbers, lossSeed, METHODS, outputsOf, type Program, resolve, runStep } from "./program.ts";
import { type Expected, expected } from "./reference/mod.ts";
import { UNIT } from "./tape.ts";

/** What a program gave: numbers by the text that names them. */
export type Results = Map<string, ArrayLike<number>>;

// deno-lint-ignore no-explicit-any
type Api = Record<string, any>;

/** The leaves and layers of a program on the device that is open. */
class Instance {
  readonly #values = new Map<string, unknown>();
  readonly #program: Program;
  readonly #lossNames: readonly string[];
  readonly #weights = new Map<string, Tensor>();

  constructor(program: Program, { lossNames, shapes }: Expected) {
    this.#program = program;
    this.#lossNames = lossNames;
    for (const { name, shape, ...options } of program.leaves) this.#values.set(name, leaf(shape, options));
    for (const { name, kind, args } of program.layers) {
      const make = (nn as Api)[kind] as new (...args: unknown[]) => nn.Module;
      this.#values.set(name, new make(...args.map((a) => resolve(a, this.#values))));
    }
    for (const name of lossNames) this.#weights.set(name, leaf(shapes.get(name)!, { seed: lossSeed(name) }));
  }

  /** Puts everything back to where it begins. */
  reset(): void {
    for (const l of this.#program.layers) {
      const module = layer(this.#values.get(l.name) as nn.Module, l);
      for (const p of module.parameters()) p.clearGrad();
    }
    for (const { name } of this.#program.leaves) (this.#values.get(name) as Tensor).clearGrad();
    manualSeed(this.#program.seed);
  }

  /** The leaves, in order. */
  leaves(): Tensor[] {
    return this.#program.leaves.map(({ name }) => this.#values.get(name) as Tensor);
  }

  /** Runs the program forward and back; gives its outputs. `leaves` stand in for its own. */
  run(leaves: readonly Tensor[] = this.leaves()): Tensor[] {
    const values = new Map(this.#values);
    this.#program.leaves.forEach(({ name }, k) => values.set(name, leaves[k]));
    for (const step of this.#program.steps) {
      runStep(step, values, ({ fn, layer }, [self, ...rest]) => {
        if (layer) return (values.get(layer) as nn.Module).forward(self, ...rest);
        if (METHODS.has(fn)) return (self as Api)[fn](...rest);
        return (plunge as Api)[fn](self, ...rest);
      });
    }
    const parts = this.#lossNames.map((n) => (values.get(n) as Tensor).mul(this.#weights.get(n)!).sum());
    if (parts.length > 0) parts.reduce((a, b) => a.add(b)).backward();
    return outputsOf(this.#program).map((name) => values.get(name) as Tensor);
  }

  /** Lets somebody change what gradients are taken in. */
  change(change: Change): void {
    const { leaves, layers } = this.#program;
    for (const l of leaves) {
      if (l.requiresGrad) change(l.name, this.#values.get(l.name) as Tensor, leafNumbers(l.shape, l));
    }
    for (const { name, seed } of layers) {
      stateOf(this.#values.get(name) as nn.Module).forEach(([field, t], k) => {
        if (!t.requiresGrad) return;
        change(`${name}.${field}`, t, leafNumbers(t.shape, stateOptions(field, seed, k)));
      });
    }
  }

  /** Reads what the program gave. */
  async read(outputs: readonly Tensor[], read: Read): Promise<Results> {
    const all: [string, Tensor][] = outputsOf(this.#program).map((name, k) => [name, outputs[k]]);
    for (const { name } of this.#program.leaves) {
      this.#addGradient(all, name, this.#values.get(name) as Tensor);
    }
    for (const { name } of this.#program.layers) {
      for (const [field, t] of stateOf(this.#values.get(name) as nn.Module)) {
        if (field.startsWith("running")) all.push([`${name}.${field}`, t]);
        else this.#addGradient(all, `${name}.${field}`, t);
      }
    }
    const data = await Promise.all(all.map(([, t]) => read(t)));
    return new Map(all.map(([name], k) => [name, data[k]]));
  }

  #addGradient(all: [string, Tensor][], name: string, t: Tensor): void {
    if (t.grad) all.push([`${name}.grad`, t.grad]);
  }

  /** Frees what outlives a scope. */
  dispose(): void {
    for (const { name } of this.#program.layers) {
      for (const [, t] of stateOf(this.#values.get(name) as nn.Module)) {
        t.clearGrad();
        t.dispose();
      }
    }
  }
}

/** How programs are run: one operation after the other, or captured and replayed. */
export type Mode = "eager" | "compiled";

/** Changes a tensor, whose numbers it is told, before a run. */
export type Change = (name: string, t: Tensor, numbers: Float32Array) => void;
/** How a tensor is read. */
export type Read = (t: Tensor) => Promise<ArrayLike<number>>;
const readData: Read = (t) => t.data();

/** Starts a program on the device that is open; what is read is there when all that is queued has run. */
function start(program: Program, mode: Mode, wanted: Expected, read: Read): Promise<Results>[] {
  using _all = scope();
  const instance = new Instance(program, wanted);
  const runOnce = (run: () => Tensor[]) => {
    instance.reset();
    return instance.read(run(), read);
  };
  try {
    if (mode === "eager") return [runOnce(() => instance.run())];
    // half of the programs are given their leaves, the others have them by closure
    const given = program.seed % 2 === 0 ? instance.leaves() : [];
    const step = compile((...leaves: Tensor[]) => instance.run(leaves.length > 0 ? leaves : undefined));
    const results = [0, 1].map(() => runOnce(() => step(...given) as Tensor[]));
    step.dispose();
    return results;
  } finally {
    instance.dispose();
  }
}

/** What differs from the reference, the worst first; nothing if all agrees. */
export interface Failure {
  readonly program: Program;
  readonly expected: Expected;
  readonly mode: Mode;
  /** What differs, or the error. */
  readonly message: string;
  /** The text that names what differs. */
  readonly name: string;
}

/** Runs a program once as written, from changed numbers; gives what it gave. */
export function resultsOf(program: Program, wanted: Expected, change: Change, read: Read): Promise<Results> {
  using _all = scope();
  const instance = new Instance(program, wanted);
  try {
    instance.reset();
    instance.change(change);
    return instance.read(instance.run(), read);
  } finally {
    instance.dispose();
  }
}

/** How far a result is off the reference. */
export interface Distance {
  /** The text that names the result. */
  readonly name: string;
  /** The largest error, in units in the last place of the result's largest element. */
  readonly ulps: number;
  /** The largest error, as a share of what rounding explains; above 1 the result is wrong. */
  readonly share: number;
  /** Where that is. */
  readonly message: string;
}

/** Compares results with the reference: each may be off by its bound, and as much again for what first order leaves out. */
function distancesOf({ wanted }: Expected, got: Results): Distance[] {
  const missing = [...wanted.keys()].filter((name) =>
    !got.has(name) && wanted.get(name)!.data.some((v) => v !== 0)
  );
  if (missing.length > 0) return missing.map((name) => unlike(name, `${name} is missing`));
  return [...got].map(([name, numbers]) => {
    const n = numbers.length;
    const { data, err } = wanted.get(name) ?? { data: new Float64Array(n), err: new Float64Array(n) };
    if (data.length === n) return distanceOf(name, numbers, data, err);
    return unlike(name, `${name} has ${n} elements, not ${data.length}`);
  });
}

function unlike(name: string, message: string): Distance {
  return { name, ulps: Infinity, share: Infinity, message };
}

function distanceOf(
  name: string,
  numbers: ArrayLike<number>,
  data: Float64Array,
  err: Float64Array,
): Distance {
  const largest = data.reduce((most, v) => Math.max(most, Math.abs(v)), 2 ** -126);
  const unit = 2 ** (Math.floor(Math.log2(largest)) - 23);
  let ulps = 0, share = 0, message = "";
  for (let i = 0; i < data.length; i++) {
    const allowed = 2 * err[i] + UNIT * Math.abs(data[i]), off = Math.abs(numbers[i] - data[i]);
    const part = off === 0 ? 0 : off / (allowed || 1e-45), excess = Number.isNaN(part) ? Infinity : part;
    if (allowed < Infinity) ulps = Math.max(ulps, Number.isNaN(off) ? Infinity : off / unit);
    if (excess <= share) continue;
    share = excess;
    message = `${name}[${i}] is ${numbers[i]}, not ${data[i]} within ${allowed.toExponential(2)}`;
  }
  return { name, ulps, share, message };
}

/** How far each result of a program is off, in each of its runs; or the error that ended it. */
export type Outcome = readonly (readonly Distance[])[] | Error;

/** Runs programs on the device that is open, many before anything is read; tells how far each is off. */
export async function outcomesOf(
  programs: readonly Program[],
  mode: Mode,
  wanted: readonly Expected[] = programs.map((p) => expected(p)),
  read = readData,
): Promise<Outcome[]> {
  const started = programs.map((program, k) => {
    try {
      return Promise.all(start(program, mode, wanted[k], read))
        .then((all) => all.map((results) => distancesOf(wanted[k], results)), (error: Error) => error);
    } catch (error) {
      return error as Error;
    }
  });
  return await Promise.all(started);
}

/** Runs programs on the device that is open, and returns those that fail. */
export async function failuresOf(
  programs: readonly Program[],
  mode: Mode,
  wanted: readonly Expected[] = programs.map((p) => expected(p)),
): Promise<Failure[]> {
  const outcomes = await outcomesOf(programs, mode, wanted);
  return outcomes.flatMap((outcome, k) => {
    const failure = { program: programs[k], expected: wanted[k], mode };
    if (outcome instanceof Error) return [{ ...failure, name: "", message: String(outcome) }];
    const [first] = outcome.map((distances) => distances.toSorted((a, b) => b.share - a.share)[0])
      .filter((worst) => worst?.share > 1);
    return first ? [{ ...failure, name: first.name, message: first.message }] : [];
  });
}
