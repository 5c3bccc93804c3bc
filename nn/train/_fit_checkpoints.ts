/**
 * What `fit` saves of a training, and goes on with.
 *
 * @module
 */
import { having } from "../../ops/core/kinds.ts";
import { signature } from "../../ops/core/signature.ts";
import { isStateful, type Stateful } from "../holders.ts";
import type { Module } from "../module.ts";
import type { Accumulator } from "./accumulator.ts";
import type { CheckpointParts } from "./checkpoints/checkpoint_file.ts";
import { type CheckpointOptions, RunCheckpoints } from "./checkpoints/run_checkpoints.ts";

/** What of a training there may be to save. */
export interface FitParts {
  readonly net: Module;
  readonly loader: object;
  readonly test?: object;
  readonly optimizer: object;
  readonly scheduler?: object;
  readonly stepScheduler?: object;
  readonly metric: Accumulator;
}

const STATEFUL = having(
  "one with stateDict() and loadStateDict()",
  "optimizer",
  "stateDict",
  "loadStateDict",
);
const takes = signature<{ optimizer: object; scheduler?: object; stepScheduler?: object }>(
  "fit with checkpoints",
  {},
  { optimizer: STATEFUL, scheduler: STATEFUL, stepScheduler: STATEFUL },
);

/** Opens the checkpoints that a training asks for, and goes on from the newest; null where it asks for none. */
export async function openCheckpoints<Epoch extends { testAcc?: number }>(
  options: string | CheckpointOptions<Epoch> | undefined,
  { optimizer, scheduler, stepScheduler, ...rest }: FitParts,
): Promise<RunCheckpoints<Epoch> | null> {
  if (options === undefined) return null;
  takes([{ optimizer, scheduler, stepScheduler }]);
  const parts: CheckpointParts = {
    net: rest.net,
    optimizer: optimizer as Stateful,
    scheduler: [scheduler, stepScheduler].filter(isStateful),
    loader: [rest.loader, rest.test].filter(isStateful),
    metric: rest.metric,
  };
  return await RunCheckpoints.open(typeof options === "string" ? { folder: options } : options, parts);
}
