/**
 * How long GPU work takes, without Deno's sleep.
 *
 * @module
 */
import type { Device } from "../../mod.ts";

/**
 * Seconds that `steps` calls of `step` take on the GPU: all are queued, then waited for once. Deno's wait sleeps for
 * 10 ms after the GPU is idle; the time of a wait for nothing is measured and subtracted.
 */
export async function gpuSeconds(device: Device, steps: number, step: () => void): Promise<number> {
  await device.sync();
  let start = performance.now();
  await device.sync();
  const wait = performance.now() - start;
  start = performance.now();
  for (let i = 0; i < steps; i++) step();
  await device.sync();
  return Math.max(0, performance.now() - start - wait) / 1000;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
