/**
 * What optimisers share: parameter groups, their state, and the two methods of a training loop.
 *
 * @module
 */
import { groupBy } from "../../ops/gpu/group_by.ts";
import { sameShape, show } from "../../ops/core/shape.ts";
import { type OptionKinds, type Signature, signature } from "../../ops/core/signature.ts";
import { TENSOR } from "../../ops/core/tensor/kinds.ts";
import { holders } from "../holders.ts";
import { copied, present } from "../options.ts";
import { bool, list } from "../repr.ts";
import { kindsLike } from "./_option_kinds.ts";
import { type StateSlot, StateSlots } from "./_state.ts";
import { askedOnce, type UpdateRule } from "./_update_rule.ts";
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { inOptimizer } from "../../ops/core/place.ts";
import { full } from "../../ops/core/tensor/create.ts";
import { dependOn } from "../../ops/core/recorder.ts";
import { updateAll } from "../../ops/core/families/foreach.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { describe, isPlainObject } from "../../ops/core/describe.ts";
import {
  ANYTHING,
  either,
  ITERABLE,
  listOf,
  nullable,
  NUMBER,
  recordOf,
  required,
} from "../../ops/core/kinds.ts";

/** Parameters with options of their own; options that a group leaves out are the optimiser's. */
export type ParameterGroup<Options> = { params: Iterable<Tensor> } & Partial<Options>;

/** Parameters with all their options. The options can be changed between steps. */
export type FullGroup<Options> = {
  params: Tensor[];
  /** The rate that schedules start from; set by the first schedule. */
  initialLr?: number;
} & Options;

/** What an optimiser remembers of one parameter: tensors by PyTorch's names, and the number of its steps. */
export type ParameterState = Record<string, Tensor | number | null>;

/** What `stateDict` gives: the state of each parameter by its number, counted over all groups, and the groups. */
export interface OptimizerStateDict<Options> {
  /** States of the parameters that have been updated. */
  state: Record<number, ParameterState>;
  /** The options of each group, and the numbers of its parameters. */
  paramGroups: (Omit<FullGroup<Options>, "params"> & { params: number[] })[];
}

const takesParams = signature("make an optimiser", { params: listOf(TENSOR, "tensors") });
const takesState = signature<OptimizerStateDict<unknown>>("load an optimiser's state", {}, {
  state: required(recordOf(recordOf(nullable(either(TENSOR, NUMBER)), "tensors and numbers"), "states")),
  paramGroups: required(listOf(recordOf(ANYTHING, "options"), "groups")),
});

/**
 * The base of all optimisers.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, optim } from "@plunge/plunge";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.Linear(8, 2));
 * const opt: optim.Optimizer<{ lr: number }> = new optim.SGD([
 *   { params: net[0].parameters(), lr: 0.01 },
 *   { params: net[1].parameters() },
 * ], { lr: 0.1 });
 * assertEquals(opt.paramGroups.map(({ lr, params }) => [lr, params.length]), [[0.01, 2], [0.1, 2]]);
 * assertInstanceOf(opt, optim.SGD);
 * ```
 */
export abstract class Optimizer<Options extends { lr: number }> {
  /** The parameters with their options. A schedule, or you, may change `lr` there between steps. */
  readonly paramGroups: FullGroup<Options>[] = [];
  readonly #defaults: Options;
  readonly #slots = new StateSlots();
  readonly #takesGroup: Signature<ParameterGroup<Options>>;
  /** Whether a later optimiser took one of the parameters: a captured step may then be meant to use that one. */
  #isSuperseded = false;

