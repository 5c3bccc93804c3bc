/**
 * Running a kernel of its own for what no family does.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../../kernels/adapter.ts";
import { dispatch, type DispatchNumber, type KernelParts } from "../../kernels/wgsl/source.ts";
import type { Call } from "../call.ts";
import { run } from "../run.ts";

/** A kernel's text, and what it runs with. */
export interface SingleKernel extends Omit<KernelParts, "name" | "workgroupSize"> {
  /** What suits the adapter unless given. */
  readonly workgroupSize?: number | undefined;
  /** The values of what `numberDecls` declares. */
  readonly numbers: readonly DispatchNumber[];
  /** How many invocations are wanted. */
  readonly invocations: number;
}

/** Runs one kernel once. Its bindings are `reads`, then `writes`. */
export function runSingleKernel(
  name: string,
  kernel: SingleKernel,
  reads: readonly Storage[],
  writes: readonly Storage[],
): void {
  run({ name, reads, writes, data: { ...kernel, bind: [...reads, ...writes] }, lower: lowerSingleKernel });
}

/** Whether a call is a kernel of the user's own. */
export function isSingleKernel({ lower }: Call): boolean {
  return lower === lowerSingleKernel;
}

function lowerSingleKernel(
  { bind, numbers, invocations, ...parts }: SingleKernel & {
    readonly name: string;
    readonly bind: Storage[];
  },
  adapter: Adapter,
): Work {
  const workgroupSize = parts.workgroupSize ?? adapter.workgroupSize;
  return {
    dispatches: [dispatch({ ...parts, workgroupSize }, bind, numbers, invocations)],
    temporaries: [],
  };
}
