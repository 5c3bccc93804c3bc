// Using a trained network as a server: a PNG or JPEG is posted, the class and its probabilities come back.
// deno run -P examples/serve.ts --weights runs/lenet/lenet.safetensors --port 8000
import { classify, readFor, SIZE } from "./classify.ts";
import type { Prediction } from "../mod.ts";
import { tryGpu } from "./d2l.ts";
import { CLASSES, openWeights, type TrainedNetwork, WEIGHTS_OPTIONS } from "./networks.ts";
import { MissingPackages } from "./pictures/packages.ts";
import type { Picture } from "./pictures/read_picture.ts";
import { Batcher, Overloaded } from "./serving/batcher.ts";
import { Meter } from "./serving/figures.ts";
import { refusalOf } from "./serving/guard.ts";
import { page } from "./serving/page.ts";
import { options } from "./terminal/options.ts";
import { refusal } from "./terminal/refusal.ts";
import { runScript } from "./terminal/run_script.ts";
import { screen } from "./terminal/screen.ts";
import { onStop } from "./terminal/terminal.ts";
import { say, sayName } from "./words/words.ts";

/** Bytes that a posted file may have. */
const MOST_BYTES = 2 ** 24;
/** Pictures that may wait; more are refused, rather than answered when nobody waits any more. */
const ROOM = 1024;

/** How a server works. */
export interface ServeOptions {
  /** The data set whose classes the network knows. */
  readonly dataset: string;
  /** The most pictures in a batch. */
  readonly most: number;
  /** Milliseconds that the first of a batch waits for others. */
  readonly wait: number;
  /** Whether the server is reached from this machine alone. */
  readonly isLocal: boolean;
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}

/** The bytes of a request; null where there are too many. */
async function bodyOf(request: Request): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.length;
    if (length > MOST_BYTES) return null;
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

/** Makes what answers requests: `POST /classify`, `GET /figures` and the page. */
export function handler(
  { name, net }: Pick<TrainedNetwork, "name" | "net">,
  { dataset, most, wait, isLocal }: ServeOptions,
): (request: Request) => Promise<Response> {
  const meter = new Meter(), classes = CLASSES[dataset] ?? [];
  const batcher = new Batcher<Picture, Prediction[]>(async (pictures) => {
    const start = performance.now(), guesses = await classify(net, pictures, classes);
    meter.batch(pictures.length, performance.now() - start);
    return guesses;
  }, { most, wait, room: ROOM });

  async function classified(request: Request): Promise<Response> {
    const arrived = performance.now(), bytes = await bodyOf(request);
    if (bytes === null) return answer(413, { error: `the file must have at most ${MOST_BYTES} bytes` });
    try {
      const picture = await readFor(dataset, bytes), guesses = await batcher.add(picture);
      const { width, height, isInverted } = picture, ms = meter.answer(arrived);
      return answer(200, {
        class: guesses[0].class,
        classes: guesses,
        width,
        height,
        inverted: isInverted,
        ms,
      });
    } catch (error) {
      if (error instanceof SyntaxError) return answer(400, { error: error.message });
      if (error instanceof Overloaded) return answer(503, { error: error.message }, { "retry-after": "1" });
      console.error(error);
      const message = error instanceof MissingPackages
        ? error.message
        : "the server failed, its log says why";
      return answer(500, { error: message });
    }
  }

  return async (request) => {
    const { pathname, origin } = new URL(request.url), foreign = refusalOf(request, isLocal);
    if (foreign !== undefined) return answer(403, { error: foreign });
    const methods: Record<string, string> = { "/": "GET", "/figures": "GET", "/classify": "POST" };
    const { [pathname]: method } = methods;
    if (method === undefined) return answer(404, { error: `there is ${Object.keys(methods).join(", ")}` });
    if (request.method !== method) return answer(405, { error: `it takes ${method}` }, { allow: method });
    if (pathname === "/figures") return answer(200, meter.figures());
    if (pathname === "/") {
      return page(`${name} on ${dataset}`, `curl --data-binary @picture.png ${origin}/classify`);
    }
    const response = await classified(request);
    if (!response.ok) meter.refuse();
    return response;
  };
}

async function main(): Promise<void> {
  const args = options("Serves a trained network of the study: pictures are posted, classes come back.", {
    ...WEIGHTS_OPTIONS,
    port: { help: "where it listens; 0 for any that is free", default: 8000, most: 65535, integer: true },
    host: { help: "the address; another than this needs --allow-net", default: "127.0.0.1" },
    batch: { help: "the most pictures in a batch", default: 64, least: 1, integer: true },
    wait: { help: "milliseconds that a batch is waited for", default: 2, most: 1000 },
  });
  const device = await tryGpu(), trained = await openWeights(args), { dataset } = trained;
  const { host: hostname, port } = args;
  await classify(
    trained.net,
    [{ tile: { values: new Float32Array(SIZE ** 2), height: SIZE, width: SIZE } }],
    [],
  ); // compiles
  const isLocal = /^(127\.|localhost$|::1$)/.test(hostname);
  const handle = handler(trained, { dataset, most: args.batch, wait: args.wait, isLocal });
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({ hostname, port, onListen: () => {} }, handle);
  } catch (error) {
    throw refusal(
      new Error(`Cannot serve as ${hostname}:${port} must be free and allowed: ${(error as Error).message}`),
    );
  }
  screen.print(
    say("{network} on {dataset}, by {device}: {url} (Ctrl-C ends it)", {
      network: sayName(trained.name),
      dataset,
      device: device.name,
      url: `http://${hostname}:${server.addr.port}/`,
    }),
  );
  onStop(() => server.shutdown()); // after the requests under way
  await server.finished;
}

if (import.meta.main) await runScript(main);
