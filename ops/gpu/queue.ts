/**
 * The order of work: records dispatches, submits them in batches, uploads and reads back.
 *
 * @module
 */
import { BUFFER_USAGE, MAP_MODE } from "./constants.ts";
import { grid, UNIFORM_ALIGNMENT } from "./grid.ts";
import type { Bound, Dispatch } from "./kernel.ts";
import type { Pipeline, PipelineCache } from "./pipelines.ts";
import type { BufferPool } from "./pool.ts";
import type { Profiler } from "./profiler.ts";
import { Sequence } from "./sequence.ts";
import { gatherDoubts, NO_DOUBTS, type Validation } from "./validation.ts";

/** Dispatches that are recorded before they are submitted on their own accord. */
const MOST_PENDING = 64;
/**
 * Bind groups that are kept; beyond it all are forgotten, as the pattern of work has changed. A map, as the order of use,
 * which a memo keeps, would cost more at each dispatch than it saves.
 */
const MOST_BIND_GROUPS = 4096;

/**
 * Submits that are on their way before the program waits for the GPU. Each takes some memory until it is done, and a
 * program that never reads runs ahead of the GPU without end. While it waits and records the next one, the GPU has nothing
 * to do, so it must be rare.
 */
const MOST_SUBMITS = 256;
/** Bytes of uploads that are held before they are submitted, and bytes that only finished work frees before the program waits. */
const MOST_HELD_BYTES = 64 * 2 ** 20, MOST_BYTES_ON_THE_WAY = 256 * 2 ** 20;
/** An upload this large needs memory of its own that may not be there; it is tried first, as a write says nothing. */
const LARGE_UPLOAD = 8 * 2 ** 20;

/** Anything that can be uploaded. */
export type Bytes = ArrayBufferView<ArrayBuffer>;

/** What a queue asks of the device that it belongs to. */
export interface QueueOwner {
  readonly gpu: GPUDevice;
  readonly pipelines: PipelineCache;
  readonly pool: BufferPool;
  /** Throws when the device has failed. */
  check(): void;
  /** Takes an error that nothing can be blamed for. */
  fail(error: Error): void;
  /** What stands behind an error of WebGPU's, which may be that the device was lost. */
  explain(error: unknown): Promise<Error>;
}

/** Records work for one device and submits it in order. */
export class CommandQueue {
  /** Dispatches since the device was opened, for tests and benchmarks. */
  dispatches = 0;
  /** Set while a profile is taken. */
  profiler: Profiler | null = null;
  readonly #owner: QueueOwner;
  readonly #device: GPUDevice;
  readonly #pipelines: PipelineCache;
  readonly #pool: BufferPool;
  /** Validations of kernels whose end was open when a dispatch was recorded. */
  readonly #open = new Set<Validation>();
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #pending = 0;
  /** Buffers that the recorded, not yet submitted work uses. */
  readonly #used = new Set<GPUBuffer>();
  /** Numbers of the recorded dispatches: filled on the CPU, uploaded at once before the submit. */
  readonly #uniformBuffer: GPUBuffer;
  readonly #uniformBytes = new Uint8Array(MOST_PENDING * UNIFORM_ALIGNMENT);
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  readonly #bufferIds = new WeakMap<GPUBuffer, number>();
  #nextBufferId = 0;
  /** Bytes of uploads since the last submit. */
  #heldBytes = 0;
  /** Submits, and bytes of uploads and of destroyed buffers, since the GPU was last waited for. */
  #onTheWay = { submits: 0, bytes: 0 };

