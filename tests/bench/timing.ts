/**
 * How long GPU work takes, without Deno's sleep.
 *
 * @module
 */

/** Steps that are queued at most before a wait. */
const MOST_STEPS = 10_000;

/** What can be timed: work that is queued, and the wait for it. */
export interface Work {
  /** Queues one step; it waits for nothing. */
  step(): void;
  /** Waits until everything that was queued is done. */
  wait(): Promise<unknown>;
}

/** Seconds that a wait for nothing takes: Deno's sleeps for 10 ms after the GPU is idle. */
export async function idleSeconds({ wait }: Pick<Work, "wait">): Promise<number> {
  await wait();
  const start = performance.now();
  await wait();
  return (performance.now() - start) / 1000;
}

/** Seconds that each of `steps` steps takes: all are queued, then waited for once; a wait for nothing is subtracted. */
export async function stepSeconds(work: Work, steps: number): Promise<number> {
  const idle = await idleSeconds(work), start = performance.now();
  for (let i = 0; i < steps; i++) work.step();
  await work.wait();
  return Math.max(0, (performance.now() - start) / 1000 - idle) / steps;
}

/** How many steps fill so many seconds, found by running more and more of them; 1 to 10,000. */
export async function stepsWithin(work: Work, seconds: number): Promise<number> {
  for (let steps = 1;;) {
    const total = steps * await stepSeconds(work, steps);
    if (total >= seconds / 4 || steps === MOST_STEPS) return stepsFor(seconds, total / steps);
    steps = Math.min(MOST_STEPS, 4 * steps);
  }
}

/** How many steps of `each` seconds fill so many seconds: 1 to 10,000. */
export function stepsFor(seconds: number, each: number): number {
  return Math.min(MOST_STEPS, Math.max(1, Math.round(seconds / Math.max(each, 1e-6))));
}

/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Largest distance of a value from the median, as a share of it. */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  return Math.max(...values.map((value) => Math.abs(value - middle))) / middle;
}
