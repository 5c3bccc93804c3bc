/**
 * Replays: what a captured step becomes, and how that is run with other arguments.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import { Storage } from "../../gpu/storage.ts";
import type { DType } from "../../kernels/wgsl/dtype.ts";
import { unscoped } from "../scope.ts";
import { nodeOf, storageOf } from "../tensor/internals.ts";
import { Tensor } from "../tensor/tensor.ts";
import { gradStorage, type Guard, type Recording } from "./capture.ts";
import { type Arena, type Plan, planStep, Slot } from "./plan.ts";
import { rebuild, type StandIns, type StepArguments, tensorsIn, withoutWayBack } from "./stand_ins.ts";

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
export interface Replay<Result> {
  readonly plan: Plan;
  readonly guards: readonly Guard[];
  /** What is done outside the GPU first, in order. */
  readonly preparations: readonly (() => void)[];
  /** What the function has captured by closure: no argument may be among it. */
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

/** Turns a recording into what can be replayed. */
export function makeReplay<Result>(
  recording: Recording<Result>,
  given: StepArguments,
  standIns: StandIns,
  device: Device,
  arena: Arena,
): Replay<Result> {
  const { result, calls, constants, outer, guards, leaves, grads, preparations } = recording;
  const places = new ValuePlaces(recording, standIns);
  const results = tensorsIn(result).map((t) => places.describe(t));
  const outcomes = standIns.tensors.map((t, k) => outcomeOf(t, k, given, standIns, places));
  const plan = planStep(
    calls,
    device,
    { slots: places.slots, isLasting: places.isLasting, constants },
    arena,
  );
  const lasting = [...grads.values()].filter((s) => s !== null);
  return {
    plan,
    guards,
    preparations,
    reached: { memory: new Set([...outer, ...lasting]), leaves },
    inputs: places.inputs.map((slot, k) => ({ slot, isWritten: plan.writes.has(standIns.memory[k]!) })),
    outcomes,
    results,
    grads,
    held: [...places.held, ...plan.constants, ...holdValues(recording, plan, places)],
    overwrites: [...plan.writes].filter(places.isLasting),
    build: (made) => rebuild(result, (_, k) => made[k]!),
  };
}

/** Where the values of a step that is being planned lie at each replay. */
class ValuePlaces {
  /** Slots of the arguments' memory. */
  readonly inputs: readonly Slot[];
  /** Slots of all that is handed in and out. */
  readonly slots = new Map<Storage, Slot>();
  /** What results need; each is held. */
  readonly held: Storage[] = [];
  /** Whether a value outlives the step where it lies. */
  readonly isLasting: (storage: Storage) => boolean;
  readonly #recording: Recording<unknown>;
  readonly #standIns: StandIns;

  constructor(recording: Recording<unknown>, standIns: StandIns) {
    this.#recording = recording;
    this.#standIns = standIns;
    this.inputs = standIns.memory.map((s) => new Slot(s?.bytes ?? 0));
    standIns.memory.forEach((s, k) => s && this.slots.set(s, this.inputs[k]!));
    const { outer, grads } = recording, left = new Set(grads.values());
    this.isLasting = (s) => !this.slots.has(s) && (outer.has(s) || left.has(s));
  }

  /** What a tensor that leaves the step will be. */
  describe(t: Tensor): ResultTensor {
    const { shape, dtype } = t;
    return { source: this.#sourceOf(storageOf(t)), shape, dtype, requiresGrad: nodeOf(t) !== null };
  }

  #sourceOf(storage: Storage): Source {
    const at = this.#standIns.memory.indexOf(storage);
    if (at >= 0) return { kind: "argument", at };
    if (this.isLasting(storage) || !this.#recording.storages.has(storage)) {
      this.held.push(storage.retain());
      return { kind: "lasting", storage };
    }
    const slot = this.slots.get(storage) ?? new Slot(storage.bytes);
    this.slots.set(storage, slot);
    return { kind: "new", slot };
  }
}

