/**
 * Counting tensors.
 *
 * @module
 */
import type { Device } from "../../mod.ts";

/**
 * Tensors that nobody disposed of. Those that the collector found count too: it may come at any `await`, and takes what
 * earlier tests left.
 */
export function undisposed(device: Device): number {
  const { tensors, forgotten } = device.memory();
  return tensors + forgotten;
}
