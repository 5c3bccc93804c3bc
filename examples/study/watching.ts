/**
 * Who watches the runs of a script, as its options say.
 *
 * @module
 */
import { Dashboard } from "../dashboard/dashboard.ts";
import { feed } from "../runs/run_feed.ts";
import { TensorBoardWatcher } from "../tensorboard/tensorboard_watcher.ts";
import { refusal } from "../terminal/refusal.ts";
import { screen } from "../terminal/screen.ts";

/** The options that say who watches. */
export interface WatchingArgs {
  readonly out?: string;
  readonly tensorboard?: boolean;
}

/**
 * Has those watch whom the options name, until what is returned is disposed.
 *
 * @param args The script's options.
 * @returns What ends the watch.
 * @throws {RangeError} If TensorBoard's files have no folder.
 */
export function watching({ out, tensorboard = false }: WatchingArgs): Disposable {
  const watches = new DisposableStack(), { isTerminal } = screen.terminal;
  if (isTerminal && Deno.stdin.isTerminal()) watches.use(feed.watch(watches.use(new Dashboard(screen))));
  if (tensorboard) {
    if (out === undefined) {
      throw refusal(
        new RangeError("Cannot use --tensorboard as --out must name the run's folder: it is not given"),
      );
    }
    watches.use(feed.watch(watches.use(new TensorBoardWatcher())));
  }
  return watches;
}