/** What became of the k-th tensor among the arguments, for which `t` stood. */
function outcomeOf(
  t: Tensor,
  k: number,
  given: StepArguments,
  standIns: StandIns,
  places: ValuePlaces,
): ArgumentOutcome {
  const { requiresGrad } = nodeOf(t) ? given.tensors[k]! : t; // no history goes out
  if (given.fixed[k]) return { only: t, requiresGrad, grad: undefined };
  const grad = t.grad && !t.grad.disposed ? t.grad : null;
  const isSame = (grad ? storageOf(grad) : null) === standIns.gradBefore(k);
  return { only: null, requiresGrad, grad: isSame ? undefined : grad && places.describe(grad) };
}

/** Holds the values that last, and seals those that only the plan keeps from now on. */
function holdValues(
  { storages, outer }: Recording<unknown>,
  plan: Plan,
  { isLasting }: ValuePlaces,
): Storage[] {
  const held: Storage[] = [], constant = new Set(plan.constants);
  for (const s of storages) {
    if (isLasting(s)) held.push(outer.has(s) ? s : s.retain()); // a recording holds the outer ones
    else if (!constant.has(s)) s.seal();
  }
  return held;
}

/** Whether a replay holds for these arguments and for what is outside. */
export function holdsFor({ outcomes, reached, guards }: Replay<unknown>, given: StepArguments): boolean {
  return outcomes.every(({ only }, k) => only === (given.fixed[k] ? given.tensors[k] : null)) &&
    given.reachedBy(reached.memory, reached.leaves).length === 0 &&
    guards.every(({ read, value }) => Object.is(read(), value));
}

/** Why there is no way back from a result. */
const INSIDE = "it must happen inside: call backward in fn, or detach the result";

/** Runs a replay with these arguments. */
export function runReplay<Result>(replay: Replay<Result>, given: StepArguments, device: Device): Result {
  const { plan, inputs, results, outcomes } = replay, { memory } = given;
  inputs.forEach(({ slot }, k) => slot.bindTo(memory[k]!));
  const made = newMemory([...results, ...outcomes.flatMap(({ grad }) => grad ?? [])], device);
  for (const prepare of replay.preparations) prepare();
  device.queue.replay(plan.sequence);
  for (const storage of replay.overwrites) storage.version++;
  inputs.forEach(({ isWritten }, k) => isWritten && memory[k]!.version++);
  const tensorOf = ({ source, shape, dtype }: ResultTensor): Tensor => {
    const storage = source.kind === "new"
      ? made.get(source.slot)!
      : source.kind === "argument"
      ? memory[source.at]!
      : source.storage;
    return new Tensor(storage.retain(), shape, dtype);
  };
  for (const [leaf, storage] of replay.grads) putGrad(leaf, storage);
  outcomes.forEach((outcome, k) => leaveOutcome(outcome, given.tensors[k]!, tensorOf));
  const result = replay.build(results.map((r) => {
    const t = tensorOf(r);
    return r.requiresGrad ? withoutWayBack(t, INSIDE) : t;
  }));
  for (const storage of made.values()) storage.release(); // the tensors hold it now
  return result;
}

/** New memory, bound to the slots of the results that want some. */
function newMemory(results: readonly ResultTensor[], device: Device): Map<Slot, Storage> {
  const made = new Map<Slot, Storage>();
  for (const { source } of results) {
    if (source.kind !== "new" || made.has(source.slot)) continue;
    const storage = new Storage(device, source.slot.bytes);
    source.slot.bindTo(storage);
    made.set(source.slot, storage);
  }
  return made;
}

/** Leaves an argument as the step left what stood for it. */
function leaveOutcome(
  { requiresGrad, grad }: ArgumentOutcome,
  t: Tensor,
  tensorOf: (result: ResultTensor) => Tensor,
): void {
  if (!nodeOf(t) && t.requiresGrad !== requiresGrad) t.requiresGrad = requiresGrad;
  if (grad === undefined) return;
  t.clearGrad();
  if (grad) t.grad = unscoped(() => tensorOf(grad));
}

/** Gives a leaf the gradient that a step left in it. */
function putGrad(leaf: Tensor, storage: Storage | null): void {
  if (leaf.disposed || gradStorage(leaf) === storage) return;
  leaf.clearGrad();
  if (storage) leaf.grad = unscoped(() => new Tensor(storage.retain(), leaf.shape, "float32"));
}
