/**
 * Measures over the examples of all ranks, and one log for all.
 *
 * @module
 */
import { Accumulator } from "../train/accumulator.ts";
import { countCorrect } from "../train/evaluate.ts";
import { MODULE, type Module } from "../module.ts";
import { BOOLEAN, FUNCTION, instanceOf, ITERABLE } from "../../ops/core/kinds.ts";
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { compile, type Compiled } from "../../ops/core/compile/compile.ts";
import { scope } from "../../ops/core/scope.ts";
import { signature } from "../../ops/core/signature.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { groupFor } from "./process_group.ts";

const takesMetric = signature("add up over the ranks", {
  metric: instanceOf(Accumulator, "an Accumulator", "metric"),
});

/**
 * Reads sums, and adds up what all ranks have.
 *
 * @param metric Of as many quantities on all ranks.
 * @returns The sums over all ranks, the same on all. Rejects with an `Error` if MPI fails.
 *
 * @example Usage
 * ```ts
 * import { Accumulator, openDevice, tensor } from "@plunge/plunge";
 * import { init, totals } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const group = await init();
 * const metric = new Accumulator(2);
 * metric.add(tensor(0.5), 10);
 * assertEquals(await totals(metric), [0.5 * group.worldSize, 10 * group.worldSize]);
 * metric.dispose();
 * await group.destroy();
 * ```
 */
export async function totals(metric: Accumulator): Promise<number[]> {
  takesMetric(arguments);
  const group = groupFor("add up over the ranks");
  return [...await group.allReduce(Float64Array.from(await metric.values()))];
}

const takes = signature<{ compile?: boolean }>("evaluate the accuracy of all ranks", {
  net: MODULE,
  batches: ITERABLE,
}, { compile: BOOLEAN });

/**
 * Measures the share of right answers over the examples of all ranks, with the network in evaluation mode; the mode is
 * restored afterwards. Running statistics should be the same on all ranks, see `syncBuffers`.
 *
 * @param net The network; it turns `x` into logits `[n, classes]`.
 * @param batches This rank's share: a `DataLoader` with a {@linkcode DistributedSampler} of `pad: false` and `shuffle: false`.
 * @param options Whether the forward pass is captured once and replayed.
 * @returns The share of right rows of all ranks, 0 to 1, the same on all; NaN if there are none.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { evaluateTogether, init } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const group = await init();
 * const batch = [tensor([[3, 1], [1, 2]]), tensor([0, 0], { dtype: "int32" })] as const;
 * assertEquals(await evaluateTogether(new nn.Sequential(), [batch]), 0.5);
 * await group.destroy();
 * ```
 */
export async function evaluateTogether(
  net: Module,
  batches: Iterable<readonly [x: Tensor, y: Tensor]>,
  options: { compile?: boolean } = {},
): Promise<number> {
  takes(arguments);
  const metric = new Accumulator(2), { training } = net;
  const forward: Compiled<[Tensor], Tensor> | null = options.compile
    ? compile((x: Tensor): Tensor => net.forward(x))
    : null;
  net.eval();
  try {
    for (const [x, y] of batches) {
      using _ = scope();
      noGrad(() => metric.add(countCorrect(forward ? forward(x) : net.forward(x), y), y.size));
    }
    const [right, all] = await totals(metric);
    return right / all;
  } finally {
    net.train(training);
    forward?.dispose();
    metric.dispose();
  }
}

const takesLog = signature<{ allRanks?: boolean; write?: (line: string) => void }>("make a log", {}, {
  allRanks: BOOLEAN,
  write: FUNCTION,
});

/**
 * Makes a log for all ranks: rank 0 speaks, or with `allRanks` each, with its number before every line.
 *
 * @param options Whether all speak, and where the lines go: to `console.log` unless given.
 * @returns A function that writes a text.
 *
 * @example Usage
 * ```ts
 * import { init, rankLog } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * const group = await init();
 * const lines: string[] = [];
 * rankLog({ write: (line) => lines.push(line) })("one\ntwo");
 * rankLog({ allRanks: true, write: (line) => lines.push(line) })("three");
 * assertEquals(lines, ["one", "two", "[rank 0] three"]);
 * await group.destroy();
 * ```
 */
export function rankLog(
  options: { allRanks?: boolean; write?: (line: string) => void } = {},
): (text: string) => void {
  takesLog(arguments);
  const { allRanks = false, write = console.log } = options;
  const { rank } = groupFor("write to a log of all ranks");
  return (text) => {
    if (rank > 0 && !allRanks) return;
    for (const line of text.split("\n")) write(allRanks ? `[rank ${rank}] ${line}` : line);
  };
}
