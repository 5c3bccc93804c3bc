/**
 * Pipelines, made once for each kernel text.
 *
 * @module
 */
import { SHADER_STAGE } from "./constants.ts";
import type { Kernel } from "./kernel.ts";
import { Recent } from "./recent.ts";
import { Validation } from "./validation.ts";

/** A compiled kernel. */
export interface Pipeline {
  /** Number of this pipeline on its device, for cache keys. */
  readonly id: number;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Whether it compiled. */
  readonly validation: Validation;
}

/** Milliseconds between two kernels after which the second belongs to other work. */
const BURST_PAUSE = 200;

/** Pipelines that are kept, at some 0.2 MB each; the step of a deep network has some hundred. */
const MOST_PIPELINES = 1024;

/**
 * Compiles kernels and keeps them by their text. Of very many those go that were not used for the longest time; whoever
 * holds one, as a prepared sequence does, goes on with it.
 */
export class PipelineCache {
  /** Milliseconds spent in compiling since the device was opened. */
  compileMs = 0;
  readonly #device: GPUDevice;
  readonly #onCompile: (name: string, seconds: number) => void;
  /** When the kernels of late began to be compiled, and when the last of them was. */
  #burst = { begun: -Infinity, ended: -Infinity };
  readonly #byText: Recent<Pipeline>;
  #compiled = 0;

  /** Makes an empty cache; each kernel that is compiled is reported to `onCompile`, and `most` are kept. */
  constructor(
    device: GPUDevice,
    onCompile: (name: string, seconds: number) => void = () => {},
    most = MOST_PIPELINES,
  ) {
    this.#device = device;
    this.#onCompile = onCompile;
    this.#byText = new Recent({ most });
  }

  /** How many kernels were compiled since the device was opened. */
  get compiled(): number {
    return this.#compiled;
  }

  /** How many of them are kept. */
  get size(): number {
    return this.#byText.size;
  }

  /** The pipeline of `kernel`, compiled when its text is new. */
  get(kernel: Kernel): Pipeline {
    const found = this.#byText.get(kernel.wgsl);
    if (found) return found;
    const start = performance.now();
    if (start - this.#burst.ended > BURST_PAUSE) this.#burst.begun = start;
    this.#onCompile(kernel.name, (start - this.#burst.begun) / 1000);
    const made = this.#compile(kernel);
    this.#burst.ended = performance.now();
    this.compileMs += this.#burst.ended - start;
    this.#byText.set(kernel.wgsl, made);
    return made;
  }

  /** Whether a kernel was compiled before. */
  has(kernel: Kernel): boolean {
    return this.#byText.get(kernel.wgsl) !== undefined;
  }

  /** Refuses a kernel that no adapter of the device's limits can run, before anything of its work does. */
  check(kernel: Kernel): void {
    refuseTooManyBindings(kernel, this.#device.limits);
  }

  /** Forgets all pipelines, for when the device is closed. */
  clear(): void {
    this.#byText.clear();
  }

  #compile(kernel: Kernel): Pipeline {
    const device = this.#device;
    refuseTooManyBindings(kernel, device.limits);
    // The layout is written down, not derived: a binding that the text happens not to use stays bound.
    const buffers: GPUBufferBindingLayout[] = kernel.bindings.map((access) => ({
      type: BINDING_TYPES[access],
    }));
    // The offset of a dispatch's numbers is given when it is recorded, so that bind groups do not depend on it.
    if (kernel.numberBytes > 0) buffers.push({ type: "uniform", hasDynamicOffset: true });
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: kernel.name, code: kernel.wgsl });
    const layout = device.createBindGroupLayout({
      label: kernel.name,
      entries: buffers.map((buffer, binding) => ({ binding, visibility: SHADER_STAGE.COMPUTE, buffer })),
    });
    const pipeline = device.createComputePipeline({
      label: kernel.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    const outcome = device.popErrorScope().then(
      (error) => error && shaderError(kernel, error.message),
      () => null, // a lost device rejects; the loss itself is reported by the device
    );
    return { id: this.#compiled++, pipeline, layout, validation: new Validation(outcome) };
  }
}

/** Refuses a kernel that no adapter of these limits can run, before WebGPU does so in words of its own. */
function refuseTooManyBindings({ name, bindings }: Kernel, limits: GPUSupportedLimits): void {
  const most = limits.maxStorageBuffersPerShaderStage;
  const count = bindings.filter((access) => access !== "uniform").length;
  if (count <= most) return;
  throw new RangeError(
    `Cannot run kernel ${name} as it may bind ${most} storage buffers on this adapter: it binds ${count}`,
  );
}

const BINDING_TYPES = { read: "read-only-storage", read_write: "storage", uniform: "uniform" } as const;

/** An error that names the kernel and shows the line of its text that the compiler points at. */
export function shaderError(kernel: Kernel, message: string): Error {
  const at = /(?:wgsl:|:)(\d+):\d+/.exec(message);
  const line = at ? kernel.wgsl.split("\n")[Number(at[1]) - 1] : undefined;
  const where = line === undefined ? "" : `\nat line ${at![1]}: ${line.trim()}`;
  return new Error(
    `Cannot compile kernel ${kernel.name} as its WGSL must be valid: ${message.trim()}${where}`,
  );
}
