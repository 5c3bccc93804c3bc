/**
 * A fixed sequence of dispatches that is run again and again: what can be prepared is prepared once.
 *
 * Pipelines and grids are looked up once, before it first runs as a whole. The numbers of the dispatches lie in a buffer of the
 * sequence's own, of which only those that changed are written again. A bind group is made when a dispatch sees its buffers for the first time:
 * inputs and outputs come from a pool, so a few groups serve for ever.
 *
 * @module
 */
import { BUFFER_USAGE } from "./constants.ts";
import { grid, UNIFORM_ALIGNMENT } from "./grid.ts";
import type { Bound, Dispatch } from "./kernel.ts";
import type { Pipeline, PipelineCache } from "./pipelines.ts";
import type { BufferPool } from "./pool.ts";
import { type Doubts, gatherDoubts, NO_DOUBTS, openDoubts } from "./validation.ts";

/** Bind groups that one dispatch keeps, found by the buffers themselves; beyond it they are forgotten, as those change all the time. */
const MOST_GROUPS = 64;

interface PreparedDispatch {
  readonly pipeline: Pipeline;
  readonly bind: readonly Bound[];
  readonly x: number;
  readonly y: number;
  /** Where its numbers begin in the uniform buffer, and how many bytes they are; none if 0. */
  readonly offset: Uint32Array;
  readonly uniformBytes: number;
  /** The buffers and the group of the last run. */
  buffers: GPUBuffer[];
  group: GPUBindGroup | null;
  readonly groups: { buffers: readonly GPUBuffer[]; group: GPUBindGroup }[];
}

/** What a sequence needs of its device. */
export interface SequenceOwner {
  readonly gpu: GPUDevice;
  readonly pipelines: PipelineCache;
  readonly pool: BufferPool;
}

/** Dispatches that are prepared to be run in this order. */
export class Sequence {
  /** The dispatches, for those who run them one by one. */
  readonly dispatches: readonly Dispatch[];
  readonly #owner: SequenceOwner;
  /** What was prepared, once it has run as a whole. */
  #entries: readonly PreparedDispatch[] | null = null;
  #uniforms: GPUBuffer | null = null;
  /** What is bound and lives within the sequence, once each, and what comes from outside. */
  readonly #inner: readonly Bound[];
  readonly #outer: readonly Bound[];
  /** What is written, once each. */
  readonly #written: readonly Bound[];
  /** The validations of the kernels that are not known to be valid. */
  #unproven: Doubts = NO_DOUBTS;
  /** Whether it ran before. */
  hasRun = false;
  /** Numbers that are asked for at each run, with where they lie and what they were. */
  readonly #changing: { readonly offset: number; ask: () => Uint8Array; last: Uint8Array | null }[] = [];

  /** Takes the dispatches; kernels are compiled when they first run. */
  constructor(owner: SequenceOwner, dispatches: readonly Dispatch[]) {
    this.#owner = owner;
    this.dispatches = dispatches.filter(({ workgroups }) => workgroups > 0);
    for (const { kernel } of this.dispatches) owner.pipelines.check(kernel);
    const bounds = [...new Set(this.dispatches.flatMap((d) => d.bind))];
    this.#inner = bounds.filter((bound) => bound.isInner);
    this.#outer = bounds.filter((bound) => !bound.isInner);
    const written = this.dispatches.flatMap((d) =>
      d.bind.filter((_, k) => d.kernel.bindings[k] === "read_write")
    );
    this.#written = [...new Set(written)];
  }

