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
import type { Storage } from "../../gpu/storage.ts";
import { tuningOf } from "../../kernels/tuning.ts";
import { isGradEnabled } from "../autograd/autograd.ts";
import { currentObserver } from "../autograd/observer.ts";
import { currentRecorder } from "../recorder.ts";
import { signature } from "../signature.ts";
import { Tensor } from "../tensor/tensor.ts";
import { capture } from "./capture.ts";
import { Arena } from "./plan.ts";
import { holdsFor, makeReplay, type Replay, runReplay } from "./replay.ts";
import { CapturedArguments, isList, rebuild, StandIns, StepArguments } from "./stand_ins.ts";
import { isPlainObject } from "../describe.ts";
import { FUNCTION } from "../kinds.ts";

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

/** A replay, and what the arguments were that it was made for. */
interface KnownReplay<Result> extends Replay<Result> {
  readonly key: string;
}

/**
 * Plans that one function keeps; beyond it the oldest is given up, as something changes at each call. A list, as plans of
 * one key differ in their guards.
 */
const MOST_PLANS = 64;

const takes = signature("compile a function", { fn: FUNCTION });

/**
 * Makes a function that captures what `fn` does on the GPU, and replays it in one go from the second call on.
 *
 * In a replay the function itself does not run: elementwise work is merged into the kernels around it, intermediate
 * values share memory, and all is queued at once. Learning rates, step counts and random numbers are evaluated at each
 * replay. What `fn` does beside GPU work (printing, counting, calling hooks) happens at captures only. If it throws, the
 * leaves get the gradients back that they had.
 *
 * @param fn A step, such as forward, backward and update. It must not be async, nor read a tensor. Tensors that it makes
 *   must be returned to be used outside; numbers that it puts into new tensors are taken as constants.
 * @returns A function with the same arguments. Arrays and plain objects of tensors may go in and come out; `fn` is given
 *   other tensors in the places of its arguments, where it has not captured them by closure too. Gradients flow neither
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
  takes(arguments);
  const compiler = new Compiler(fn);
  const call = (...args: Args): Result => compiler.call(args);
  Object.defineProperties(call, {
    captures: { get: () => compiler.captures },
    dispatches: { get: () => compiler.dispatches },
    dispose: { value: () => compiler.dispose() },
  });
  return call as Compiled<Args, Result>;
}

/** What the plans of one function hold on a device. It holds no reference to the function, so that it can outlive it. */
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
    if (this.device.end) return; // the memory went with it
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
  #replays: KnownReplay<Result>[] = [];
  readonly #identities = new WeakMap<object, number>();
  #identified = 0;
  /** Arguments that the function has captured by closure too. */
  readonly #reached = new WeakSet<Tensor>();
  /** Of the device's measured tiles, when plans began to be made. */
  #generation = 0;
  #hasWarned = false;
  #memory: PlanMemory | null = null;

  constructor(fn: (...args: Args) => Result) {
    this.#fn = fn;
  }

  call(args: Args): Result {
    // A step within a step is part of it, and one that is observed runs operation by operation
    if (currentRecorder() || currentObserver()) return this.#fn(...args);
    const device = currentDevice("run a compiled function");
    const { generation } = tuningOf(device);
    if (device !== this.#memory?.device || generation !== this.#generation) this.#start(device, generation);
    for (;;) {
      const given = new StepArguments(args, this.#reached), key = this.#key(args, given);
      const known = this.#replays.find((r) => r.key === key && holdsFor(r, given));
      const replay = known ?? this.#capture(args, given, key, device);
      if (!replay) continue;
      this.dispatches = replay.plan.sequence.dispatches.length;
      return runReplay(replay, given, device);
    }
  }

  dispose(): void {
    this.#replays = [];
    if (!this.#memory) return;
    forgotten.unregister(this);
    this.#memory.dispose();
    this.#memory = null;
  }

  /** Says once that plans are given up again and again, as a step that is captured at each call is slow. */
  #warnOfPlans(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    console.warn(
      `Warning: a compiled function was captured ${this.captures} times, and keeps the last ${MOST_PLANS} plans: ` +
        "each new shape of a tensor and each new value of another argument takes a capture of its own. Pad batches to a " +
        "few shapes, and give numbers that change as tensors",
    );
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
      if (isPlainObject(value)) return Object.entries(value).map(([k, v]) => [k, describe(v)]);
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
  #capture(args: Args, given: StepArguments, key: string, device: Device): KnownReplay<Result> | null {
    this.captures++;
    let standIns: StandIns;
    const run = () => {
      standIns = new StandIns(given);
      return this.#fn(...rebuild(args, (t) => standIns.tensors[given.tensors.indexOf(t)]!));
    };
    try {
      const replay = capture(run, (recording) => {
        const reached = given.reachedBy(recording.outer, recording.leaves);
        if (reached.length > 0) throw new CapturedArguments(reached);
        return { key, ...makeReplay(recording, given, standIns, device, this.#memory!.arena) };
      });
      this.#memory!.add(replay);
      this.#replays.unshift(replay);
      const surplus = this.#replays.splice(MOST_PLANS);
      if (surplus.length > 0) this.#warnOfPlans();
      for (const old of surplus) this.#memory!.free(old);
      return replay;
    } catch (error) {
      if (!(error instanceof CapturedArguments)) throw error;
      for (const t of error.tensors) this.#reached.add(t);
      return null;
    }
  }
}
