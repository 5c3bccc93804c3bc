/**
 * Unpacking gzip with what the platform offers.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { hex, recognize } from "./recognize.ts";
import { BYTES, whole } from "../../ops/core/kinds.ts";

/** What this module uses of Node's zlib, where the runtime has it. */
interface Zlib {
  gunzipSync(
    bytes: Uint8Array,
    options: { info: true; maxOutputLength: number },
  ): { buffer: Uint8Array; engine: { bytesWritten: number } };
  gunzipSync(bytes: Uint8Array, options: { finishFlush: number }): Uint8Array;
  constants: { Z_SYNC_FLUSH: number };
}

/** Options of what unpacks gzip. */
export interface GunzipOptions {
  /**
   * How many bytes there may be when all is unpacked, 2^30 unless given. A packed byte can become a thousand, so that a
   * small file would fill the memory.
   */
  maxBytes?: number;
}

/** How many bytes there may be unless the caller tells. */
export const MOST_BYTES = 2 ** 30;
/** The kind of the option `maxBytes`. */
export const MAX_BYTES = whole(0, Number.MAX_SAFE_INTEGER);

/** How gzip begins, and the one method of packing that there is. */
const MAGIC = [0x1f, 0x8b] as const, DEFLATE = 8;
/** Packed bytes that are unpacked at a time; they become at most 64 MiB. */
const SLICE = 2 ** 16;
/** Wrong places for the end of a member that are tried before a file counts as damaged; a large file has a few. */
const MOST_TRIES = 100;

/** Says that there is more than the caller takes. */
export class TooLong extends RangeError {
  override name = "RangeError";
}

const takes = signature<GunzipOptions>("unpack gzip", { bytes: BYTES }, { maxBytes: MAX_BYTES });

/**
 * Unpacks gzip bytes in any runtime that has `DecompressionStream`, browsers among them.
 *
 * A file may have several members, whose contents follow one another, as `cat a.gz b.gz` and parallel packers make it;
 * and zeros behind the last one, as tapes and disk images leave them.
 *
 * @param bytes A whole gzip file.
 * @param options How many bytes it may become.
 * @returns The unpacked bytes.
 * @throws {SyntaxError} If the file is truncated, corrupt or not gzip.
 * @throws {RangeError} If it has more than `maxBytes` when unpacked. No more than these, and 64 MiB, are unpacked then.
 *
 * @example Usage
 * ```ts
 * import { gunzip } from "@plunge/plunge";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const packed = new Blob(["LeNet"]).stream().pipeThrough(new CompressionStream("gzip"));
 * const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
 * assertEquals(new TextDecoder().decode(await gunzip(bytes)), "LeNet");
 * await assertRejects(() => gunzip(bytes, { maxBytes: 4 }), RangeError);
 * ```
 */
export async function gunzip(bytes: Uint8Array, options: GunzipOptions = {}): Promise<Uint8Array> {
  takes(arguments);
  const { maxBytes = MOST_BYTES } = options;
  checkMagic(bytes);
  try {
    return await unpackMember(bytes, maxBytes);
  } catch (cause) {
    if (cause instanceof TooLong) throw tooLong(bytes, maxBytes);
    return nodeZlib() ? gunzipSync(bytes, options) : await unpackMembers(bytes, maxBytes, cause);
  }
}

/** Unpacks bytes that are one member and nothing else. */
async function unpackMember(bytes: Uint8Array, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new DecompressionStream("gzip"), reader = stream.readable.getReader();
  const written = writeAll(stream.writable, bytes), parts: Uint8Array<ArrayBuffer>[] = [];
  let left = most;
  try {
    for (let { value } = await reader.read(); value; { value } = await reader.read()) {
      left -= value.length;
      if (left < 0) throw new TooLong();
      parts.push(value);
    }
    return joined(parts);
  } finally {
    reader.cancel().catch(() => {}); // of a stream that failed: reading has told why
    await written;
  }
}

/** Writes bytes slice by slice, as fast as they are read. A failure reaches the reading side, which tells it. */
async function writeAll(writable: WritableStream<BufferSource>, bytes: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  try {
    for (let at = 0; at < bytes.length; at += SLICE) {
      await writer.write(bytes.subarray(at, at + SLICE) as Uint8Array<ArrayBuffer>);
    }
    await writer.close();
  } catch {
    // see above
  }
}

/**
 * Unpacks members one after the other. `DecompressionStream` does not tell where a member ends, so the places where
 * another may begin are tried, the first first: between two of them, only a whole member can be unpacked.
 *
 * @param cause Why the bytes are no single member.
 */
