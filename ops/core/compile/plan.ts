/**
 * The plan of a captured step: its kernels in order, and where each value lies.
 *
 * Values that live only within the step get places in an arena: two values that are never alive at once may share one.
 * A value is alive from the first dispatch that touches it to the last.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import type { Bound, Dispatch } from "../../gpu/kernel.ts";
import type { Sequence } from "../../gpu/sequence.ts";
import { Storage } from "../../gpu/storage.ts";
import { type Doubts, NO_DOUBTS } from "../../gpu/validation.ts";
import type { Work } from "../../gpu/work.ts";
import { type ElementwiseCall, programEpilogue } from "../../kernels/elementwise.ts";
import { type Epilogue, IDENTITY } from "../../kernels/wgsl/epilogue.ts";
import { type Call, lowerCall } from "../call.ts";
import { placesOf } from "../place.ts";
import { isSingleKernel } from "../families/single_kernel.ts";
import { adapterOf } from "../run.ts";
import { CallNode, withoutDead } from "./call_graph.ts";
import { fuse } from "./fuse.ts";
import { mergeDispatches } from "./merge_dispatches.ts";

/** A place that is bound anew at each replay: an input or an output. */
export class Slot implements Bound {
  /** Where the value is this time. */
  buffer!: GPUBuffer;
  readonly bytes: number;
  #storage!: Storage;

  /** Makes a slot for a value of `bytes` bytes. */
  constructor(bytes: number) {
    this.bytes = bytes;
  }

  /** Says where the value is this time. */
  bindTo(storage: Storage): void {
    this.#storage = storage;
    this.buffer = storage.buffer;
  }

  /** What the value depends on that is not known to be valid. */
  get doubts(): Doubts {
    return this.#storage.doubts;
  }

  set doubts(doubts: Doubts) {
    this.#storage.doubts = doubts;
  }
}

/** Buffers that plans of one compiled function share, as they never run at once. */
export class Arena {
  readonly #device: Device;
  readonly #buffers: GPUBuffer[] = [];

  /** Makes an empty arena. */
  constructor(device: Device) {
    this.#device = device;
  }

  /** The buffers' sizes, by number. */
  get sizes(): number[] {
    return this.#buffers.map((b) => b.size);
  }

  /** A buffer by its number. */
  buffer(k: number): GPUBuffer {
    return this.#buffers[k]!;
  }

  /** Adds a buffer of at least `bytes` bytes and returns its number. */
  add(bytes: number): number {
    return this.#buffers.push(this.#device.pool.acquire(bytes)) - 1;
  }

