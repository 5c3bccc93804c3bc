/**
 * Downloading one file from the first mirror that serves it whole, into memory.
 *
 * @module
 */
import { sha256 } from "./checksums/sha256.ts";
import { recognize } from "./formats/recognize.ts";
import { gunzip } from "./formats/gunzip.ts";
import { checkFileName } from "../ops/core/files.ts";
import { md5 } from "./checksums/md5.ts";
import type { DownloadProgress } from "./image_dataset.ts";

/** A file to download, and the checksums that identify it. */
export interface RemoteFile {
  /** Its name on every mirror, with `.gz`. */
  readonly name: string;
  /** MD5 in hexadecimal, as torchvision lists it. */
  readonly md5: string;
  /** SHA-256 in hexadecimal, for the files whose bytes were checked by hand. */
  readonly sha256?: string;
  /** SHA-256 of the unpacked bytes: by it they are known when a mirror unpacks them, or packed them anew. */
  readonly unpackedSha256?: string;
  /** How many bytes it has unpacked. A mirror that sends more, packed or not, is given up. */
  readonly unpackedBytes: number;
}

/** Options of `download`. */
export interface DownloadOptions {
  mirrors: readonly string[];
  signal?: AbortSignal | undefined;
  onProgress: (progress: DownloadProgress) => void;
  /** Milliseconds without a byte after which a mirror is given up; 30,000 unless given. */
  stallMs?: number | undefined;
}

/** A downloaded file. */
export interface Download {
  /** The file's bytes, as the mirror served them. */
  readonly bytes: Uint8Array;
  /** Whether they are packed. A mirror whose answer says `Content-Encoding: gzip` makes `fetch` unpack them. */
  readonly isPacked: boolean;
  /** The mirror that served it. */
  readonly mirror: string;
}

/** Throws unless the bytes are those of the file, packed by its authors or by others, or unpacked. */
async function verify(file: RemoteFile, bytes: Uint8Array): Promise<void> {
  const found = md5(bytes);
  if (found !== file.md5) {
    const other = recognize(bytes);
    if (file.unpackedSha256 !== undefined && await unpackedSha256(file, bytes) === file.unpackedSha256) {
      return;
    }
    throw new Error(
      `its MD5 must be ${file.md5}, ${bytes.length} bytes with MD5 ${found} came` +
        (other === undefined || isGzip(bytes) ? "" : `, ${other}`),
    );
  }
  if (file.sha256 === undefined) return;
  const foundSha = await sha256(bytes);
  if (foundSha !== file.sha256) {
    throw new Error(
      `its SHA-256 must be ${file.sha256}, ${bytes.length} bytes with SHA-256 ${foundSha} came`,
    );
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The checksum of what is packed, or undefined where it cannot be unpacked. */
async function unpackedSha256({ unpackedBytes }: RemoteFile, bytes: Uint8Array): Promise<string | undefined> {
  if (!isGzip(bytes)) return await sha256(bytes);
  try {
    return await sha256(await gunzip(bytes, { maxBytes: unpackedBytes }));
  } catch {
    return undefined; // then the error tells the checksum of the packed bytes
  }
}

/** How many bytes a mirror may send: packing makes what cannot be packed larger, by less than this. */
function mostBytes({ unpackedBytes }: RemoteFile): number {
  return Math.ceil(1.001 * unpackedBytes) + 1024;
}

const REDIRECTS = [301, 302, 303, 307, 308];
/** Redirects one after the other that are followed. */
const MOST_REDIRECTS = 5;

/** Fetches a URL by `https:`, or `http:` where the caller wrote that, and goes where it is sent by the same scheme. */
async function fetchFrom(url: string, signal: AbortSignal): Promise<Response> {
  let at = new URL(url);
  if (!["https:", "http:"].includes(at.protocol)) {
    throw new Error(`its scheme must be https: it is ${at.protocol}`);
  }
  for (let count = 0; count <= MOST_REDIRECTS; count++) {
    const response = await fetch(at, { signal, redirect: "manual" }), to = response.headers.get("location");
    if (!REDIRECTS.includes(response.status) || to === null) return response;
    await response.body?.cancel();
    const next = new URL(to, at);
    if (next.protocol !== at.protocol) {
      throw new Error(`it must stay with ${at.protocol} and is sent to ${next.href.slice(0, 200)}`);
    }
    at = next;
  }
  throw new Error(`it is sent from one place to another more than ${MOST_REDIRECTS} times`);
}

/** Fetches one URL; the transfer counts as stalled when `stallMs` pass without a byte. */
async function receive(file: RemoteFile, url: string, options: DownloadOptions): Promise<Uint8Array> {
  const { signal, onProgress, stallMs = 30_000 } = options, most = mostBytes(file);
  const stalled = new AbortController();
  const giveUp = () => stalled.abort(new Error(`nothing came for ${stallMs / 1000} s`));
  let timer = setTimeout(giveUp, stallMs);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  let total: number | undefined;
  let started = false;
  const report = (state: DownloadProgress["state"]) =>
    onProgress({ file: file.name, url, received, total, state });
  try {
    const response = await fetchFrom(
      url,
      signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
    );
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status} ${response.statusText}`.trimEnd());
    }
    const { headers } = response, length = headers.get("content-length");
    // the length of what is sent, which fetch unpacks where it is encoded
    total = length === null || headers.has("content-encoding") ? undefined : Number(length);
    if (total !== undefined && total > most) {
      await response.body.cancel();
      throw new Error(`it must have at most ${most} bytes, ${total} are announced`);
    }
    started = true;
    report("running");
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, stallMs);
      chunks.push(chunk);
      received += chunk.length;
      if (received > most) throw new Error(`it must have at most ${most} bytes, more came`);
      report("running");
    }
  } catch (error) {
    if (started) report("failed");
    throw error;
  } finally {
    clearTimeout(timer);
  }
  report("done");
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** An error's message, with its cause's where fetch only says that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/**
 * Downloads `file` from the first mirror that serves the right bytes.
 *
 * Nothing is written, so an ended process leaves nothing behind. No mirror sends it elsewhere by another scheme, and none
 * fills the memory.
 *
 * @throws {AggregateError} If no mirror does; its message says what became of each.
 */
export async function download(file: RemoteFile, options: DownloadOptions): Promise<Download> {
  const failures: Error[] = [];
  checkFileName(file.name);
  for (const mirror of options.mirrors) {
    const url = `${mirror.replace(/\/+$/, "")}/${file.name}`;
    try {
      options.signal?.throwIfAborted();
      const bytes = await receive(file, url, options);
      await verify(file, bytes);
      return { bytes, isPacked: isGzip(bytes), mirror };
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.push(new Error(`${url}: ${reasonOf(error)}`, { cause: error }));
    }
  }
  const found = failures.map((failure) => failure.message).join("; ") || "no mirrors are given";
  throw new AggregateError(
    failures,
    `Cannot download ${file.name} as a mirror must serve it whole: ${found}`,
  );
}