  /** Whether all of its kernels were compiled before. */
  get isCompiled(): boolean {
    return this.#entries !== null ||
      this.dispatches.every(({ kernel }) => this.#owner.pipelines.has(kernel));
  }

  #prepared(): readonly PreparedDispatch[] {
    if (this.#entries) return this.#entries;
    const { gpu: device, pipelines, pool } = this.#owner, size = this.dispatches.length * UNIFORM_ALIGNMENT;
    const bytes = new Uint8Array(size), most = device.limits.maxComputeWorkgroupsPerDimension;
    const entries = this.dispatches.map((dispatch, k): PreparedDispatch => {
      const offset = k * UNIFORM_ALIGNMENT, [x, y] = grid(dispatch.workgroups, most);
      if (typeof dispatch.numbers === "function") {
        this.#changing.push({ offset, ask: dispatch.numbers, last: null });
      } else if (dispatch.numbers) bytes.set(dispatch.numbers, offset);
      return {
        pipeline: pipelines.get(dispatch.kernel),
        bind: dispatch.bind,
        x,
        y,
        offset: Uint32Array.of(offset),
        uniformBytes: dispatch.kernel.numberBytes,
        buffers: [],
        group: null,
        groups: [],
      };
    });
    if (size > 0) {
      const usage = BUFFER_USAGE.UNIFORM | BUFFER_USAGE.COPY_DST;
      this.#uniforms = pool.make({ label: "uniforms", size, usage });
      device.queue.writeBuffer(this.#uniforms, 0, bytes);
    }
    this.#unproven = entries.map((entry) => entry.pipeline.validation);
    return this.#entries = entries;
  }

  /** Sees that every value has its buffer: where memory is short, that submits what is recorded. */
  takeBuffers(): void {
    for (const bound of this.#outer) void bound.buffer;
  }

  /** Asks for the numbers that change and writes those that did. Nothing that was encoded may wait to be submitted. */
  update(): void {
    for (const number of this.#changing) {
      const bytes = number.ask() as Uint8Array<ArrayBuffer>;
      if (number.last?.every((b, i) => b === bytes[i])) continue;
      number.last = bytes;
      this.#owner.gpu.queue.writeBuffer(this.#uniforms!, number.offset, bytes);
    }
  }

  /** Encodes all dispatches. */
  encode(pass: GPUComputePassEncoder): void {
    let current: Pipeline | null = null;
    for (const entry of this.#prepared()) {
      if (entry.pipeline !== current) pass.setPipeline(entry.pipeline.pipeline);
      current = entry.pipeline;
      const group = this.#groupOf(entry);
      if (entry.uniformBytes > 0) pass.setBindGroup(0, group, entry.offset, 0, 1);
      else pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(entry.x, entry.y);
    }
  }

  /** Everything that a run depends on and that is not known to be valid. */
  doubts(): Doubts {
    this.#prepared();
    this.#unproven = openDoubts(this.#unproven); // kernels are proven once and for all
    return gatherDoubts(this.#outer, this.#unproven);
  }

  /** Says of everything that a run writes that it depends on `doubts`. */
  putInDoubt(doubts: Doubts): void {
    for (const bound of this.#written) bound.doubts = doubts;
  }

  /** Forgets the doubts of values that live within the sequence: each run computes them anew. */
  forgetDoubts(): void {
    for (const bound of this.#inner) bound.doubts = NO_DOUBTS;
  }

  /** Frees what is the sequence's own. */
  dispose(): void {
    this.#uniforms?.destroy();
  }

  #groupOf(entry: PreparedDispatch): GPUBindGroup {
    const { bind, buffers } = entry;
    let isSame = entry.group !== null;
    for (let k = 0; isSame && k < bind.length; k++) isSame = bind[k]!.buffer === buffers[k];
    if (isSame) return entry.group!;
    const wanted = bind.map((b) => b.buffer);
    let known = entry.groups.find((g) => g.buffers.every((b, k) => b === wanted[k]));
    if (!known) {
      known = { buffers: wanted, group: this.#makeGroup(entry, wanted) };
      if (entry.groups.length >= MOST_GROUPS) entry.groups.length = 0;
      entry.groups.push(known);
    }
    entry.buffers = wanted;
    return entry.group = known.group;
  }

  #makeGroup({ pipeline, uniformBytes }: PreparedDispatch, buffers: readonly GPUBuffer[]): GPUBindGroup {
    const entries: GPUBindGroupEntry[] = buffers.map((buffer, binding) => ({
      binding,
      resource: { buffer },
    }));
    if (uniformBytes > 0) {
      entries.push({ binding: buffers.length, resource: { buffer: this.#uniforms!, size: uniformBytes } });
    }
    return this.#owner.gpu.createBindGroup({ layout: pipeline.layout, entries });
  }
}
