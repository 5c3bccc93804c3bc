/**
 * The live page's server, in a thread of its own: it answers while the training's thread waits for the GPU.
 *
 * @module
 */
import { Hub } from "./hub.ts";
import type { FromServer, ToServer } from "./live_page.ts";
import { serveOn } from "./serve_on.ts";

const thread = self as unknown as {
  onmessage: (event: MessageEvent<ToServer>) => void;
  postMessage(message: FromServer): void;
  close(): void;
};
let hub: Hub | undefined, server: Deno.HttpServer<Deno.NetAddr> | undefined;

function open({ port, host, lang }: Extract<ToServer, { kind: "open" }>): void {
  const command = (command: FromServer & { kind: "command" }) => thread.postMessage(command);
  try {
    const opened = serveOn(
      { port, host },
      (isLocal) =>
        hub = new Hub({ isLocal, lang, command: (given) => command({ kind: "command", command: given }) }),
    );
    server = opened.server;
    thread.postMessage({ kind: "open", url: opened.url });
  } catch (error) {
    thread.postMessage({ kind: "refused", message: (error as Error).message });
  }
}

thread.onmessage = async ({ data }) => {
  if (data.kind === "open") return open(data);
  if (data.kind === "event") return hub?.tell(data.event);
  hub?.close();
  await server?.shutdown();
  thread.postMessage({ kind: "closed" });
  thread.close();
};
