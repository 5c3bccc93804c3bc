/**
 * The choices that depend on the adapter, in one place.
 *
 * A CPU adapter wants few fat invocations with big register tiles and no barriers; a GPU wants many small ones.
 *
 * @module
 */

/** Which kind of adapter the kernels are made for. */
export type KernelSet = "cpu" | "gpu";

/** What a family asks before it writes a kernel. */
export interface Adapter {
  readonly kernels: KernelSet;
  /** Invocations of a workgroup where a kernel has no reason of its own. */
  readonly workgroupSize: number;
  /** The same where each invocation computes a large tile: one vector of a CPU adapter, so that there are many workgroups. */
  readonly tileWorkgroup: number;
  /** Invocations below which a reduction is split into chunks. */
  readonly enoughThreads: number;
  /** Elements below which a reduction is not worth a second pass. */
  readonly smallReduction: number;
  /** Most invocations of a kernel whose invocations stride over all that there is. */
  readonly strideThreads: number;
  /** Whether convolutions may be written out at length, as a GPU's compiler wants them. */
  readonly longTexts: boolean;
}

/** The adapters by name. */
export const ADAPTERS: Readonly<Record<KernelSet, Adapter>> = {
  cpu: {
    kernels: "cpu",
    workgroupSize: 32,
    tileWorkgroup: 8,
    enoughThreads: 256,
    smallReduction: 4096,
    strideThreads: 512,
    longTexts: false,
  },
  gpu: {
    kernels: "gpu",
    workgroupSize: 64,
    tileWorkgroup: 64,
    enoughThreads: 16384,
    smallReduction: 1024,
    strideThreads: 65536,
    longTexts: true,
  },
};

/** A CPU adapter that takes the GPU's kernels, such as SwiftShader, which compiles long texts for seconds. */
export const GPU_KERNELS_ON_CPU: Adapter = { ...ADAPTERS.gpu, longTexts: false };
