/**
 * What the GPU is asked to run: a kernel's text, and one dispatch of it.
 *
 * @module
 */
import type { Doubts } from "./validation.ts";

/** How a kernel uses one of its bindings. */
export type Access = "read" | "read_write" | "uniform";

/** WGSL text plus its bindings; the text alone identifies it. */
export interface Kernel {
  /** Shown in shader errors and in profiles. */
  readonly name: string;
  /** The whole module; its entry point is `main`, its bindings are in group 0. */
  readonly wgsl: string;
  /** Access of binding 0, 1, …; the kernel's own numbers, where it has any, are one more uniform after them. */
  readonly bindings: readonly Access[];
  /** Bytes of the uniform struct of numbers that the text declares after the other bindings; 0 where it has none. */
  readonly numberBytes: number;
}

/** What a kernel is bound to. */
export interface Bound {
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  /** What the value there depends on that is not known to be valid. */
  doubts: Doubts;
  /** Whether the value lives within a sequence, which computes it anew at each run. */
  readonly isInner?: boolean;
}

/** A part of a training step; `"other"` is what lies outside of layers, passes back and optimisers. */
export type Phase = "forward" | "backward" | "optimizer" | "other";

/** What a dispatch is for. */
export interface Purpose {
  /** The part of the step. */
  readonly phase: Phase;
  /** Path and class of the layer, such as `features.0 (Conv2d)`; the class of an optimiser; "" where there is none. */
  readonly layer: string;
}

/** One dispatch: a kernel, what is bound to it, and how many workgroups run. */
export interface Dispatch {
  readonly kernel: Kernel;
  /** One for each of `kernel.bindings`. */
  readonly bind: readonly Bound[];
  /** Bytes of the uniform struct, if the kernel has one; a function where some change (a learning rate, a seed): it is asked once for each run. */
  readonly numbers: Uint8Array | (() => Uint8Array) | null;
  /** Number of workgroups; the queue folds it into a grid. */
  readonly workgroups: number;
  /** Floating-point operations of this dispatch, where the family counts them: for profiles. */
  readonly flops?: number | undefined;
  /** What it is for, where that was noted when a step was captured: for profiles. */
  readonly purposes?: readonly Purpose[] | undefined;
}
