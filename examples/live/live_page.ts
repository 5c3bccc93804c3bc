/**
 * The live page of the runs of this process. Its server has a thread of its own; here the runs' feed is sent there, wishes
 * come back, and pictures are made of the network between two steps.
 *
 * @module
 */
import { control } from "../runs/run_control.ts";
import { feed } from "../runs/run_feed.ts";
import { saveFile } from "../runs/run_files.ts";
import { refusal } from "../terminal/refusal.ts";
import type { Command } from "./commands.ts";
import { Looker } from "./looker.ts";
import type { LiveEvent } from "./run_view.ts";
import type { Place } from "./serve_on.ts";

/** The file of a run's folder that keeps the last pictures. */
export const PICTURES_FILE = "pictures.json";
/** Milliseconds that the page's tabs get to hear how it ended. */
const FAREWELL = 1000;

/** What the server is told. */
export type ToServer =
  | { kind: "open"; lang: string | undefined } & Place
  | { kind: "event"; event: LiveEvent }
  | { kind: "close" };

/** What the server tells. */
export type FromServer =
  | { kind: "open"; url: string }
  | { kind: "refused"; message: string }
  | { kind: "command"; command: Command }
  | { kind: "closed" };

/** Where a page is opened, and how. */
export interface LivePageOptions extends Partial<Place> {
  /** The page's language, `"en"` or `"zh"`, where the browser says nothing else. */
  lang?: string | undefined;
}

/** A page that is served. */
export interface LivePage extends AsyncDisposable {
  /** What to open in a browser. */
  readonly url: string;
  /** Closes it, once its tabs know how the runs ended. */
  close(): Promise<void>;
}

/**
 * Serves a page of the runs of this process.
 *
 * @param options Where; this machine's port 8000, or any that is free, unless told otherwise.
 * @returns The page. Rejects with an `Error` where the place is taken, or not allowed.
 */
export async function openPage(
  { port = 0, host = "127.0.0.1", lang }: LivePageOptions = {},
): Promise<LivePage> {
  const worker = new Worker(new URL("./server_worker.ts", import.meta.url), { type: "module" });
  const send = (message: ToServer) => worker.postMessage(message);
  const next = Promise.withResolvers<FromServer>(), closed = Promise.withResolvers<void>();
  worker.onerror = (error) => next.reject(new Error(`the page's server ended: ${error.message}`));
  worker.onmessage = ({ data }: MessageEvent<FromServer>) => {
    if (data.kind === "command") obey(data.command, looker);
    else if (data.kind === "closed") closed.resolve();
    else next.resolve(data);
  };
  const looker = new Looker((event) => send({ kind: "event", event }));
  send({ kind: "open", port, host, lang });
  const opened = await next.promise;
  if (opened.kind !== "open") {
    worker.terminate();
    throw refusal(
      new Error(
        opened.kind === "refused" ? opened.message : "Cannot serve as the server must open: it did not",
      ),
    );
  }
  let folder: string | null = null;
  const watching = feed.watch({
    event: (event) => {
      if (event.kind === "begin") ({ folder } = event), looker.begin(event);
      send({ kind: "event", event });
    },
    look: async (training, pause) => {
      const events = await looker.look(training, pause);
      if (!pause.isEnd || folder === null) return;
      await saveFile(folder, PICTURES_FILE, JSON.stringify({ classes: training.classes, events }) + "\n");
    },
  });
  async function close(): Promise<void> {
    watching[Symbol.dispose]();
    looker[Symbol.dispose]();
    send({ kind: "close" });
    const late = setTimeout(closed.resolve, FAREWELL);
    await closed.promise;
    clearTimeout(late);
    worker.terminate();
  }
  return { url: opened.url, close, [Symbol.asyncDispose]: close };
}

/** Does what a tab asked for. What cannot be done any more is told to all. */
function obey(command: Command, looker: Looker): void {
  try {
    if (command.kind === "stop") control.requestStop();
    else if (command.kind === "checkpoint") control.requestCheckpoint();
    else if (command.kind === "lr") control.setLr(command.lr);
    else if (command.kind === "scale") control.scaleLr(command.factor);
    else looker.choose(command.places);
  } catch (error) {
    feed.note(error instanceof Error ? error.message : `${error}`, { isWarning: true });
  }
}
