/**
 * The GPU: opening it, what it can do, and the parts that belong to it.
 *
 * @module
 */
import { BUFFER_USAGE } from "./constants.ts";
import { DeviceLostError } from "./device_lost_error.ts";
import { kernelsFor } from "./adapter.ts";
import { Allocations } from "./allocations.ts";
import { isOfLostDevice, outOfMemory } from "./buffers.ts";
import { findGpu, refuseOldDeno } from "./find_gpu.ts";
import { PipelineCache } from "./pipelines.ts";
import { BufferPool, type MemoryReport } from "./pool.ts";
import type { Purpose } from "./kernel.ts";
import { type ProfiledDispatch, Profiler, type ProfileRow, rowsOf } from "./profiler.ts";
import { CommandQueue, invalidWork } from "./queue.ts";

export type { MemoryReport, ProfiledDispatch, ProfileRow, Purpose };
export type { Phase } from "./kernel.ts";

/** Options of {@linkcode openDevice}. */
export interface DeviceOptions {
  /**
   * Which kernels to use: fat register tiles for Mesa's CPU adapter, or many small threads for GPUs and all others. Chosen
   * by the adapter's name.
   */
  kernels?: "cpu" | "gpu";
  /** Whether captured steps fuse their work into fewer kernels, true unless given; false is for comparison. */
  fusion?: boolean;
  /**
   * Whether dispatches of captured steps that do not depend on one another share one. Unless given they do on GPUs, and where
   * `kernels: "gpu"` is asked for; on a CPU adapter each lane goes through the work of all.
   */
  merging?: boolean;
  /** Which adapter to prefer where there are several. */
  powerPreference?: GPUPowerPreference;
  /** An adapter that the program has already: the device is asked of it, and no other is looked for. */
  adapter?: GPUAdapter;
  /**
   * A device that the program has already, such as the one that a page draws with. It is used with the limits that it has,
   * and stays open when this is closed.
   */
  device?: GPUDevice;
  /**
   * Whether it is remembered where each tensor was made, false unless given: the error of a GPU that has no memory left
   * then names the lines that hold most of it. Each tensor costs some microseconds more.
   */
  trackAllocations?: boolean;
}

/**
 * A GPU that tensors live on. Opened by {@linkcode openDevice}.
 *
 * @example Usage
 * ```ts
 * import { openDevice, zeros } from "@plunge/plunge";
 * import { assert } from "@std/assert";
 *
 * const device = await openDevice();
 * using x = zeros([256, 256]);
 * assert(device.memory().bytesInUse >= 4 * x.size);
 * await device.sync(); // all work so far is done
 * ```
 */
export class Device {
  /** The adapter's own description, such as `llvmpipe (LLVM 15.0.6, 256 bits)`. */
  readonly name: string;
  /** Whether the adapter runs on the CPU. */
  readonly isSoftware: boolean;
  /** Which kernels are used here. */
  readonly kernels: "cpu" | "gpu";
  /** Whether captured steps are fused. */
  readonly fusion: boolean;
  /**
   * Whether it gets what suits a GPU beyond its kernels: it is one, or those kernels were asked for.
   *
   * @internal
   */
  readonly isLikeGpu: boolean;
  /** Whether their independent dispatches share one. */
  readonly merging: boolean;
  /** Which adapter was preferred where there are several, if any was. */
  readonly powerPreference: GPUPowerPreference | undefined;
  /** Whether it is remembered where each tensor was made. */
  readonly trackAllocations: boolean;
  /** The limits that the device was opened with. */
  readonly limits: GPUSupportedLimits;
  /** WebGPU's own device, for those who bring their own passes. */
  readonly gpu: GPUDevice;
  /** The adapter that was given, if one was. */
  readonly adapter: GPUAdapter | undefined;
  /** Whether `gpu` was given: then it stays open when this is closed. */
  readonly isBorrowed: boolean;
  /**
   * Where buffers come from.
   *
   * @internal
   */
  readonly pool: BufferPool;
  /**
   * Compiled kernels.
   *
   * @internal
   */
  readonly pipelines: PipelineCache;
  /**
   * Where work goes.
   *
   * @internal
   */
  readonly queue: CommandQueue;
  /**
   * Called before a kernel is compiled, with the seconds that compiling took so far since the last time that none was. On
   * a CPU adapter a large kernel takes a second, during which nothing else happens.
   */
  onCompile: ((kernel: string, seconds: number) => void) | null = null;
  /** What went wrong and was not told yet. */
  #failure: Error | null = null;
  /** Why it was lost, if it was. */
  #loss: string | null = null;
  #closed = false;
  /** A buffer by which it is seen that the device was lost. */
  readonly #canary: GPUBuffer;