  /** Gives all buffers back. */
  dispose(): void {
    for (const buffer of this.#buffers.splice(0)) this.#device.pool.release(buffer);
  }
}

/** What a plan must know of the values outside it. */
export interface OuterValues {
  /** Values that are handed in and out at each replay. */
  readonly slots: ReadonlyMap<Storage, Slot>;
  /** Whether a value outlives the step where it lies: what was there before, and gradients. */
  isLasting(storage: Storage): boolean;
  /** Lasting values that never change. */
  readonly constants: ReadonlySet<Storage>;
}

/** A planned step. */
export interface Plan {
  readonly sequence: Sequence;
  /** The values that the step writes. */
  readonly writes: ReadonlySet<Storage>;
  /** Constants that were computed once and for all; each is held. */
  readonly constants: readonly Storage[];
}

/** Plans the calls of a captured step. */
export function planStep(
  calls: readonly Call[],
  device: Device,
  surroundings: OuterValues,
  arena: Arena,
): Plan {
  const { slots } = surroundings;
  const isWanted = (s: Storage) => slots.has(s) || surroundings.isLasting(s);
  const all = withoutDead(calls.map((call) => new CallNode(call)), isWanted);
  const mostBindings = device.limits.maxStorageBuffersPerShaderStage;
  const fused = device.fusion ? fuse(all, { isWanted, mostBindings }) : all;
  const constant = new Set<Storage>(), constants: CallNode[] = [];
  for (const node of fused) {
    if (!isConstant(node, fused, isWanted, (s) => constant.has(s) || surroundings.constants.has(s))) continue;
    constants.push(node);
    for (const s of node.writes) constant.add(s);
  }
  const nodes = fused.filter((node) => !constants.includes(node));
  for (const s of constant) s.retain();
  for (const node of constants) {
    for (const dispatch of lower(node, device).dispatches) device.queue.run(dispatch);
  }

  const planned = nodes.flatMap((node) => {
    const purposes = placesOf(node.calls), isAlone = isOfUser(node);
    return lower(node, device).dispatches.map((dispatch) => ({
      dispatch: { ...dispatch, purposes },
      isAlone,
    }));
  });
  const dispatches = device.merging
    ? mergeDispatches(planned, mostBindings)
    : planned.map(({ dispatch }) => dispatch);
  const places = placeValues(dispatches, (s) => !isWanted(s) && !constant.has(s), arena);
  const bind = (b: Bound): Bound => slots.get(b as Storage) ?? places.get(b) ?? b;
  return {
    sequence: device.queue.prepare(
      dispatches.map((dispatch) => ({ ...dispatch, bind: dispatch.bind.map(bind) })),
    ),
    writes: new Set(nodes.flatMap((node) => [...node.writes])),
    constants: [...constant],
  };
}

/** The kernels of a node. */
function lower({ call, after, pooling, value, storesValue }: CallNode, device: Device): Work {
  return lowerCall(call, adapterOf(device), {
    y: value,
    epilogue: after ? epilogueOf(after) : IDENTITY,
    pooling: pooling ? { ...pooling, storeFull: storesValue } : undefined,
  });
}

/** Whether a part of a node's kernel is the user's own text, and may not compile. */
function isOfUser({ call, after }: CallNode): boolean {
  return isSingleKernel(call) ||
    [call.elementwise, after].some((each) => each?.program.steps.some(({ fn }) => fn.isOwn));
}

function epilogueOf({ program, shape, inputs, numbers, outputs }: ElementwiseCall): Epilogue {
  return programEpilogue(program, shape, inputs.slice(1), numbers, outputs.slice(1).map((o) => o.storage));
}

/** Whether a node gives the same at each replay: elementwise work on numbers and tensors that never change. */
function isConstant(
  node: CallNode,
  nodes: readonly CallNode[],
  isWanted: (s: Storage) => boolean,
  isFixed: (s: Storage) => boolean,
): boolean {
  const { elementwise } = node.call;
  return elementwise !== undefined && !node.after && [...node.reads].every(isFixed) &&
    elementwise.numbers.every((n) => typeof n === "number") &&
    [...node.writes].every((s) => !isWanted(s) && nodes.every((n) => n === node || !n.writes.has(s)));
}

/** Gives every value that lives only within the step a place in the arena. */
function placeValues(
  dispatches: readonly Dispatch[],
  isInner: (s: Storage) => boolean,
  arena: Arena,
): Map<Bound, Bound> {
  const first = new Map<Storage, number>(), last = new Map<Storage, number>();
  dispatches.forEach((dispatch, k) => {
    for (const s of dispatch.bind) {
      if (!(s instanceof Storage) || !isInner(s)) continue;
      if (!first.has(s)) first.set(s, k);
      last.set(s, k);
    }
  });
  const taken = new Map<number, Storage>(), places = new Map<Bound, Bound>();
  dispatches.forEach((dispatch, k) => {
    const begin = [...new Set(dispatch.bind)].filter((s) => first.get(s as Storage) === k) as Storage[];
    begin.sort((a, b) => b.bytes - a.bytes);
    for (const s of begin) {
      const number = choose(arena, taken, s.bytes);
      taken.set(number, s);
      places.set(s, { buffer: arena.buffer(number), bytes: s.bytes, doubts: NO_DOUBTS, isInner: true });
    }
    for (const [number, s] of taken) if (last.get(s) === k) taken.delete(number);
  });
  return places;
}

/** The smallest free buffer that is large enough but not wastefully so, or a new one. */
function choose(arena: Arena, taken: ReadonlyMap<number, Storage>, bytes: number): number {
  const { sizes } = arena;
  const free = sizes.map((size, k) => ({ size, k }))
    .filter(({ size, k }) => !taken.has(k) && size >= bytes && (size <= 4 * bytes || size <= 65536))
    .sort((a, b) => a.size - b.size);
  return free[0]?.k ?? arena.add(bytes);
}
