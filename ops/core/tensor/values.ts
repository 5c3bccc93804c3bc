/**
 * Numbers that come out of tensors, and go in.
 *
 * @module
 */

/** What `data()` gives: the typed array for each dtype. */
export interface DataOf {
  /** Numbers. */
  float32: Float32Array;
  /** Indices and labels. */
  int32: Int32Array;
  /** 0 or 1. */
  bool: Uint8Array;
}

/** Numbers nested as deep as the tensor has dimensions; a plain number for a scalar. */
export type NestedArray = number | boolean | NestedArray[];
