/**
 * `compile(fn)`: a step is captured once for the shapes of its inputs, planned, and replayed from then on.
 *
 * A plan belongs to the shapes and types of the tensors among the arguments, the values of the other arguments, and
 * what the step was seen to depend on outside the GPU (a module's mode, which parameters are frozen, whether a gradient
 * was there). When none of the plans fits, the function is captured again; so it is once tiles were measured (`autotune`).
 * Arguments and results are bound anew at each replay, so nothing is copied; results are tensors of their own.
 *
 * @module
 */
import { currentDevice, type Device } from "../../gpu/device.ts";
import type { Sequence } from "../../gpu/sequence.ts";
import { Storage } from "../../gpu/storage.ts";
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { tuningOf } from "../../kernels/tuning.ts";
import {
  CapturedArguments,
  isList,
  isRecord,
  rebuild,
  StandIns,
  StepArguments,
  tensorsIn,
  withoutWayBack,
} from "./stand_ins.ts";
import { isGradEnabled } from "../autograd/autograd.ts";
import { capture, gradStorage, type Guard, type Recording } from "./capture.ts";
import { currentRecorder } from "../recorder.ts";
import { Arena, type Plan, planStep, Slot } from "./plan.ts";
import { unscoped } from "../scope.ts";
import { Tensor } from "../tensor/tensor.ts";

/** A compiled function. */
export interface Compiled<Args extends unknown[], Result> {
  /** Runs the step. */
  (...args: Args): Result;
  /** How often the function was captured; a number that keeps growing says that something changes at each call. */
  readonly captures: number;
  /** Kernels of the plan that ran last. */
  readonly dispatches: number;
  /** Frees the plans and their memory. Gradients that a step left stay. */
  dispose(): void;
}

/** Where a result's memory comes from: the arguments, a value that lasts, or new memory at each replay. */
type Source = { kind: "argument"; at: number } | { kind: "lasting"; storage: Storage } | {
  kind: "new";
  slot: Slot;
};

interface ResultTensor {
  readonly source: Source;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly requiresGrad: boolean;
}

/** What becomes of a tensor among the arguments. */
interface ArgumentOutcome {
  /** The tensor itself, if the plan holds for it alone. */
  readonly only: Tensor | null;
  readonly requiresGrad: boolean;
  /** Its gradient afterwards; null where it has none, undefined where that stays as it is. */
  readonly grad: ResultTensor | null | undefined;
}

/** A captured step, ready to be replayed. */
interface Replay<Result> {
  readonly key: string;
  readonly plan: Plan;
  readonly guards: readonly Guard[];
  /** What it reaches by another way than its arguments: none of them may be it. */
  readonly reached: { readonly memory: ReadonlySet<Storage>; readonly leaves: ReadonlySet<Tensor> };
  /** Where the arguments' memory goes, and whether it is written. */
  readonly inputs: readonly { readonly slot: Slot; readonly isWritten: boolean }[];
  readonly outcomes: readonly ArgumentOutcome[];
  readonly results: readonly ResultTensor[];
  /** Gradients of leaves that are no arguments. */
  readonly grads: ReadonlyMap<Tensor, Storage | null>;
  readonly held: readonly Storage[];
  /** The lasting values that it overwrites. */
  readonly overwrites: readonly Storage[];
  build(tensors: readonly Tensor[]): Result;
}

/** Plans that one function keeps; beyond it the oldest is given up, as something changes at each call. */
const MOST_PLANS = 64;

