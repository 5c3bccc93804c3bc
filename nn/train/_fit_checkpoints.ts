/**
 * What `fit` saves of a training, and goes on with.
 *
 * @module
 */
import { having, required, whole } from "../../ops/core/kinds.ts";
import { signature } from "../../ops/core/signature.ts";
import { isStateful, type Stateful } from "../holders.ts";
import type { FitBatches } from "./fit.ts";
import type { Module } from "../module.ts";
import type { Accumulator } from "./accumulator.ts";
import type { RunParts } from "./checkpoints/checkpoint_file.ts";
import { type CheckpointOptions, RunCheckpoints } from "./checkpoints/run_checkpoints.ts";

/** What of a training there may be to save. */
export interface FitParts {
  readonly net: Module;
  readonly loader: FitBatches;
  readonly test?: FitBatches;
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

/** Batches that cannot tell where they are; that there are as many is known at least. */
class Batches implements Stateful {
  readonly #length: number;

  constructor({ length }: FitBatches) {
    this.#length = length;
  }

  stateDict(): { batches: number } {
    return { batches: this.#length };
  }

  loadStateDict(state: { batches: number }): void {
    takesBatches([state]);
    if (state.batches === this.#length) return;
    throw new RangeError(
      `Cannot go on with batches as there must be as many: ${this.#length} here, ${state.batches} in the state`,
    );
  }
}

const takesBatches = signature<{ batches: number }>("go on with batches", {}, {
  batches: required(whole(0)),
});

function statefulOf(batches: FitBatches): Stateful {
  return isStateful(batches) ? batches : new Batches(batches);
}

/** Opens the checkpoints that a training asks for, and goes on from the newest; null where it asks for none. */
export async function openCheckpoints<Epoch extends { testAcc?: number }>(
  options: string | CheckpointOptions<Epoch> | undefined,
  { optimizer, scheduler, stepScheduler, ...rest }: FitParts,
): Promise<RunCheckpoints<Epoch> | null> {
  if (options === undefined) return null;
  takes([{ optimizer, scheduler, stepScheduler }]);
  const parts: RunParts = {
    net: rest.net,
    optimizer: optimizer as Stateful,
    scheduler: scheduler as Stateful | undefined,
    stepScheduler: stepScheduler as Stateful | undefined,
    loader: statefulOf(rest.loader),
    test: rest.test && statefulOf(rest.test),
    metric: rest.metric,
  };
  return await RunCheckpoints.open(typeof options === "string" ? { folder: options } : options, parts);
}
