/**
 * The server's side of the page: it answers requests, keeps what happened for tabs that come later, and tells all tabs what
 * happens, as server-sent events.
 *
 * @module
 */
import { refusalOf } from "../serving/guard.ts";
import { type Command, parseCommand } from "./commands.ts";
import { page } from "./page.ts";
import { applyEvent, type LiveEvent, type RunView } from "./run_view.ts";

/** Bytes that a posted command may have. */
const MOST_BYTES = 4096;
/** Pieces that may wait for a tab; one that does not read them is left, comes again, and gets all from the beginning. */
const MOST_WAITING = 256;
/** Milliseconds between two signs of life. */
const BEAT = 15_000;

/** How a hub works. */
export interface HubOptions {
  /** Whether the server is reached from this machine alone. */
  readonly isLocal: boolean;
  /** The page's language where the browser says nothing else: by its locale, unless given. */
  readonly lang?: string | undefined;
  /** What is done with a command; absent where nothing can be asked, as of runs in folders. */
  readonly command?: (command: Command) => void;
}

type Client = ReadableStreamDefaultController<Uint8Array>;

/** Tells tabs of runs. */
export class Hub {
  #runs: RunView[] = [];
  readonly #clients = new Set<Client>();
  readonly #options: HubOptions;
  readonly #encoder = new TextEncoder();
  readonly #beat: ReturnType<typeof setInterval>;

  /**
   * @param options How it works.
   */
  constructor(options: HubOptions) {
    this.#options = options;
    this.#beat = setInterval(() => this.#write(":\n\n"), BEAT); // so that a tab which is gone is found out
  }

  /** How many tabs are listening. */
  get clients(): number {
    return this.#clients.size;
  }

  /** The runs as they are known. */
  get runs(): readonly RunView[] {
    return this.#runs;
  }

  /** Notes what happened in a run, the last unless told otherwise, and tells the tabs. */
  tell(event: LiveEvent, run?: number): void {
    this.#runs = applyEvent(this.#runs, event, run);
    this.#write(`data: ${JSON.stringify({ event, run })}\n\n`);
  }

  /** Shows other runs in place of those that were known. */
  replace(runs: RunView[]): void {
    this.#runs = runs;
    this.#write(this.#everything());
  }

  /** Says farewell to all tabs. */
  close(): void {
    clearInterval(this.#beat);
    this.#write("event: close\ndata: {}\n\n");
    for (const client of this.#clients) client.close();
    this.#clients.clear();
  }

  /** Answers a request. */
  async handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url), foreign = refusalOf(request, this.#options.isLocal);
    if (foreign !== undefined) return answer(403, { error: foreign });
    const isGet = request.method === "GET" || request.method === "HEAD";
    if (isGet && pathname === "/") return page(this.#options.lang);
    if (isGet && pathname === "/events") return this.#stream();
    if (isGet && pathname === "/runs") return answer(200, this.#runs);
    if (isGet) return answer(404, { error: "there is /, /events and /runs" });
    if (request.method !== "POST") return answer(405, { error: "it takes GET and POST" });
    return await this.#obey(request, pathname);
  }

  /** Notes what is asked; that it is done is told to all tabs, when it is. */
  async #obey(request: Request, path: string): Promise<Response> {
    const { command: obey } = this.#options, run = this.#runs.at(-1);
    if (request.headers.get("content-type") !== "application/json") {
      return answer(415, { error: "a command is application/json" }); // which no form of another page can send
    }
    let command: Command | undefined;
    try {
      command = parseCommand(path, await jsonOf(request));
    } catch (error) {
      return answer(400, { error: error instanceof Error ? error.message : `${error}` });
    }
    if (command === undefined) return answer(404, { error: "there is /stop, /checkpoint, /lr and /choose" });
    if (!obey) {
      return answer(409, {
        error: "these runs are looked at in their folders: nothing can be asked of them",
      });
    }
    if (!run || run.end) return answer(409, { error: "no run is under way" });
    if (command.kind === "checkpoint" && run.begin.folder === null) {
      return answer(409, { error: "the run has no folder to keep a checkpoint in: --out names one" });
    }
    obey(command);
    return answer(202, {});
  }

  #stream(): Response {
    let own: Client;
    const body = new ReadableStream<Uint8Array>({
      start: (client) => {
        own = client;
        client.enqueue(this.#encoder.encode(`retry: 1000\n\n${this.#everything()}`));
        this.#clients.add(client);
      },
      cancel: () => void this.#clients.delete(own),
    }, { highWaterMark: 1 });
    return new Response(body, {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      },
    });
  }

  #everything(): string {
    const state = { runs: this.#runs, canControl: this.#options.command !== undefined };
    return `event: state\ndata: ${JSON.stringify(state)}\n\n`;
  }

  #write(text: string): void {
    const bytes = this.#encoder.encode(text);
    for (const client of this.#clients) {
      if ((client.desiredSize ?? 0) > -MOST_WAITING) client.enqueue(bytes);
      else {
        this.#clients.delete(client);
        client.error(new Error("the tab does not read"));
      }
    }
  }
}

async function jsonOf(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text.length > MOST_BYTES) throw new SyntaxError(`a command has at most ${MOST_BYTES} characters`);
  return text === "" ? {} : JSON.parse(text);
}

function answer(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}