/**
 * Makes a function that captures what `fn` does on the GPU, and replays it in one go from the second call on.
 *
 * In a replay the function itself does not run: elementwise work is merged into the kernels around it, intermediate
 * values share memory, and all is queued at once. Learning rates, step counts and random numbers move on as they
 * would. What `fn` does beside GPU work (printing, counting, calling hooks) happens at captures only. If it throws, the
 * leaves get the gradients back that they had.
 *
 * @param fn A step, such as forward, backward and update. It must not be async, nor read a tensor. Tensors that it makes
 *   must be returned to be used outside; numbers that it puts into new tensors are taken as constants.
 * @returns A function with the same arguments. Arrays and plain objects of tensors may go in and come out; `fn` is given
 *   other tensors in the places of its arguments, where it does not know them by another way too. Gradients flow neither
 *   in nor out: `backward` belongs inside, and ends at leaves, which may be arguments.
 * @throws {Error} At a call, if `fn` reads a tensor, sets the seed or steps a schedule; {@linkcode TypeError} if it is
 *   async.
 *
 * @example Usage
 * ```ts
 * import { compile, mseLoss, nn, ones, openDevice, optim, rand } from "@plunge/plunge";
 * import { assertEquals, assertLess } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Linear(4, 1), opt = new optim.SGD(net.parameters(), { lr: 0.1 });
 * const step = compile((x, y) => {
 *   opt.zeroGrad();
 *   const loss = mseLoss(net.forward(x), y);
 *   loss.backward();
 *   opt.step();
 *   return loss;
 * });
 * const x = rand([8, 4]), y = ones([8, 1]);
 * const first = await step(x, y).item();
 * for (let i = 0; i < 20; i++) step(x, y).dispose();
 * assertLess(await step(x, y).item(), first);
 * assertEquals(step.captures, 1);
 * ```
 */
// deno-lint-ignore no-explicit-any
export function compile<Args extends unknown[] = any[], Result = unknown>(
  fn: (...args: Args) => Result,
): Compiled<Args, Result> {
  const compiler = new Compiler(fn);
  const call = (...args: Args): Result => compiler.call(args);
  Object.defineProperties(call, {
    captures: { get: () => compiler.captures },
    dispatches: { get: () => compiler.dispatches },
    dispose: { value: () => compiler.dispose() },
  });
  return call as Compiled<Args, Result>;
}

/** What the plans of one function hold on a device. It knows nothing of the function, so that it can outlive it. */
class PlanMemory {
  readonly device: Device;
  readonly arena: Arena;
  readonly #plans = new Map<Sequence, readonly Storage[]>();

  constructor(device: Device) {
    this.device = device;
    this.arena = new Arena(device);
  }

  add({ plan, held }: Replay<unknown>): void {
    this.#plans.set(plan.sequence, held);
  }

  free({ plan: { sequence } }: Replay<unknown>): void {
    sequence.dispose();
    for (const s of this.#plans.get(sequence) ?? []) s.release();
    this.#plans.delete(sequence);
  }

  dispose(): void {
    if (this.device.closed) return; // the memory went with it
    for (const [sequence, held] of this.#plans) {
      sequence.dispose();
      for (const s of held) s.release();
    }
    this.#plans.clear();
    this.arena.dispose();
  }
}

/** Gives the memory of compiled functions back that the collector took before anybody disposed of them. */
const forgotten = new FinalizationRegistry<PlanMemory>((memory) => memory.dispose());

class Compiler<Args extends unknown[], Result> {
  captures = 0;
  dispatches = 0;
  readonly #fn: (...args: Args) => Result;
  /** The latest first. */
  #replays: Replay<Result>[] = [];
  readonly #identities = new WeakMap<object, number>();
  #identified = 0;
  /** Arguments that the function reaches by another way too. */
  readonly #reached = new WeakSet<Tensor>();
  /** Of the device's measured tiles, when plans began to be made. */
  #generation = 0;
  #memory: PlanMemory | null = null;

  constructor(fn: (...args: Args) => Result) {
    this.#fn = fn;
  }

