/**
 * `compile(fn)`: a step is captured once for the shapes of its inputs, planned, and replayed from then on.
 *
 * A plan belongs to the shapes and types of the tensors among the arguments, the values of the other arguments, and
 * what the step was seen to depend on outside the GPU (a module's mode, whether a gradient was there). When none of
 * the plans fits, the function is captured again; so it is when tiles of kernels were measured. Arguments and results are bound anew at each replay, so nothing is
 * copied; results are tensors of their own.
 *
 * @module
 */
import { currentDevice, type Device } from "../gpu/device.ts";
import { Storage } from "../gpu/storage.ts";
import type { DType } from "../kernels/dtype.ts";
import { tuningOf } from "../kernels/tuned.ts";
import { differentiable, isGradEnabled } from "./autograd.ts";
import { capture, gradStorage, type Guard, type Recording } from "./capture.ts";
import { currentRecorder } from "./execute.ts";
import { Arena, type Plan, planStep, Slot } from "./plan.ts";
import { unscoped } from "./scope.ts";
import { Tensor } from "./tensor.ts";

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

/** Where a result's memory comes from: an argument, a value that lasts, or new memory at each replay. */
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

/** A captured step, ready to be replayed. */
interface Replay<Result> {
  readonly plan: Plan;
  readonly guards: readonly Guard[];
  readonly inputs: readonly Slot[];
  readonly results: readonly ResultTensor[];
  readonly grads: readonly { leaf: Tensor | number; storage: Storage | null }[];
  readonly held: readonly Storage[];
  build(tensors: readonly Tensor[]): Result;
}

/**
 * Makes a function that captures what `fn` does on the GPU, and replays it in one go from the second call on.
 *
 * In a replay the function itself does not run: elementwise work is merged into the kernels around it, intermediate
 * values share memory, and all is queued at once. Learning rates, step counts and random numbers move on as they
 * would. What `fn` does beside GPU work (printing, counting) happens at captures only.
 *
 * @param fn A step, such as forward, backward and update. It must not be async, nor read a tensor. Tensors that it makes
 *   must be returned to be used outside; numbers that it puts into new tensors are taken as constants.
 * @returns A function with the same arguments. Arrays and plain objects of tensors may go in and come out. Gradients do not
 *   flow out of it: `backward` belongs inside.
 * @throws {Error} At a call, if `fn` reads a tensor; {@linkcode TypeError} if it is async.
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

class Compiler<Args extends unknown[], Result> {
  captures = 0;
  dispatches = 0;
  readonly #fn: (...args: Args) => Result;
  readonly #replays = new Map<string, Replay<Result>[]>();
  readonly #identities = new Map<unknown, number>();
  #device: Device | null = null;
  /** Of the device's measured tiles, when plans began to be made. */
  #generation = 0;
  #arena: Arena | null = null;

  constructor(fn: (...args: Args) => Result) {
    this.#fn = fn;
  }

  call(args: Args): Result {
    if (currentRecorder()) return this.#fn(...args); // a step within a step is part of it
    const device = currentDevice("run a compiled function");
    const { generation } = tuningOf(device);
    if (device !== this.#device || generation !== this.#generation) this.#start(device, generation);
    const tensors = tensorsIn(args), key = this.#key(args, tensors);
    const known = this.#replays.get(key) ?? [];
    let replay = known.find((r) => r.guards.every(({ read, value }) => Object.is(read(), value)));
    if (!replay) {
      replay = this.#capture(args, tensors, device);
      this.#replays.set(key, [replay, ...known]);
    }
    return this.#run(replay, tensors, device);
  }

  dispose(): void {
    for (const { held, plan } of [...this.#replays.values()].flat()) {
      plan.sequence.dispose();
      for (const s of held) s.release();
    }
    this.#replays.clear();
    this.#arena?.dispose();
    this.#arena = null;
    this.#device = null;
  }

  /** Forgets all plans: they are for another device, or for other tiles. */
  #start(device: Device, generation: number): void {
    if (this.#device?.closed) this.#replays.clear(); // its memory went with it
    else this.dispose();
    this.#device = device;
    this.#generation = generation;
    this.#arena = new Arena(device);
  }

  /** Shapes and types of the tensors, which of them share memory, the values of all else. */
  #key(args: Args, tensors: readonly Tensor[]): string {
    const storages = tensors.map((t) => t.storage);
    let next = 0;
    const describe = (value: unknown): unknown => {
      if (value instanceof Tensor) {
        const same = storages.indexOf(storages[next++]);
        return `${value.dtype}[${value.shape}]${value.requiresGrad ? "g" : ""}@${same}`;
      }
      if (isList(value)) return value.map(describe);
      if (isRecord(value)) return Object.entries(value).map(([k, v]) => [k, describe(v)]);
      if (typeof value === "object" && value !== null || typeof value === "function") {
        return this.#identity(value);
      }
      return `${typeof value} ${String(value)}`;
    };
    return JSON.stringify([isGradEnabled(), describe(args)]);
  }

  #identity(value: unknown): string {
    let id = this.#identities.get(value);
    if (id === undefined) this.#identities.set(value, id = this.#identities.size);
    return `object ${id}`;
  }

  #capture(args: Args, tensors: readonly Tensor[], device: Device): Replay<Result> {
    this.captures++;
    return capture(
      () => this.#fn(...args),
      (recording) => makeReplay(recording, tensors, device, this.#arena!),
    );
  }

  #run(replay: Replay<Result>, tensors: readonly Tensor[], device: Device): Result {
    const { plan, inputs, results } = replay;
    tensors.forEach((t, k) => inputs[k].buffer = t.storage.buffer);
    const made = new Map<Slot, Storage>();
    for (const { source } of results) {
      if (source.kind !== "new" || made.has(source.slot)) continue;
      const storage = new Storage(device, source.slot.bytes);
      source.slot.buffer = storage.buffer;
      made.set(source.slot, storage);
    }
    device.queue.replay(plan.sequence);
    this.dispatches = plan.sequence.steps.length;
    for (const storage of plan.overwrites) storage.version++;
    putGrads(replay, tensors);
    const result = replay.build(results.map(({ source, shape, dtype, requiresGrad }) => {
      const storage = source.kind === "new"
        ? made.get(source.slot)!
        : source.kind === "argument"
        ? tensors[source.at].storage
        : source.storage;
      const t = new Tensor(storage.retain(), shape, dtype);
      return requiresGrad ? withoutWayBack(t) : t;
    }));
    for (const storage of made.values()) storage.release(); // the tensors hold it now
    return result;
  }
}

