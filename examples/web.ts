// The study's networks, trained in a page on the GPU of whoever looks at it.
// deno run -P examples/web.ts --port 8080
import { pageHandler } from "./serving/page_server.ts";
import { options } from "./terminal/options.ts";
import { refusal } from "./terminal/refusal.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";
import { onStop } from "./terminal/terminal.ts";

async function main(): Promise<void> {
  const args = options("Serves a page that trains LeNet in the browser, from the sources.", {
    port: { help: "where it listens; 0 for any that is free", default: 8080, most: 65535, integer: true },
    host: { help: "the address; another than this needs --allow-net", default: "127.0.0.1" },
    root: { help: "folder to look for the images in first" },
  });
  const { host: hostname, port, root } = args;
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({ hostname, port, onListen: () => {} }, pageHandler({ root }));
  } catch (error) {
    throw refusal(
      new Error(`Cannot serve as ${hostname}:${port} must be free and allowed: ${(error as Error).message}`),
    );
  }
  screen.print(`http://${hostname}:${server.addr.port}/ (Ctrl-C ends it)`);
  onStop(() => server.shutdown());
  await server.finished;
}

if (import.meta.main) await runScript(main);