  call(args: Args): Result {
    if (currentRecorder()) return this.#fn(...args); // a step within a step is part of it
    const device = currentDevice("run a compiled function");
    const { generation } = tuningOf(device);
    if (device !== this.#memory?.device || generation !== this.#generation) this.#start(device, generation);
    for (;;) {
      const given = new StepArguments(args, this.#reached), key = this.#key(args, given);
      const known = this.#replays.find((r) => r.key === key && fits(r, given));
      const replay = known ?? this.#capture(args, given, key, device);
      if (replay) return this.#run(replay, given, device);
    }
  }

  dispose(): void {
    this.#replays = [];
    if (!this.#memory) return;
    forgotten.unregister(this);
    this.#memory.dispose();
    this.#memory = null;
  }

  /** Forgets all plans: they are for another device, or for other tiles. */
  #start(device: Device, generation: number): void {
    this.dispose();
    this.#generation = generation;
    this.#memory = new PlanMemory(device);
    forgotten.register(this, this.#memory, this);
  }

  /** What the tensors are like and share, the values of all else. */
  #key(args: Args, given: StepArguments): string {
    const describe = (value: unknown): unknown => {
      if (value instanceof Tensor) return given.describe(value);
      if (isList(value)) return value.map(describe);
      if (isRecord(value)) return Object.entries(value).map(([k, v]) => [k, describe(v)]);
      if (typeof value === "object" && value !== null || typeof value === "function") {
        return this.#identity(value);
      }
      return Object.is(value, -0) ? "number -0" : `${typeof value} ${String(value)}`;
    };
    return JSON.stringify([isGradEnabled(), describe(args)]);
  }

  #identity(value: object): string {
    let id = this.#identities.get(value);
    if (id === undefined) this.#identities.set(value, id = this.#identified++);
    return `object ${id}`;
  }

  /** Captures the function and plans it; null where it reaches arguments that are to be given as they are next time. */
  #capture(args: Args, given: StepArguments, key: string, device: Device): Replay<Result> | null {
    this.captures++;
    let standIns: StandIns;
    const run = () => {
      standIns = new StandIns(given);
      return this.#fn(...rebuild(args, (t) => standIns.tensors[given.tensors.indexOf(t)]));
    };
    try {
      const replay = capture(run, (recording) => {
        const reached = given.reachedBy(recording.outer, recording.leaves);
        if (reached.length > 0) throw new CapturedArguments(reached);
        return { key, ...makeReplay(recording, given, standIns, device, this.#memory!.arena) };
      });
      this.#memory!.add(replay);
      this.#replays.unshift(replay);
      for (const old of this.#replays.splice(MOST_PLANS)) this.#memory!.free(old);
      return replay;
    } catch (error) {
      if (!(error instanceof CapturedArguments)) throw error;
      for (const t of error.tensors) this.#reached.add(t);
      return null;
    }
  }

  #run(replay: Replay<Result>, given: StepArguments, device: Device): Result {
    const { plan, inputs, results, outcomes } = replay, { memory } = given;
    inputs.forEach(({ slot }, k) => slot.bindTo(memory[k]));
    const made = new Map<Slot, Storage>();
    for (const { source } of [...results, ...outcomes.flatMap(({ grad }) => grad ?? [])]) {
      if (source.kind !== "new" || made.has(source.slot)) continue;
      const storage = new Storage(device, source.slot.bytes);
      source.slot.bindTo(storage);
      made.set(source.slot, storage);
    }
    device.queue.replay(plan.sequence);
    this.dispatches = plan.sequence.dispatches.length;
    for (const storage of replay.overwrites) storage.version++;
    inputs.forEach(({ isWritten }, k) => isWritten && memory[k].version++);
    const tensorOf = ({ source, shape, dtype }: ResultTensor): Tensor => {
      const storage = source.kind === "new"
        ? made.get(source.slot)!
        : source.kind === "argument"
        ? memory[source.at]
        : source.storage;
      return new Tensor(storage.retain(), shape, dtype);
    };
    for (const [leaf, storage] of replay.grads) putGrad(leaf, storage);
    outcomes.forEach(({ requiresGrad, grad }, k) => {
      const t = given.tensors[k];
      if (!t.node && t.requiresGrad !== requiresGrad) t.requiresGrad = requiresGrad;
      if (grad === undefined) return;
      t.clearGrad();
      if (grad) t.grad = unscoped(() => tensorOf(grad));
    });
    const result = replay.build(results.map((r) => {
      const t = tensorOf(r);
      return r.requiresGrad ? withoutWayBack(t, INSIDE) : t;
    }));
    for (const storage of made.values()) storage.release(); // the tensors hold it now
    return result;
  }
}

/** Why there is no way back from a result. */
const INSIDE = "it must happen inside: call backward in fn, or detach the result";

/** Whether a plan holds for these arguments and for what is outside. */
function fits({ outcomes, reached, guards }: Replay<unknown>, given: StepArguments): boolean {
  return outcomes.every(({ only }, k) => only === (given.fixed[k] ? given.tensors[k] : null)) &&
    given.reachedBy(reached.memory, reached.leaves).length === 0 &&
    guards.every(({ read, value }) => Object.is(read(), value));
}

/** Turns a recording into what can be replayed. */
function makeReplay<Result>(
  recording: Recording<Result>,
  given: StepArguments,
  standIns: StandIns,
  device: Device,
  arena: Arena,
): Omit<Replay<Result>, "key"> {
  const { result, outer, storages, guards, leaves, grads } = recording;
  const slots = new Map<Storage, Slot>();
  const inputs = standIns.memory.map((s) => new Slot(s?.bytes ?? 0));
  standIns.memory.forEach((s, k) => s && slots.set(s, inputs[k]));
  const left = new Set(grads.values());
  const isLasting = (s: Storage) => !slots.has(s) && (outer.has(s) || left.has(s));
  const held: Storage[] = [];
  const sourceOf = (storage: Storage): Source => {
    const at = standIns.memory.indexOf(storage);
    if (at >= 0) return { kind: "argument", at };
    if (isLasting(storage) || !storages.has(storage)) {
      held.push(storage.retain());
      return { kind: "lasting", storage };
    }
    const slot = slots.get(storage) ?? new Slot(storage.bytes);
    slots.set(storage, slot);
    return { kind: "new", slot };
  };
  const describe = (t: Tensor): ResultTensor => ({
    source: sourceOf(t.storage),
    shape: t.shape,
    dtype: t.dtype,
    requiresGrad: t.node !== null,
  });
  const results = tensorsIn(result).map(describe);
  const outcomes = standIns.tensors.map((t, k): ArgumentOutcome => {
    const { requiresGrad } = t;
    if (given.fixed[k]) return { only: t, requiresGrad, grad: undefined };
    const grad = t.grad && !t.grad.disposed ? t.grad : null;
    const isSame = (grad?.storage ?? null) === standIns.gradBefore(k);
    return { only: null, requiresGrad, grad: isSame ? undefined : grad && describe(grad) };
  });
  const plan = planStep(recording.calls, device, { slots, isLasting, constants: recording.constants }, arena);
  held.push(...plan.constants);
  const constant = new Set(plan.constants);
  for (const s of storages) {
    if (isLasting(s)) held.push(outer.has(s) ? s : s.retain());
    else if (!constant.has(s)) s.seal();
  }
  return {
    plan,
    guards,
    reached: { memory: new Set([...outer, ...left].filter((s) => s !== null)), leaves },
    inputs: inputs.map((slot, k) => ({ slot, isWritten: plan.writes.has(standIns.memory[k]!) })),
    outcomes,
    results,
    grads,
    held,
    overwrites: [...plan.writes].filter(isLasting),
    build: (made) => rebuild(result, (_, k) => made[k]),
  };
}

/** Gives a leaf the gradient that a step left in it. */
function putGrad(leaf: Tensor, storage: Storage | null): void {
  if (leaf.disposed || gradStorage(leaf) === storage) return;
  leaf.clearGrad();
  if (storage) leaf.grad = unscoped(() => new Tensor(storage.retain(), leaf.shape, "float32"));
}
