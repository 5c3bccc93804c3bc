/**
 * How fast a kernel can be at best on GPUs that are not at hand, from what it moves and what its instructions are.
 *
 * @module
 */
import type { Counts } from "./assembly.ts";

/** What a GPU can do, by its maker's figures. */
export interface Gpu {
  readonly name: string;
  /** Floating-point operations a second in float32, a multiply-add counting as two. */
  readonly flops: number;
  /** Bytes a second of its memory, and of the workgroup memories of all its cores. */
  readonly memory: number;
  readonly shared: number;
}

/**
 * The GPUs of the table. Workgroup memory gives 128 bytes a clock and core on NVIDIA's and Intel's; Apple does not say, 64 is
 * assumed.
 */
export const GPUS: readonly Gpu[] = [
  { name: "integrated", flops: 2.2e12, memory: 51e9, shared: 1.0e12 }, // Intel Iris Xe, 96 units at 1.35 GHz, DDR4-3200
  { name: "M2", flops: 3.6e12, memory: 100e9, shared: 0.9e12 }, // 10 cores at 1.4 GHz
  { name: "RTX 4070", flops: 29e12, memory: 504e9, shared: 14.6e12 }, // 46 cores at 2.475 GHz
  { name: "H200", flops: 67e12, memory: 4.8e12, shared: 33e12 }, // 132 cores at 1.98 GHz
];

/** What a dispatch asks for. */
export interface Demand {
  /** Operations, or undefined where the family does not count them. */
  readonly flops?: number;
  /** Bytes of all that is bound, each once. */
  readonly bytes: number;
}

/**
 * The share of its roofline that a kernel can reach on paper: the time that its arithmetic and its memory would take at the
 * GPU's best, over the time that its own instructions bound it to. That it never waits is assumed.
 *
 * @param loop The instructions of the loop that does the work.
 */
export function reachable({ flops, bytes }: Demand, loop: Counts, gpu: Gpu): number | undefined {
  if (flops === undefined || loop.multiplyAdds === 0) return undefined;
  const arithmetic = flops / gpu.flops, memory = bytes / gpu.memory;
  const issue = arithmetic * loop.instructions / loop.multiplyAdds;
  const shared = flops / 2 / loop.multiplyAdds * loop.readShared / gpu.shared;
  return Math.max(arithmetic, memory) / Math.max(issue, shared, memory);
}
