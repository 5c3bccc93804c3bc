/**
 * A tiny data set, servers that serve it well or badly, and folders that clean up after themselves.
 *
 * @module
 */
import { type ImageFiles, loadImages } from "../../data/_image_files.ts";
import { md5 } from "../../data/checksums/md5.ts";
import type { LoadOptions } from "../../data/image_dataset.ts";

/** Bytes of an IDX file of bytes. */
export function idxBytes(shape: number[], data: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, 0x08, shape.length]);
  shape.forEach((size, d) => new DataView(bytes.buffer).setUint32(4 + 4 * d, size));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Three images, whose pixels count up from 0, and the labels 9, 0, 2. */
export const IMAGES = idxBytes([3, 28, 28], Uint8Array.from({ length: 3 * 28 * 28 }, (_, i) => i));
export const LABELS = idxBytes([3], [9, 0, 2]);
const PACKED_IMAGES = await gzip(IMAGES);
const PACKED_LABELS = await gzip(LABELS);

const SPLIT = {
  images: {
    name: "tiny-images.gz",
    md5: md5(PACKED_IMAGES),
    sha256: await sha256(PACKED_IMAGES),
    unpackedSha256: await sha256(IMAGES),
    unpackedBytes: IMAGES.length,
  },
  labels: {
    name: "tiny-labels.gz",
    md5: md5(PACKED_LABELS),
    unpackedSha256: await sha256(LABELS),
    unpackedBytes: LABELS.length,
  },
};

/** The tiny data set; it has no mirrors and no system folder of its own. */
export const TINY: ImageFiles = {
  dataset: "Tiny",
  folder: "tiny",
  torchvision: "Tiny",
  system: [],
  mirrors: [],
  train: SPLIT,
  test: SPLIT,
};

/** What a good mirror of the tiny data set answers. */
export function serveTiny(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname.endsWith("/tiny-images.gz")) return new Response(PACKED_IMAGES);
  if (pathname.endsWith("/tiny-labels.gz")) return new Response(PACKED_LABELS);
  return new Response("not here", { status: 404 });
}

/** A server on this machine and the URLs it was asked for. */
export interface Mirror extends AsyncDisposable {
  readonly url: string;
  readonly asked: string[];
}

export function startMirror(handler: (request: Request) => Response): Mirror {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    asked.push(new URL(request.url).pathname);
    return handler(request);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/data`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A server that answers every request with these raw bytes and hangs up. */
export function startRawMirror(answer: string): Mirror {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked: string[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      const buffer = new Uint8Array(4096);
      const read = await connection.read(buffer);
      asked.push(new TextDecoder().decode(buffer.subarray(0, read ?? 0)).split(" ")[1]);
      await connection.write(new TextEncoder().encode(answer));
      connection.close();
    }
  })();
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

/** A URL on this machine where nobody listens. */
export function closedUrl(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return `http://127.0.0.1:${port}`;
}

/** A new folder that goes at the end of the test. */
export interface TempFolder extends AsyncDisposable {
  readonly path: string;
}

export async function tempFolder(): Promise<TempFolder> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Every file and folder below `folder`, sorted. */
export function listing(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    const name = prefix + entry.name;
    return entry.isDirectory ? [`${name}/`, ...listing(`${folder}/${entry.name}`, `${name}/`)] : [name];
  }).sort();
}

/** No variable is set. */
export function noEnv(): undefined {}

/** A progress listener that shows nothing. */
export function quiet(): void {}

/** Writes the tiny data set unpacked, or what is given in its place. */
export async function fillTiny(folder: string, images = IMAGES, labels = LABELS): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/tiny-images`, images);
  await Deno.writeFile(`${folder}/tiny-labels`, labels);
}

/** Loads the tiny data set without any variable set, forbidding downloads unless `options` gives mirrors. */
export function loadTiny(options: Partial<LoadOptions>, files: ImageFiles = TINY) {
  return loadImages(files, { split: "test", onProgress: quiet, ...options }, { env: noEnv });
}