async function unpackMembers(bytes: Uint8Array, most: number, cause: unknown): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let left = most, tries = 0;
  next: for (let start = 0; start < bytes.length;) {
    for (const [end, following] of memberEnds(bytes, start)) {
      try {
        const part = await unpackMember(bytes.subarray(start, end), left);
        parts.push(part);
        left -= part.length;
      } catch (error) {
        if (error instanceof TooLong) throw tooLong(bytes, most);
        if (++tries > MOST_TRIES) break;
        continue;
      }
      start = following;
      continue next;
    }
    throw notGzip(bytes, cause);
  }
  return joined(parts);
}

/** The places after `from` where a member may begin, and where the bytes end. */
function* memberStarts(bytes: Uint8Array, from: number): Generator<number> {
  for (let at = bytes.indexOf(MAGIC[0], from + 1); at >= 0; at = bytes.indexOf(MAGIC[0], at + 1)) {
    if (bytes[at + 1] === MAGIC[1] && bytes[at + 2] === DEFLATE) yield at;
  }
  yield bytes.length;
}

/** Where the member from `start` on may end, with or without zeros behind it, and where the next one begins. */
function* memberEnds(bytes: Uint8Array, start: number): Generator<[end: number, following: number]> {
  for (const following of memberStarts(bytes, start)) {
    yield [following, following];
    let last = following;
    while (bytes[last - 1] === 0) last--;
    // a member ends in a checksum and a length, of which the last bytes may be zeros themselves
    for (let end = last; end < Math.min(last + 8, following); end++) yield [end, following];
  }
}

/** Node's zlib, in the runtimes that have it: Deno, Node and Bun. */
function nodeZlib(): Zlib | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.("node:zlib") as Zlib | undefined;
}

/** Node's zlib, which unpacks without waiting. */
function zlibToNow(): Zlib {
  const zlib = nodeZlib();
  if (zlib) return zlib;
  throw new TypeError(
    "Cannot unpack gzip as this runtime must have node:zlib to do so without waiting: found none, await gunzip(bytes) first",
  );
}

/** Unpacks gzip bytes without waiting, which only runtimes with Node's zlib (Deno, Node, Bun) can. */
export function gunzipSync(bytes: Uint8Array, { maxBytes = MOST_BYTES }: GunzipOptions = {}): Uint8Array {
  const zlib = zlibToNow(), parts: Uint8Array[] = [];
  checkMagic(bytes);
  let left = maxBytes;
  for (let at = 0; at < bytes.length;) {
    const { buffer, engine } = unpackNow(zlib, bytes, at, left, maxBytes);
    parts.push(buffer);
    left -= buffer.length;
    at += engine.bytesWritten; // zlib goes from member to member by itself, but takes zeros for the end
    while (bytes[at] === 0) at++;
  }
  return joined(parts);
}

/** Unpacks the members from `at` up to the first zeros between them. */
function unpackNow(zlib: Zlib, bytes: Uint8Array, at: number, left: number, most: number) {
  try {
    // zlib takes no bound of 0
    const part = zlib.gunzipSync(bytes.subarray(at), { info: true, maxOutputLength: Math.max(left, 1) });
    if (part.buffer.length <= left) return part;
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_BUFFER_TOO_LARGE") throw notGzip(bytes, error);
  }
  throw tooLong(bytes, most);
}

/** How what is packed begins, as far as a few kilobytes of it tell; nothing where they are damaged. */
export function gunzipStart(bytes: Uint8Array): Uint8Array {
  const zlib = zlibToNow();
  try {
    return zlib.gunzipSync(bytes.subarray(0, 4096), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array();
  }
}

/** The parts in one Uint8Array, which is no Buffer of Node's. */
function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const [first, more] = parts as readonly Uint8Array<ArrayBuffer>[];
  if (first && !more) return new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Refuses what does not begin as gzip, with what it is instead. */
function checkMagic(bytes: Uint8Array): void {
  if (bytes[0] === MAGIC[0] && bytes[1] === MAGIC[1]) return;
  const start = Array.from(bytes.subarray(0, 2), hex).join(" ");
  throw notGzip(bytes, recognize(bytes) ?? (start ? `they begin with ${start}` : "there are none"));
}

function notGzip(bytes: Uint8Array, cause: unknown): SyntaxError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new SyntaxError(
    `Cannot unpack gzip as ${bytes.length} bytes must be a whole gzip file: ${found}`,
    { cause },
  );
}

function tooLong({ length }: Uint8Array, most: number): TooLong {
  return new TooLong(
    `Cannot unpack gzip as ${length} bytes must become at most ${most} (maxBytes: another number): they become more`,
  );
}
