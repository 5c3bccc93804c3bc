// Shows runs in a browser from their folders, side by side, also while they are written.
// deno run -P examples/watch.ts runs/lenet runs/exercise_1/*/
import { Follower } from "./live/folders.ts";
import { Hub } from "./live/hub.ts";
import { serveOn } from "./live/serve_on.ts";
import { options } from "./terminal/options.ts";
import { isRefusal, refusing } from "./terminal/refusal.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";
import { onStop } from "./terminal/terminal.ts";
import { pageLanguage, say } from "./words/words.ts";

/** Milliseconds between two looks at the folders. */
const EVERY = 1000;

async function main(): Promise<void> {
  const args = options("Shows runs in a browser, side by side, also while they are written.", {
    RUN: { help: "the folder of a run, or its metrics.jsonl", operands: true },
    port: {
      help: "where the page is; 0 for 8000, or any that is free",
      default: 0,
      most: 65535,
      integer: true,
    },
    host: { help: "the address; another than this needs --allow-net", default: "127.0.0.1" },
  });
  const follower = new Follower(args.RUN), first = await follower.news(), { port, host } = args;
  let hub: Hub | undefined;
  const { server, url } = await refusing(() =>
    serveOn({ port, host }, (isLocal) => hub = new Hub({ isLocal, lang: pageLanguage() }))
  );
  hub!.replace(first ?? []);
  const count = first?.length ?? 0;
  screen.print(
    count === 1
      ? say("1 run: {url} (Ctrl-C ends it)", { url })
      : say("{n} runs: {url} (Ctrl-C ends it)", { n: count, url }),
  );
  const timer = setInterval(async () => {
    try {
      const runs = await follower.news();
      if (runs) hub!.replace(runs);
    } catch (error) {
      if (!isRefusal(error)) throw error; // a file that is just being made is read the next time
    }
  }, EVERY);
  onStop(() => {
    clearInterval(timer);
    hub!.close();
    server.shutdown();
  });
  await server.finished;
}

if (import.meta.main) await runScript(main);
