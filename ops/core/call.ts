/**
 * Calls: what operations ask the GPU to do, as data that can be run at once or recorded.
 *
 * @module
 */
import type { Storage } from "../gpu/storage.ts";
import type { ElementwiseCall } from "../kernels/elementwise.ts";
import type { Adapter } from "../kernels/adapter.ts";
import type { Work } from "../gpu/work.ts";
import type { Epilogue, FusedPool } from "../kernels/wgsl/epilogue.ts";

/** What a recorder lets a call do to its first output before it is stored. */
export interface Fused {
  /** Elementwise work on each value. */
  readonly epilogue: Epilogue;
  /** Where the value goes after that, in place of `writes[0]`. */
  readonly y: Storage;
  /** A pooling of it, given only to a call that absorbs poolings. */
  readonly pool?: FusedPool;
}

/** One call of a family. It says what it touches, so that a recorder can plan, and makes its own dispatches. */
export interface Call {
  readonly name: string;
  readonly reads: readonly Storage[];
  readonly writes: readonly Storage[];
  /** The whole call as data, where it is elementwise: such calls merge with one another. */
  readonly elementwise?: ElementwiseCall;
  /** Shape of `writes[0]`, where the family can apply an epilogue to it before it is stored. */
  readonly absorbs?: readonly number[];
  /** What it pools, where it is a pooling in windows of two by two with no more to it: `reads[0]` into `writes`. */
  readonly pooling?: { readonly kind: "max" | "avg"; readonly h: number; readonly w: number };
  /** Whether the family can do such a pooling of its output as well. */
  readonly absorbsPooling?: boolean;
  /**
   * What the dispatches depend on beside their storages, where it is cheap to say: calls of one key and device differ in
   * storages alone. The dispatches are then made once, as writing kernels takes longer than running small ones.
   */
  readonly key?: string;
  /** Makes the dispatches. Fused work is only given to a call that absorbs it. */
  lower(adapter: Adapter, fused?: Fused): Work;
}
