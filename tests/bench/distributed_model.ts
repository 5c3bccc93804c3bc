/**
 * What a step of several ranks costs, on paper: `docs/distributed.md` has the formula, and what it says for many ranks.
 *
 * @module
 */

/** What a step is made of; times in milliseconds. */
export interface Setting {
  readonly ranks: number;
  /** Forward and backward pass and update of one rank. */
  readonly compute: number;
  /** Megabytes of all gradients. */
  readonly megabytes: number;
  /** A message's latency. */
  readonly latency: number;
  /** Megabytes that a rank sends in a millisecond, which are gigabytes in a second. */
  readonly bandwidth: number;
  /** From the GPU to the host and back: Deno's sleep, and the copies. */
  readonly read: number;
}

/** What the time of an all-reduce is made of: messages one after the other, and bytes of each rank. */
export function allReduce(
  { ranks: n, megabytes, latency, bandwidth }: Setting,
  by: "ranks" | "tree",
): number {
  const messages = by === "ranks" ? 2 * (n - 1) : 2 * Math.ceil(Math.log2(n));
  return messages * latency + 2 * (n - 1) / n * megabytes / bandwidth;
}

/** The time of a step: averaged gradients at once, a step late, or a meeting in so many steps. */
export function step(
  setting: Setting,
  how: "sync" | "delayed" | number,
  by: "ranks" | "tree" = "ranks",
): number {
  const { compute, read } = setting, away = read + allReduce(setting, by);
  if (how === "sync") return compute + away;
  return how === "delayed" ? Math.max(compute, away) : compute + away / how;
}

/** Milliseconds of Deno's wait for the GPU. */
export const SLEEP = 11.8;

/** A step on a GPU of a cluster: the read-back's sleep, and four copies of all gradients at 6 GB/s. */
export function onCluster(ranks: number, compute: number, megabytes: number): Setting {
  return { ranks, compute, megabytes, latency: 0.002, bandwidth: 10, read: SLEEP + 4 * megabytes / 6 };
}

/** Networks, their step on a GPU (assumed) and their gradients. */
export const NETWORKS = [
  { name: "LeNet", compute: 1, megabytes: 0.247 },
  { name: "the deep network", compute: 10, megabytes: 28 },
  { name: "25 million parameters", compute: 60, megabytes: 100 },
] as const;

if (import.meta.main) {
  for (const { name, compute, megabytes } of NETWORKS) {
    for (const ranks of [8, 64, 1000]) {
      const setting = onCluster(ranks, compute, megabytes),
        texts = (["sync", "delayed", 50] as const).map((how) => {
          const by = ranks > 100 ? "tree" : "ranks", time = step(setting, how, by);
          return `${time.toFixed(1)} ms, ${(100 * compute / time).toFixed(0)} %`;
        });
      console.log(`| ${[name, ranks, ...texts].join(" | ")} |`);
    }
  }
}
