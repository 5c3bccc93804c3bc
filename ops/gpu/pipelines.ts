/**
 * Pipelines, made once for each kernel text.
 *
 * @module
 */
import type { Kernel } from "./kernel.ts";

/** A compiled kernel. */
export interface Pipeline {
  /** Number of this pipeline on its device, for cache keys. */
  readonly id: number;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Compiles kernels and keeps them by their text. */
export class PipelineCache {
  /** Milliseconds spent in compiling since the device was opened. */
  compileMs = 0;
  /** Called with a kernel's name before it is compiled, for progress messages. */
  onCompile: ((name: string) => void) | null = null;
  readonly #device: GPUDevice;
  readonly #fail: (error: Error) => void;
  readonly #byText = new Map<string, Pipeline>();

  /** Makes an empty cache; a kernel that does not compile is reported to `fail`. */
  constructor(device: GPUDevice, fail: (error: Error) => void) {
    this.#device = device;
    this.#fail = fail;
  }

  /** How many kernels were compiled. */
  get size(): number {
    return this.#byText.size;
  }

  /** The pipeline of `kernel`, compiled when its text is new. */
  get(kernel: Kernel): Pipeline {
    const found = this.#byText.get(kernel.wgsl);
    if (found) return found;
    this.onCompile?.(kernel.name);
    const start = performance.now();
    const made = this.#compile(kernel);
    this.compileMs += performance.now() - start;
    this.#byText.set(kernel.wgsl, made);
    return made;
  }

  #compile(kernel: Kernel): Pipeline {
    const device = this.#device;
    // The layout is written down, not derived: a binding that the text happens not to use stays bound.
    const buffers: GPUBufferBindingLayout[] = kernel.bindings.map((access) => ({
      type: BINDING_TYPES[access],
    }));
    // The offset of a dispatch's numbers is given when it is recorded, so that bind groups do not depend on it.
    if (kernel.uniformBytes > 0) buffers.push({ type: "uniform", hasDynamicOffset: true });
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: kernel.name, code: kernel.wgsl });
    const layout = device.createBindGroupLayout({
      label: kernel.name,
      entries: buffers.map((buffer, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer })),
    });
    const pipeline = device.createComputePipeline({
      label: kernel.name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    device.popErrorScope().then((error) => {
      if (error) this.#fail(shaderError(kernel, error.message));
    }, () => {}); // a lost device rejects; the loss itself is reported by the device
    return { id: this.#byText.size, pipeline, layout };
  }
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