  /**
   * Takes the parameters.
   *
   * @param params Tensors that require a gradient, or groups of them.
   * @param defaults The options of parameters that have none of their own.
   * @throws {RangeError} If there is none; {@linkcode TypeError} if one does not require a gradient.
   */
  constructor(params: Iterable<Tensor> | Iterable<ParameterGroup<Options>>, defaults: Options) {
    this.#defaults = defaults;
    this.#takesGroup = signature<ParameterGroup<Options>>("add a parameter group", {}, {
      ...kindsLike(defaults),
      params: required(ITERABLE),
      initialLr: NUMBER,
    } as unknown as OptionKinds<ParameterGroup<Options>>);
    const given: readonly unknown[] = [...params];
    if (given.length === 0) {
      throw new RangeError(
        "Cannot make an optimiser as there must be parameters: none were given (a module has those in its fields, not in #private ones)",
      );
    }
    const groups: Iterable<unknown> = given[0] instanceof Tensor || !isPlainObject(given[0])
      ? [{ params: given }]
      : given;
    for (const group of groups) this.addParamGroup(group as ParameterGroup<Options>);
  }

  /**
   * Takes further parameters, such as the parameters of layers that were frozen so far.
   *
   * @param group The parameters, with options of their own where wanted.
   * @throws {RangeError} If there is none, one is there already, or an option is out of range; {@linkcode TypeError} if
   *   one does not require a gradient.
   */
  addParamGroup(group: ParameterGroup<Options>): void {
    this.#takesGroup(arguments);
    const params = [...group.params];
    takesParams([params]);
    const full = { ...this.#defaults, ...present(group), params } as FullGroup<Options>;
    if (params.length === 0) {
      throw new RangeError("Cannot make an optimiser as there must be parameters: none were given");
    }
    const all = [...this.paramGroups.flatMap((g) => g.params), ...params];
    if (new Set(all).size !== all.length) {
      throw new RangeError("Cannot make an optimiser as a parameter must be in one group: one came twice");
    }
    const idle = all.findIndex((p) => !p.requiresGrad);
    if (idle >= 0) {
      throw new TypeError(
        `Cannot make an optimiser as its parameters must require a gradient: number ${idle} does not`,
      );
    }
    this.check(full);
    this.paramGroups.push(full);
    for (const p of params) {
      const before = holders.get(p);
      if (before instanceof Optimizer && before !== this) before.#isSuperseded = true;
      holders.set(p, this);
    }
  }

  /** Updates every parameter that has a gradient, all of a group in one dispatch where the adapter binds as many. */
  step(): void {
    inOptimizer(this.constructor.name, () => noGrad(() => this.#step()));
  }

  #step(): void {
    dependOn(() => this.paramGroups.length);
    dependOn(() => this.#isSuperseded);
    for (const group of this.paramGroups) this.#numbers(group, 1); // before any of them is updated
    for (const group of this.paramGroups) {
      const params = group.params.filter((p) => p.grad);
      if (params.length === 0) continue;
      const rule = this.rule(group);
      dependOn(() => this.rule(group).program);
      if (rule.states.length === 0) {
        updateAll(rule.name, rule.program, [0], params.map((p) => ({ tensors: [p, p.grad!] })), {
          numbers: askedOnce(rule.program.numbers.length, () => this.#numbers(group, 1)),
        });
        continue;
      }
      this.#slots.allot(group.params);
      const slotted = params.map((p) => ({ p, slot: this.#slots.get(p)! }));
      for (const [, same] of groupBy(slotted, (s) => s.slot.steps)) this.#update(group, rule, same);
    }
  }

  /** Updates parameters of a group that have made as many steps as one another. */
  #update(group: FullGroup<Options>, rule: UpdateRule, same: { p: Tensor; slot: StateSlot }[]): void {
    const { name, program, states, initial } = rule, slots = same.map(({ slot }) => slot);
    dependOn(() =>
      same.every(({ p, slot }) => this.#slots.get(p) === slot && slot.steps === slots[0]!.steps)
    );
    const members = same.map(({ p, slot: { flat, offset } }) => ({
      tensors: [p, p.grad!],
      flat: states.map((state) => flat.tensor(state, initial)),
      offset,
    }));
    const targets = [0, ...states.map((_, k) => 2 + k)];
    updateAll(name, program, targets, members, {
      numbers: askedOnce(program.numbers.length, () => {
        const numbers = this.#numbers(group, slots[0]!.steps + 1);
        for (const slot of slots) slot.steps++;
        return numbers;
      }),
    });
  }

  /** The numbers of a step, if they are any: a schedule, or whoever sets the options of a group, may have spoilt them. */
  #numbers(group: FullGroup<Options>, step: number): number[] {
    const numbers = this.rule(group).numbers(step);
    if (!numbers.every(Number.isFinite)) {
      for (const [name, value] of Object.entries(group)) {
        const known = this.#defaults[name as keyof Options];
        if (typeof known !== "number" || Number.isFinite(value)) continue;
        const message = `Cannot step ${this.constructor.name} as ${name} must be a finite number: ${
          describe(value)
        }`;
        throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
      }
    }
    return numbers;
  }

  /** Drops all gradients. */
  zeroGrad(): void {
    for (const { params } of this.paramGroups) {
      for (const p of params) p.clearGrad();
    }
  }

  /**
   * Returns all that the next steps depend on, in PyTorch's structure: `state` holds tensors under PyTorch's own names
   * (`momentum_buffer`, `exp_avg`, …) and the number of steps as `step`, `paramGroups` the options by their names here.
   *
   * @returns The state; its tensors are copies.
   */
  stateDict(): OptimizerStateDict<Options> {
    const state: Record<number, ParameterState> = {};
    let next = 0;
    const paramGroups = this.paramGroups.map(({ params, ...options }) => {
      const { states, initial } = this.rule({ params, ...options } as FullGroup<Options>);
      const first = next;
      params.forEach((p, k) => {
        const slot = this.#slots.get(p);
        if (!slot || slot.steps === 0) return;
        const tensors = states.map((name) => [name, this.#slots.read(p, name, initial)]);
        state[first + k] = {
          ...(this.countsSteps ? { step: slot.steps } : {}),
          ...Object.fromEntries(tensors),
        };
      });
      next += params.length;
      return { ...copied(options), params: params.map((_, k) => first + k) };
    });
    return { state, paramGroups } as OptimizerStateDict<Options>;
  }

  /**
   * Goes on from a state that `stateDict` gave. The values are copied.
   *
   * @param dict The state. A parameter that the state does not mention starts anew.
   * @throws {RangeError} If the groups do not match, or the names or shapes of a parameter's tensors. Nothing is copied then.
   */
  loadStateDict(dict: OptimizerStateDict<Options>): void {
    takesState(arguments);
    for (const group of dict.paramGroups) this.#takesGroup([group]);
    const sizes = this.paramGroups.map(({ params }) => params.length);
    const given = dict.paramGroups.map(({ params }) => params.length);
    if (!sameShape(sizes, given)) {
      throw new RangeError(
        `Cannot load an optimiser's state as its groups must have ${show(sizes)} parameters: they have ${
          show(given)
        }`,
      );
    }
    checkNumbers(dict);
    const loaded = dict.paramGroups.map(({ params: numbers, ...options }, g) => {
      const own = this.paramGroups[g]!, { params } = own;
      const group = { ...own, ...copied(options), params } as FullGroup<Options>;
      this.check(group);
      const rule = this.rule(group);
      const states = params.map((p, k) => ({ p, number: numbers[k]!, state: dict.state[numbers[k]!] ?? {} }));
      for (const { p, number, state } of states) checkState(number, p, state, rule);
      return { own, group, rule, states };
    });
    for (const { own, group, rule, states } of loaded) {
      Object.assign(own, group);
      if (rule.states.length === 0) continue;
      this.#slots.allot(group.params);
      for (const { p, state } of states) this.#load(p, state, rule);
    }
  }

  #load(p: Tensor, state: ParameterState, { states, initial }: UpdateRule): void {
    const known = isKnown(state);
    this.#slots.get(p)!.steps = known ? typeof state.step === "number" ? state.step : 1 : 0;
    for (const name of states) {
      if (known) this.#slots.write(p, name, initial, state[name] as Tensor);
      else {
        const fresh = full(p.shape, initial);
        this.#slots.write(p, name, initial, fresh);
        fresh.dispose();
      }
    }
  }

  /** Frees the states; the next step is a first step. The parameters stay. */
  dispose(): void {
    this.#slots.dispose();
  }

  /** Prints the groups as PyTorch does, under the names that options have here. */
  toString(): string {
    const lines = this.paramGroups.flatMap(({ params: _, ...options }, k) => [
      `Parameter Group ${k}`,
      ...Object.entries(options).sort(([a], [b]) => a < b ? -1 : 1).map(([name, value]) =>
        `    ${name}: ${printed(value)}`
      ),
    ]);
    return `${this.constructor.name} (\n${lines.join("\n")}\n)`;
  }

  /** Prints the groups so where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  /** Whether the number of steps belongs to the state. */
  protected get countsSteps(): boolean {
    return true;
  }

  /** A copy of a parameter's state; it was updated before. */
  protected stateOf(p: Tensor, name: string): Tensor {
    return this.#slots.read(p, name, 0);
  }

  /** Refuses options that are out of range. */
  protected abstract check(group: FullGroup<Options>): void;

  /**
   * How a group is updated, as its options are now.
   *
   * @internal
   */
  protected abstract rule(group: FullGroup<Options>): UpdateRule;
}

function printed(value: unknown): string {
  if (typeof value === "boolean") return bool(value);
  return Array.isArray(value) ? list(value) : String(value);
}

/** Whether a state holds any tensor; PyTorch's SGD without momentum has `null` there. */
function isKnown(state: ParameterState): boolean {
  return Object.values(state).some((v) => v !== null && typeof v !== "number");
}

/** Refuses a state in which parameters have no numbers of their own, or that is of parameters which no group has. */
function checkNumbers({ paramGroups, state }: OptimizerStateDict<unknown>): void {
  const numbers = paramGroups.flatMap(({ params }) => params);
  const own = new Set<number>(), names = new Set(numbers.map(String));
  const wrong = numbers.findIndex((n) => !Number.isSafeInteger(n) || own.size === own.add(n).size);
  const stray = Object.keys(state).find((name) => !names.has(name));
  if (wrong < 0 && stray === undefined) return;
  throw new RangeError(
    `Cannot load an optimiser's state as each parameter must have a number of its own: ${
      wrong < 0 ? `no group has number ${stray}` : `the one at ${wrong} has ${describe(numbers[wrong])}`
    }`,
  );
}

function checkState(number: number, p: Tensor, state: ParameterState, { states }: UpdateRule): void {
  if (!isKnown(state)) return;
  const names = Object.keys(state).filter((name) => name !== "step" && state[name] !== null);
  if (names.toSorted().join() !== states.toSorted().join()) {
    throw new RangeError(
      `Cannot load an optimiser's state as parameter ${number} needs [${states.join(", ")}]: it has [${
        names.join(", ")
      }]`,
    );
  }
  const { step } = state;
  if (typeof step === "number" && !(Number.isSafeInteger(step) && step >= 0)) {
    throw new RangeError(
      `Cannot load an optimiser's state as step of parameter ${number} must be a whole number from 0 up: ${step}`,
    );
  }
  for (const name of names) {
    const { [name]: found } = state;
    if (found instanceof Tensor && sameShape(found.shape, p.shape)) continue;
    throw new RangeError(
      `Cannot load an optimiser's state as ${name} of parameter ${number} must have shape ${show(p.shape)}: ${
        found instanceof Tensor ? `it has ${show(found.shape)}` : `it is ${describe(found)}`
      }`,
    );
  }
}

/** Refuses options that are not numbers from 0 up, and below `limit` where one is given. */
export function checkOptions(
  optimizer: string,
  options: Readonly<Record<string, number>>,
  limit?: number,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value >= 0 && (limit === undefined || value < limit)) continue;
    const range = limit === undefined ? "a number from 0 up" : `from 0 to below ${limit}`;
    throw new RangeError(`Cannot make ${optimizer} as ${name} must be ${range}: ${value}`);
  }
}
