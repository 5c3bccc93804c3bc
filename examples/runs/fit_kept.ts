/**
 * Training by `fit`, kept so that it can be gone on with.
 *
 * @module
 */
import {
  type CheckpointOptions,
  fit,
  type FitBatches,
  type FitEpoch,
  type FitOptions,
  type FitProgress,
  type nn,
} from "../../mod.ts";
import { StopRequest } from "../terminal/stop_request.ts";
import {
  checkpointOptions,
  howToGoOn,
  type KeepOptions,
  nothingKept,
  refusingCheckpoints,
} from "./keep_options.ts";
import { say } from "../words/words.ts";
import { forgetChanges, noteChange } from "./run_changes.ts";
import { control } from "./run_control.ts";
import { feed } from "./run_feed.ts";

/** How a network is trained and kept. */
export interface FitKeptOptions extends Omit<FitOptions, "checkpoint" | "signal"> {
  /** Where the run is kept, and when. */
  keep: KeepOptions;
  /** Called with the epochs that were finished before, where a run is gone on with. */
  onResume?: (history: FitEpoch[]) => void | Promise<void>;
}

/**
 * Trains a network as `fit` does. Where the run has a folder it is saved there after each epoch, and when the process is
 * asked to end.
 *
 * @returns What was measured in each epoch. Rejects as `fit` does, and with `Stopped`, when the run was saved, if the
 *   process was asked to end.
 */
export async function fitKept(
  net: nn.Module,
  loader: FitBatches,
  { keep, onResume, onProgress, ...options }: FitKeptOptions,
): Promise<FitEpoch[]> {
  const checkpoint = checkpointOptions<FitEpoch>(keep);
  using stop = new StopRequest(...checkpoint ? [] : [say("finishing the step")]);
  using _ = control.attach({ stop, canSave: checkpoint !== undefined });
  let saved = checkpoint?.folder, last: FitProgress | undefined;
  const history = await refusingCheckpoints(() =>
    fit(net, loader, {
      ...options,
      signal: stop.signal,
      checkpoint: checkpoint && keptCheckpoint(checkpoint, (file) => saved = file, onResume),
      onProgress: async (progress) => {
        last = progress;
        if (checkpoint) stop.listen(); // else Ctrl-C ends the process at once
        await onProgress?.(progress);
        await steer(options, keep.out, progress);
      },
    })
  );
  const place = last && last.step < last.steps ? last.step : 0;
  stop.throwIfAsked(() => saved ? howToGoOn(saved) : nothingKept(history.length, place));
  return history;
}

/** Changes the learning rates, where that was asked for. */
async function steer(
  { optimizer, scheduler, stepScheduler }: Pick<FitOptions, "optimizer" | "scheduler" | "stepScheduler">,
  out: string | undefined,
  { epoch, step, steps }: FitProgress,
): Promise<void> {
  const place = step < steps ? { epoch, step } : { epoch: epoch + 1, step: 0 };
  const change = control.takeRates({ optimizer, schedules: [scheduler, stepScheduler] }, place);
  if (change) await noteChange(out, change);
}

/** The checkpoints of a run that tells when it was saved, and saves where it was asked to. */
function keptCheckpoint(
  checkpoint: CheckpointOptions<FitEpoch>,
  onSave: (file: string) => void,
  onResume: FitKeptOptions["onResume"],
): CheckpointOptions<FitEpoch> {
  return {
    ...checkpoint,
    isDue: () => control.takeSave(),
    onSave: (file) => {
      onSave(file);
      feed.tell({ kind: "saved", file });
    },
    onResume: async (run) => {
      await checkpoint.onResume?.(run);
      await forgetChanges(checkpoint.folder, run);
      await onResume?.(run.history);
    },
  };
}
