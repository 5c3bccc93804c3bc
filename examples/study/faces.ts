/**
 * The faces that a script shows its runs with, beside its lines: a dashboard in the terminal, a page, TensorBoard's files.
 *
 * @module
 */
import { Dashboard } from "../dashboard/dashboard.ts";
import { openPage } from "../live/live_page.ts";
import { feed, type RunWatcher } from "../runs/run_feed.ts";
import { TensorBoardWatcher } from "../tensorboard/tensorboard_watcher.ts";
import { atEnd } from "../terminal/at_end.ts";
import { refusal } from "../terminal/refusal.ts";
import { screen } from "../terminal/screen.ts";
import { pageLanguage, say } from "../words/words.ts";

/** The options that choose the faces; `--plain`, which every script has, leaves the dashboard out. */
export const FACE_OPTIONS = {
  serve: {
    help: "show the run in a browser: a page on this port, 8000 unless given",
    number: true,
    bare: 0,
    most: 65535,
    integer: true,
  },
  host: { help: "the page's address; another than this needs --allow-net", default: "127.0.0.1" },
  tensorboard: { help: "write TensorBoard's files too, beside metrics.jsonl", flag: true },
} as const;

/** What the options of a script say about its faces. */
export interface FaceArgs {
  readonly out?: string;
  readonly serve?: number;
  readonly host?: string;
  readonly tensorboard?: boolean;
}

let isOpen = false;

/**
 * Opens the faces that are asked for, and the dashboard where somebody looks, until the script ends.
 *
 * @param args The script's options.
 * @returns Nothing. Rejects with an `Error` where the page's place is taken, or not allowed, or TensorBoard's files have no
 * folder.
 */
export async function openFaces({ out, serve, host, tensorboard = false }: FaceArgs): Promise<void> {
  if (tensorboard && out === undefined) {
    throw refusal(
      new RangeError("Cannot use --tensorboard as --out must name the run's folder: it is not given"),
    );
  }
  if (isOpen) return; // a script that goes on after its device was lost has its faces
  isOpen = true;
  if (serve !== undefined) {
    const page = await openPage({ port: serve, host, lang: pageLanguage() });
    atEnd(page.close);
    screen.print(say("the run as a page: {url}", { url: page.url }));
  }
  if (tensorboard) watch(new TensorBoardWatcher());
  if (screen.terminal.isTerminal && Deno.stdin.isTerminal()) watch(new Dashboard(screen));
}

/** Has somebody watch until the script ends. */
function watch(watcher: RunWatcher & Disposable): void {
  const watched = feed.watch(watcher);
  atEnd(() => {
    watched[Symbol.dispose]();
    watcher[Symbol.dispose]();
  });
}
