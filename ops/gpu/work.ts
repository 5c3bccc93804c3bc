/**
 * What a family of kernels makes of a call.
 *
 * @module
 */
import type { Dispatch } from "./kernel.ts";
import type { Storage } from "./storage.ts";

/** Dispatches, and the memory that only they use. */
export interface Work {
  readonly dispatches: Dispatch[];
  readonly temporaries: Storage[];
}
