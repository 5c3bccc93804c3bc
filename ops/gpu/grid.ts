/**
 * Numbers of WebGPU that the ways of dispatching share.
 *
 * @module
 */

/** Uniform offsets are multiples of this on every adapter (WebGPU's default `minUniformBufferOffsetAlignment`). */
export const UNIFORM_ALIGNMENT = 256;

/** Folds a number of workgroups into two dimensions of at most `most`. */
export function grid(workgroups: number, most: number): [number, number] {
  if (workgroups <= most) return [workgroups, 1];
  const rows = Math.ceil(workgroups / most);
  return [Math.ceil(workgroups / rows), rows];
}