  /** Makes a queue. */
  constructor(owner: QueueOwner) {
    const { gpu: device, pipelines, pool } = owner;
    this.#owner = owner;
    this.#device = device;
    this.#pipelines = pipelines;
    this.#pool = pool;
    this.#uniformBuffer = pool.make({
      label: "uniforms",
      size: this.#uniformBytes.byteLength,
      usage: BUFFER_USAGE.UNIFORM | BUFFER_USAGE.COPY_DST,
    });
  }

  /** Records one dispatch. */
  run(dispatch: Dispatch): void {
    if (this.profiler) this.profiler.recording(() => this.#run(dispatch));
    else this.#run(dispatch);
  }

  #run(dispatch: Dispatch): void {
    this.#owner.check();
    if (dispatch.workgroups === 0) return;
    const pipeline = this.#pipelines.get(dispatch.kernel);
    const uniforms = typeof dispatch.numbers === "function" ? dispatch.numbers() : dispatch.numbers;
    if (!this.#passDoubts(dispatch, pipeline)) return;
    if (pipeline.validation.isPending) this.#runAlone(dispatch, pipeline, uniforms);
    else this.#record(dispatch, pipeline, uniforms);
  }

  /** Hands what a dispatch depends on to what it writes; says whether it can run, which nothing can on what failed. */
  #passDoubts({ kernel, bind }: Dispatch, { validation }: Pipeline): boolean {
    const isProven = !validation.isPending && !validation.error;
    const doubts = gatherDoubts(bind, isProven ? NO_DOUBTS : [validation]);
    if (doubts.length === 0) return true;
    bind.forEach((bound, k) => {
      if (kernel.bindings[k] === "read_write") bound.doubts = doubts;
    });
    return doubts.every((doubt) => !doubt.error);
  }

  /** Submits a dispatch by itself, as an invalid kernel makes all invalid that is submitted with it. */
  #runAlone(dispatch: Dispatch, pipeline: Pipeline, uniforms: Uint8Array | null): void {
    for (const bound of dispatch.bind) void bound.buffer; // which may throw, and a scope that is opened must be closed
    this.flush();
    this.#device.pushErrorScope("validation");
    this.#record(dispatch, pipeline, uniforms);
    this.flush();
    const { validation } = pipeline, outcome = this.#device.popErrorScope();
    this.#open.add(validation);
    validation.ended.then(async () => {
      if (!validation.error) this.#open.delete(validation);
      const error = await outcome.catch(() => null); // a lost device rejects; the device reports its loss
      if (error && !validation.error) this.#owner.fail(invalidWork(error.message));
    });
  }

  #record(dispatch: Dispatch, pipeline: Pipeline, uniforms: Uint8Array | null): void {
    const buffers = dispatch.bind.map((s) => s.buffer);
    const offset = this.#pending * UNIFORM_ALIGNMENT;
    if (uniforms) this.#uniformBytes.set(uniforms, offset);
    const group = this.#bindGroup(pipeline, buffers, uniforms?.byteLength ?? 0);
    for (const buffer of buffers) this.#used.add(buffer);
    this.#dispatch(dispatch, pipeline, group, offset);
    if (++this.#pending === MOST_PENDING) this.flush();
  }

  /** Encodes one dispatch; its numbers begin at `offset` of the uniform buffer in the bind group. */
  #dispatch(dispatch: Dispatch, pipeline: Pipeline, group: GPUBindGroup, offset: number): void {
    const pass = this.#openPass(dispatch);
    const [x, y] = grid(dispatch.workgroups, this.#device.limits.maxComputeWorkgroupsPerDimension);
    pass.setPipeline(pipeline.pipeline);
    pass.setBindGroup(0, group, dispatch.numbers ? [offset] : []);
    pass.dispatchWorkgroups(x, y);
    this.dispatches++;
  }

  /** Prepares dispatches that will be run together, again and again. */
  prepare(dispatches: readonly Dispatch[]): Sequence {
    return new Sequence(this.#owner, dispatches);
  }

  /**
   * Runs a prepared sequence in one pass, and submits it. With a kernel that is new, or something that failed, it is found out
   * dispatch by dispatch what depends on what. So the next kernel is also written while the driver compiles the one before.
   */
  replay(sequence: Sequence): void {
    this.#owner.check();
    if (this.profiler || !sequence.isCompiled) return this.#runEach(sequence);
    const doubts = sequence.doubts();
    if (doubts.length > 0 && (!sequence.hasRun || doubts.some((doubt) => doubt.error))) {
      return this.#runEach(sequence);
    }
    if (!sequence.hasRun) sequence.takeBuffers();
    sequence.hasRun = true;
    if (doubts.length > 0) {
      this.flush(); // what does not belong to the sequence is not in doubt
      sequence.putInDoubt(doubts);
    }
    sequence.update();
    this.#pass ??= this.#openEncoder().beginComputePass();
    sequence.encode(this.#pass);
    this.dispatches += sequence.dispatches.length;
    this.flush();
  }

  #runEach(sequence: Sequence): void {
    sequence.forgetDoubts();
    for (const dispatch of sequence.dispatches) this.run(dispatch);
    sequence.hasRun = true;
  }

  /** Records a copy of the first `bytes` bytes from one buffer to another. */
  copy(from: Bound, to: Bound, bytes: number): void {
    this.#owner.check();
    if (bytes === 0) return;
    const source = from.buffer, target = to.buffer;
    this.#closePass();
    this.#used.add(source).add(target);
    to.doubts = from.doubts;
    this.#openEncoder().copyBufferToBuffer(source, 0, target, 0, align4(bytes));
  }

  /** Writes `data` to the start of `to`. It takes its place in the order of the work. */
  upload(to: Bound, data: Bytes): void {
    this.#owner.check();
    if (data.byteLength > to.bytes) {
      throw new RangeError(`Cannot upload as the data must fit: ${data.byteLength} bytes into ${to.bytes}`);
    }
    if (data.byteLength === 0) return; // an empty write ends the process
    // A write happens before everything that is submitted after it, so work that uses the buffer must go first.
    if (this.#used.has(to.buffer)) this.flush();
    if (data.byteLength < LARGE_UPLOAD) this.#write(to.buffer, 0, data);
    else this.#writeInPieces(to.buffer, data);
    if (data.byteLength === to.bytes) to.doubts = NO_DOUBTS;
  }

  #write(to: GPUBuffer, at: number, data: Bytes): void {
    this.#device.queue.writeBuffer(to, at, padTo4(data));
    this.#heldBytes += data.byteLength;
    if (this.#heldBytes >= MOST_HELD_BYTES) this.flush();
  }

  /** Writes much: WebGPU copies what is written, and is silent where it has no memory for the copy. */
  #writeInPieces(to: GPUBuffer, data: Bytes): void {
    for (let at = 0; at < data.byteLength; at += MOST_HELD_BYTES) {
      const size = Math.min(MOST_HELD_BYTES, data.byteLength - at);
      const usage = BUFFER_USAGE.MAP_WRITE | BUFFER_USAGE.COPY_SRC;
      this.#pool.make({ size: align4(size), usage }).destroy();
      this.#write(to, at, new Uint8Array(data.buffer, data.byteOffset + at, size));
    }
  }

  /** Reads `bytes` bytes of `from`, from `offset` on, once all recorded work is done. Reads started together wait once. */
  async read(from: Bound, bytes: number, offset = 0): Promise<ArrayBuffer> {
    this.#owner.check();
    const { doubts } = from; // as of now: what is written later does not matter
    for (const doubt of doubts) doubt.throwIfFailed();
    if (bytes === 0) return new ArrayBuffer(0);
    const size = align4(bytes);
    const staging = this.#pool.make({
      size,
      usage: BUFFER_USAGE.MAP_READ | BUFFER_USAGE.COPY_DST,
    });
    try {
      this.#closePass();
      this.#used.add(from.buffer); // an upload into it, once it is another's, must wait for the copy
      this.#openEncoder().copyBufferToBuffer(from.buffer, offset, staging, 0, size);
      await Promise.resolve(); // lets reads of the same turn record their copies before the submit
      this.flush();
      await staging.mapAsync(MAP_MODE.READ).catch(async (error) => {
        throw await this.#owner.explain(error);
      });
      this.#arrived(false);
      this.#owner.check();
      for (const doubt of doubts) {
        await doubt.ended;
        doubt.throwIfFailed();
      }
      return staging.getMappedRange().slice(0, bytes);
    } finally {
      staging.destroy();
    }
  }

  /** Submits what was recorded and written. */
  flush(): void {
    if (!this.#encoder && this.#heldBytes === 0) return;
    const commands: GPUCommandBuffer[] = [];
    if (this.#encoder) {
      this.#closePass();
      commands.push(this.#encoder.finish());
    }
    if (this.#pending > 0) {
      const bytes = this.#pending * UNIFORM_ALIGNMENT;
      this.#device.queue.writeBuffer(this.#uniformBuffer, 0, this.#uniformBytes.subarray(0, bytes));
    }
    this.#device.queue.submit(commands);
    this.#encoder = null;
    this.#pending = 0;
    this.#used.clear();
    this.#onTheWay.submits++;
    this.#onTheWay.bytes += this.#heldBytes;
    this.#heldBytes = 0;
    this.#settle(0);
  }

  /** Submits what was recorded, and has the pool make room for `bytes` more within its bound. */
  makeRoom(bytes: number): void {
    this.flush();
    this.#settle(bytes);
  }

  /** Keeps the pool in its bound, and waits if too much is on its way. */
  #settle(bytes: number): void {
    const onTheWay = this.#onTheWay;
    onTheWay.bytes += this.#pool.settle(bytes);
    if (onTheWay.submits >= MOST_SUBMITS || onTheWay.bytes >= MOST_BYTES_ON_THE_WAY) this.wait();
  }

  /**
   * Submits what was recorded and waits here and now until it is done. WebGPU has no such call, but Deno's
   * `onSubmittedWorkDone()` waits before it returns; where it does not, nothing is waited for.
   */
  wait(): void {
    this.flush();
    this.#device.queue.onSubmittedWorkDone().catch(() => {}); // a lost device reports its loss
    this.#onTheWay = { submits: 0, bytes: 0 };
  }

  /** Waits until everything recorded so far is done; throws what failed on the way, if nobody was told. */
  async sync(): Promise<void> {
    this.flush();
    await this.#device.queue.onSubmittedWorkDone().catch(async (error) => {
      throw await this.#owner.explain(error);
    });
    this.#owner.check();
    this.#arrived(true);
    for (const validation of this.#open) {
      await validation.ended;
      this.#open.delete(validation);
      if (!validation.isTold) validation.throwIfFailed();
    }
  }

  /** Forgets the bind groups, for when buffers were destroyed. */
  forgetBindGroups(): void {
    this.#bindGroups.clear();
  }

  /** Notes that what was submitted when a wait began is done; all that there was, or what a read waited for. */
  #arrived(isAllDone: boolean): void {
    this.#onTheWay = { submits: 0, bytes: 0 };
    if (!this.#encoder) this.#pool.reconsider(isAllDone); // what was recorded meanwhile may use what waits in the pool
  }

  #openEncoder(): GPUCommandEncoder {
    return this.#encoder ??= this.#device.createCommandEncoder();
  }

  #openPass(dispatch: Dispatch): GPUComputePassEncoder {
    if (this.profiler) {
      this.#closePass(); // timestamps are taken at the ends of a pass, so each dispatch gets its own
      return this.#pass = this.#openEncoder().beginComputePass(this.profiler.begin(dispatch));
    }
    return this.#pass ??= this.#openEncoder().beginComputePass();
  }

  #closePass(): void {
    this.#pass?.end();
    this.#pass = null;
  }

  #bindGroup(pipeline: Pipeline, buffers: GPUBuffer[], uniformBytes: number): GPUBindGroup {
    let key = `${pipeline.id}`;
    for (const buffer of buffers) key += `,${this.#bufferId(buffer)}`;
    const found = this.#bindGroups.get(key);
    if (found) return found;
    const entries: GPUBindGroupEntry[] = buffers.map((buffer, binding) => ({
      binding,
      resource: { buffer },
    }));
    if (uniformBytes > 0) {
      entries.push({
        binding: buffers.length,
        resource: { buffer: this.#uniformBuffer, size: uniformBytes },
      });
    }
    const group = this.#device.createBindGroup({ layout: pipeline.layout, entries });
    if (this.#bindGroups.size >= MOST_BIND_GROUPS) this.#bindGroups.clear();
    this.#bindGroups.set(key, group);
    return group;
  }

  #bufferId(buffer: GPUBuffer): number {
    let id = this.#bufferIds.get(buffer);
    if (id === undefined) this.#bufferIds.set(buffer, id = this.#nextBufferId++);
    return id;
  }
}

function align4(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/** A write must be a multiple of four bytes. */
function padTo4(data: Bytes): Bytes {
  if (data.byteLength % 4 === 0) return data;
  const padded = new Uint8Array(align4(data.byteLength));
  padded.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return padded;
}

/** An error for work that WebGPU refused though every kernel in it compiled. */
export function invalidWork(message: string): Error {
  return new Error(`Cannot run GPU work as WebGPU must accept it: ${message}`);
}
