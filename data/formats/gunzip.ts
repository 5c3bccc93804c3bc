/**
 * Unpacking gzip with what the platform offers.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { hex, recognize } from "./recognize.ts";
import { BYTES } from "../../ops/core/kinds.ts";

/** What this module uses of Node's zlib, where the runtime has it. */
interface Zlib {
  gunzipSync(bytes: Uint8Array): Uint8Array;
}

/** How gzip begins, and the one method of packing that there is. */
const MAGIC = [0x1f, 0x8b] as const, DEFLATE = 8;

const takes = signature("unpack gzip", { bytes: BYTES });

/**
 * Unpacks gzip bytes in any runtime that has `DecompressionStream`, browsers among them.
 *
 * A file may have several members, whose contents follow one another, as `cat a.gz b.gz` and parallel packers make it;
 * and zeros behind the last one, as tapes and disk images leave them.
 *
 * @param bytes A whole gzip file.
 * @returns The unpacked bytes.
 * @throws {SyntaxError} If the file is truncated, corrupt or not gzip.
 *
 * @example Usage
 * ```ts
 * import { gunzip } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * const packed = new Blob(["LeNet"]).stream().pipeThrough(new CompressionStream("gzip"));
 * const bytes = await gunzip(new Uint8Array(await new Response(packed).arrayBuffer()));
 * assertEquals(new TextDecoder().decode(bytes), "LeNet");
 * ```
 */
export async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  takes(arguments);
  checkMagic(bytes);
  try {
    return await unpackMember(bytes);
  } catch (cause) {
    return await unpackMembers(bytes, cause);
  }
}

/** Unpacks bytes that are one member and nothing else. */
async function unpackMember(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  // one write of everything is faster than a Blob's many chunks; its failure also reaches the reading side
  const written = Promise.allSettled([writer.write(bytes as Uint8Array<ArrayBuffer>), writer.close()]);
  try {
    return new Uint8Array(await new Response(stream.readable).arrayBuffer());
  } finally {
    await written;
  }
}

/**
 * Unpacks members one after the other. `DecompressionStream` does not tell where a member ends, so the places where
 * another may begin are tried, the first first: between two of them, only a whole member can be unpacked.
 *
 * @param cause Why the bytes are no single member.
 */
async function unpackMembers(bytes: Uint8Array, cause: unknown): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  next: for (let start = 0; start < bytes.length;) {
    for (const [end, following] of memberEnds(bytes, start)) {
      try {
        parts.push(await unpackMember(bytes.subarray(start, end)));
      } catch {
        continue;
      }
      start = following;
      continue next;
    }
    throw notGzip(bytes, cause);
  }
  return joined(parts);
}

/** The places after `from` where a member may begin. */
function* memberStarts(bytes: Uint8Array, from: number): Generator<number> {
  for (let at = bytes.indexOf(MAGIC[0], from + 1); at >= 0; at = bytes.indexOf(MAGIC[0], at + 1)) {
    if (bytes[at + 1] === MAGIC[1] && bytes[at + 2] === DEFLATE) yield at;
  }
}

/** Where the member from `start` on may end, with or without zeros behind it, and where the next one begins. */
function* memberEnds(bytes: Uint8Array, start: number): Generator<[end: number, following: number]> {
  for (const following of [...memberStarts(bytes, start), bytes.length]) {
    yield [following, following];
    let last = following;
    while (bytes[last - 1] === 0) last--;
    // a member ends in a checksum and a length, of which the last bytes may be zeros themselves
    for (let end = last; end < Math.min(last + 8, following); end++) yield [end, following];
  }
}

/** Unpacks gzip bytes without waiting, which only runtimes with Node's zlib (Deno, Node, Bun) can. */
export function gunzipSync(bytes: Uint8Array): Uint8Array {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const zlib = process?.getBuiltinModule?.("node:zlib") as Zlib | undefined;
  if (zlib === undefined) {
    throw new TypeError(
      "Cannot unpack gzip as this runtime must have node:zlib to do so without waiting: found none, await gunzip(bytes) first",
    );
  }
  checkMagic(bytes);
  // zlib goes from member to member by itself, but takes zeros for the end
  const behindZeros = [...memberStarts(bytes, 0)].filter((at) => bytes[at - 1] === 0);
  const parts: Uint8Array[] = [];
  let start = 0;
  for (const end of [...behindZeros, bytes.length]) {
    try {
      parts.push(zlib.gunzipSync(bytes.subarray(start, end)));
      start = end;
    } catch (error) {
      if (end === bytes.length) throw notGzip(bytes, error); // else it was no end of a member
    }
  }
  return joined(parts);
}

/** The parts in one Uint8Array, which is no Buffer of Node's. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1) return new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
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