/** Turns a recording into what can be replayed. */
function makeReplay<Result>(
  recording: Recording<Result>,
  tensors: readonly Tensor[],
  device: Device,
  arena: Arena,
): Replay<Result> {
  const { outer, storages, guards } = recording;
  const arguments_ = tensors.map((t) => t.storage);
  const slots = new Map<Storage, Slot>();
  const inputs = arguments_.map((s) => {
    const slot = slots.get(s) ?? new Slot(s.bytes);
    slots.set(s, slot);
    return slot;
  });
  const grads = [...recording.grads].map(([leaf, storage]) => {
    const at = tensors.indexOf(leaf);
    return { leaf: at >= 0 ? at : leaf, storage };
  });
  const left = new Set(grads.map(({ storage }) => storage));
  const isLasting = (s: Storage) => outer.has(s) || left.has(s);
  const returned = tensorsIn(recording.result);
  const results = returned.map((t): ResultTensor => {
    const { storage, shape, dtype } = t, at = arguments_.indexOf(storage);
    const describe = (source: Source) => ({ source, shape, dtype, requiresGrad: t.node?.isPending ?? false });
    if (at >= 0) return describe({ kind: "argument", at });
    if (isLasting(storage) || !storages.has(storage)) {
      return describe({ kind: "lasting", storage: storage.retain() });
    }
    const slot = slots.get(storage) ?? new Slot(storage.bytes);
    slots.set(storage, slot);
    return describe({ kind: "new", slot });
  });
  const plan = planStep(recording.calls, device, { slots, isLasting }, arena);
  const held = [...plan.constants], constant = new Set(held);
  for (const s of storages) {
    if (slots.has(s)) {
      if (outer.has(s)) s.release();
    } else if (isLasting(s)) held.push(outer.has(s) ? s : s.retain());
    if (!isLasting(s) && !constant.has(s)) s.seal();
  }
  for (const { source } of results) if (source.kind === "lasting") held.push(source.storage);
  const { result } = recording;
  return { plan, guards, inputs, results, grads, held, build: (made) => rebuild(result, made) };
}

/** Gives the leaves the gradients that the step left in them. */
function putGrads(replay: Replay<unknown>, tensors: readonly Tensor[]): void {
  for (const { leaf: given, storage } of replay.grads) {
    const leaf = typeof given === "number" ? tensors[given] : given;
    if (leaf.disposed || gradStorage(leaf) === storage) continue;
    leaf.clearGrad();
    if (storage) leaf.grad = unscoped(() => new Tensor(storage.retain(), leaf.shape, "float32"));
  }
}

/** Makes a result of a step that did not run backward say so if it is asked to. */
function withoutWayBack(t: Tensor): Tensor {
  const leaf = t.alias();
  leaf.requiresGrad = true;
  const y = differentiable("compile", t, [leaf], {
    gradient: () => {
      throw new Error(
        "Cannot run backward through a compiled function as it must happen inside: call backward in fn, or detach the result",
      );
    },
  });
  leaf.dispose();
  return y;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The tensors in a value, in order: itself, or those in its arrays and plain objects. */
function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (isList(value)) return value.flatMap(tensorsIn);
  return isRecord(value) ? Object.values(value).flatMap(tensorsIn) : [];
}

/** A copy of a value with other tensors in the places of its own. */
function rebuild<T>(value: T, tensors: readonly Tensor[]): T {
  let next = 0;
  const visit = (v: unknown): unknown => {
    if (v instanceof Tensor) return tensors[next++];
    if (isList(v)) return v.map(visit);
    if (isRecord(v)) return Object.fromEntries(Object.entries(v).map(([k, inner]) => [k, visit(inner)]));
    return v;
  };
  return visit(value) as T;
}
