/**
 * Training by `fit`, kept so that it can be gone on with.
 *
 * @module
 */
import { fit, type FitBatches, type FitEpoch, type FitOptions, type nn } from "../../mod.ts";
import { StopRequest } from "../terminal/stop_request.ts";
import { checkpointOptions, howToGoOn, type KeepOptions, refusingCheckpoints } from "./keep_options.ts";

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
  if (!checkpoint) return await fit(net, loader, { ...options, onProgress });
  using stop = new StopRequest();
  let saved = checkpoint.folder;
  const history = await refusingCheckpoints(() =>
    fit(net, loader, {
      ...options,
      signal: stop.signal,
      checkpoint: {
        ...checkpoint,
        onSave: (file) => void (saved = file),
        onResume: async (run) => {
          await checkpoint.onResume?.(run);
          await onResume?.(run.history);
        },
      },
      onProgress: async (progress) => {
        stop.listen();
        await onProgress?.(progress);
      },
    })
  );
  stop.throwIfAsked(() => howToGoOn(saved));
  return history;
}