  /** Wraps a device that `openDevice` obtained. */
  constructor(
    gpu: GPUDevice,
    name: string,
    isSoftware: boolean,
    options: DeviceOptions & { readonly kernels: "cpu" | "gpu" },
    isLikeGpu: boolean,
  ) {
    this.gpu = gpu;
    this.name = name;
    this.isSoftware = isSoftware;
    this.kernels = options.kernels;
    this.fusion = options.fusion ?? true;
    this.isLikeGpu = isLikeGpu;
    this.merging = options.merging ?? isLikeGpu;
    this.powerPreference = options.powerPreference;
    this.adapter = options.adapter;
    this.isBorrowed = options.device !== undefined;
    this.trackAllocations = options.trackAllocations ?? false;
    this.limits = gpu.limits;
    this.#canary = gpu.createBuffer({ label: "canary", size: 4, usage: BUFFER_USAGE.COPY_DST });
    const owner = {
      gpu,
      check: () => this.#check(),
      expectAlive: () => {
        if (this.#seemsLost()) this.#check();
      },
      fail: (error: Error) => void (this.#failure ??= error),
      explain: (error: unknown) => this.#explain(error),
      submit: () => this.queue.flush(),
      makeRoom: (bytes: number) => this.queue.makeRoom(bytes),
      wait: () => this.queue.wait(),
    };
    const pool = this.pool = new BufferPool(owner);
    if (this.trackAllocations) pool.allocations = new Allocations();
    const pipelines = this.pipelines = new PipelineCache(
      gpu,
      (kernel, seconds) => this.onCompile?.(kernel, seconds),
    );
    this.queue = new CommandQueue({ ...owner, pool, pipelines });
    // Validation errors are silent unless somebody takes them.
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      const { error } = event as GPUUncapturedErrorEvent;
      owner.fail(
        error instanceof GPUOutOfMemoryError ? outOfMemory(error.message) : invalidWork(error.message),
      );
    });
    gpu.lost.then(({ reason, message }) => this.#lose(`${reason}, ${message}`));
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Whether it was lost: its driver gave it up, or somebody destroyed `device.gpu`. All that uses it throws, and
   * `openDevice()` opens another, on which a program may begin again from what it saved.
   */
  get lost(): boolean {
    return this.#loss !== null;
  }

  /**
   * How it ended, `"closed"` or `"lost"` with the reason, or null while it can be used.
   *
   * @internal
   */
  get end(): string | null {
    if (this.#closed) return "closed";
    return this.#loss === null ? null : `lost (${this.#loss})`;
  }

  /** Tells what is allocated: live tensors, bytes in use, bytes waiting in the pool, and the peak. */
  memory(): MemoryReport {
    return { ...this.pool.report };
  }

  /**
   * Frees the memory that waits in the pool for its next use. That is bounded by what was in use lately, so it need not be
   * called, unless something else wants the memory now.
   *
   * @example Usage
   * ```ts
   * import { openDevice, zeros } from "@plunge/plunge";
   * import { assertEquals } from "@std/assert";
   *
   * const device = await openDevice();
   * zeros([1024, 1024]).dispose();
   * device.trim();
   * assertEquals(device.memory().bytesPooled, 0);
   * ```
   */
  trim(): void {
    this.queue.flush();
    this.pool.trim();
    this.queue.forgetBindGroups();
  }

  /** Waits until all work so far is done; throws what went wrong on the way. */
  async sync(): Promise<void> {
    await this.queue.sync();
  }

  /** Describes the device in a line. */
  toString(): string {
    const { bytesInUse, tensors } = this.pool.report;
    const state = this.end ?? `${tensors} tensors, ${(bytesInUse / 2 ** 20).toFixed(1)} MiB in use`;
    return `Device(${this.name}, ${this.kernels} kernels, ${state})`;
  }

  /** The same description where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  /**
   * Frees the device. Its tensors cannot be used afterwards. Of a device that was given to `openDevice`, what the library
   * keeps on it is freed, and the memory of each tensor when that is disposed.
   */
  close(): void {
    if (this.#closed) return;
    if (this.isBorrowed && this.#loss === null) this.queue.flush();
    this.#closed = true;
    if (current === this) current = null;
    if (!this.isBorrowed) this.gpu.destroy();
    // Tensors that are still held hold the device: what it compiled and kept must not stay for their sake.
    this.pool.close();
    this.queue.forgetBindGroups();
    this.pipelines.clear();
  }

  /**
   * Runs `fn` and measures each kernel on the GPU.
   *
   * @param fn What to measure; it may be async. Run it once before, so that nothing is compiled meanwhile.
   * @returns A row for each kernel, the longest first.
   */
  async profileKernels(fn: () => unknown): Promise<ProfileRow[]> {
    return rowsOf(await this.profileDispatches(fn));
  }

  /**
   * Runs `fn` and measures each dispatch.
   *
   * @param purposes Says what a dispatch is for that is being recorded.
   * @internal
   */
  async profileDispatches(
    fn: () => unknown,
    purposes?: () => readonly Purpose[],
  ): Promise<ProfiledDispatch[]> {
    this.queue.flush();
    const profiler = this.queue.profiler = new Profiler(this.gpu, purposes);
    try {
      await fn();
      await this.queue.sync();
    } finally {
      this.queue.profiler = null;
    }
    return await profiler.dispatches().catch(async (error) => {
      throw await this.#explain(error);
    });
  }

  #check(): void {
    if (this.#closed) throw new Error("Cannot use the GPU as its device must be open: it was closed");
    if (this.#loss !== null) {
      throw new DeviceLostError(
        `Cannot use the GPU as its device was lost: ${this.#loss}. What lay on it is gone; ` +
          "`await openDevice()` opens another",
      );
    }
    const failure = this.#failure;
    if (!failure) return;
    this.#failure = null; // an error is told once; what it left behind is undefined, the device is not
    throw failure;
  }

  #lose(reason: string): void {
    if (this.#closed) return; // which destroys it
    this.#loss = reason;
    if (current === this) current = null;
    lastLoss = reason;
  }

  /** Finds out whether the device was lost, which WebGPU says only at the end of the turn. */
  #seemsLost(): boolean {
    if (this.end === null && isOfLostDevice(this.#canary)) this.#lose("destroyed, or given up by its driver");
    return this.end !== null;
  }

  /** What stands behind an error of WebGPU's. */
  async #explain(error: unknown): Promise<Error> {
    try {
      await this.settleLoss();
      this.#check();
    } catch (found) {
      return found as Error;
    }
    const { message } = error as Error;
    return new Error(`Cannot read from the GPU as WebGPU must accept it: ${message}`, { cause: error });
  }

  /**
   * Waits for the reason, if the device was lost.
   *
   * @internal
   */
  async settleLoss(): Promise<void> {
    if (this.#seemsLost()) await this.gpu.lost;
  }
}

let current: Device | null = null;
let opening: Promise<Device> | null = null;
/** Why the last device was lost, if it was, to say so where one is missing. */
let lastLoss: string | null = null;

/** Opens the GPU, or returns it when it is open; users reach it through `core/open_device.ts`. */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  await current?.settleLoss();
  const isOpen = current !== null || opening !== null;
  opening ??= current ? null : open(options).finally(() => opening = null);
  const device = current ?? await opening!;
  if (isOpen) expectOptions(device, options);
  return device;
}

/** Refuses options that an open device does not have: there is one device, and its options are those of the first call. */
function expectOptions(device: Device, options: DeviceOptions): void {
  const isOther = { adapter: options.adapter !== device.adapter, device: options.device !== device.gpu };
  for (const name of ["adapter", "device"] as const) {
    if (options[name] === undefined || !isOther[name]) continue;
    throw new Error(
      `Cannot open a device as ${name} must be that of the one that is open: it is another (close() it first)`,
    );
  }
  for (const name of ["kernels", "fusion", "merging", "powerPreference", "trackAllocations"] as const) {
    const wanted = options[name], has = device[name];
    if (wanted === undefined || wanted === has) continue;
    throw new Error(
      `Cannot open a device as ${name} must be that of the one that is open: ${
        JSON.stringify(wanted)
      }, it has ${JSON.stringify(has ?? null)} (close() it first)`,
    );
  }
}

/**
 * Returns the open device.
 *
 * @param action What is about to be done, for the error.
 * @throws {Error} If no device is open.
 */
export function currentDevice(action: string): Device {
  if (current) return current;
  const found = lastLoss === null ? "" : `the last one was lost (${lastLoss}), `;
  const message = `Cannot ${action} as a device must be open: ${found}call \`await openDevice()\` first`;
  throw lastLoss === null ? new Error(message) : new DeviceLostError(message);
}

async function open(options: DeviceOptions): Promise<Device> {
  refuseOldDeno();
  const { gpu, name, isSoftware } = await findGpu(options);
  const kernels = options.kernels ?? kernelsFor(name);
  const isLikeGpu = kernels === "gpu" && (!isSoftware || options.kernels === "gpu");
  lastLoss = null;
  return current = new Device(gpu, name, isSoftware, { ...options, kernels }, isLikeGpu);
}
