/**
 * Calls: what operations ask the GPU to do, as data that can be run at once or recorded.
 *
 * @module
 */
import type { Storage } from "../gpu/storage.ts";
import type { Work } from "../gpu/work.ts";
import type { Adapter } from "../kernels/adapter.ts";
import { elementwise, type ElementwiseCall } from "../kernels/elementwise.ts";
import { type FirstOutput, IDENTITY, type PoolingByTwos } from "../kernels/wgsl/epilogue.ts";

/** What a family can do to its first output before that is stored. */
export interface Absorbs {
  /** Shape of the first output. An epilogue is applied to each of its values. */
  readonly shape: readonly number[];
  /** Whether planes of it, its last two dimensions, can be pooled by twos as well. */
  readonly pooling?: boolean;
}

/** A pooling of planes in windows of two by two, as data. */
export interface PoolingCall extends PoolingByTwos {
  readonly x: Storage;
  readonly h: number;
  readonly w: number;
}

/**
 * One call of a family. It names its storages, so that a recorder can plan.
 *
 * Its dispatches are made from its data alone and are remembered by it: calls of equal data differ in storages alone.
 */
// deno-lint-ignore no-explicit-any
export interface Call<Data extends object = any> {
  readonly name: string;
  readonly reads: readonly Storage[];
  readonly writes: readonly Storage[];
  /** All that the dispatches depend on beside the name and the first output; every storage in it is among the above. */
  readonly data: Data;
  /** Makes the dispatches. A function that is made anew for each call is called each time; others only for new data. */
  readonly lower: (call: Named & NoInfer<Data> & FirstOutput, adapter: Adapter) => Work;
  /** What may happen to `writes[0]` before it is stored. */
  readonly absorbs?: Absorbs | undefined;
  /** The whole call, where it is elementwise: such calls merge with one another, and with what absorbs them. */
  readonly elementwise?: ElementwiseCall;
  /** The whole call, where it is a pooling by twos: it merges with what absorbs it. */
  readonly pooling?: PoolingCall | undefined;
}

/** What every family is given beside the data. */
interface Named {
  /** Name of the call. */
  readonly name: string;
}

/** Makes a call's dispatches; without `out` its first output is stored as it is. */
export function lowerCall(
  call: Call,
  adapter: Adapter,
  out: FirstOutput = { y: call.writes[0]!, epilogue: IDENTITY },
): Work {
  return call.lower({ name: call.name, ...call.data, ...out }, adapter);
}

/** An elementwise call as a call like any other. */
export function elementwiseAsCall(call: ElementwiseCall): Call<ElementwiseCall> {
  return {
    name: call.name,
    reads: call.inputs.map((o) => o.storage),
    writes: call.outputs.map((o) => o.storage),
    data: call,
    lower: elementwise,
    elementwise: call,
  };
}
