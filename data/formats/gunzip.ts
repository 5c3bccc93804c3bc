/**
 * Unpacking gzip with what the platform offers.
 *
 * @module
 */
import { BYTES, signature } from "../../ops/core/signature.ts";

/** What this module uses of Node's zlib, where the runtime has it. */
interface Zlib {
  gunzipSync(bytes: Uint8Array): Uint8Array;
}

const takes = signature("unpack gzip", { bytes: BYTES });

/**
 * Unpacks gzip bytes in any runtime that has `DecompressionStream`, browsers among them.
 *
 * @param bytes One whole gzip stream.
 * @returns The unpacked bytes.
 * @throws {SyntaxError} If the stream is truncated, corrupt or not gzip.
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
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  // one write of everything is faster than a Blob's many chunks; its failure also reaches the reading side
  const written = Promise.allSettled([writer.write(bytes as Uint8Array<ArrayBuffer>), writer.close()]);
  try {
    return new Uint8Array(await new Response(stream.readable).arrayBuffer());
  } catch (error) {
    throw notGzip(bytes, error);
  } finally {
    await written;
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
  let unpacked: Uint8Array;
  try {
    unpacked = zlib.gunzipSync(bytes);
  } catch (error) {
    throw notGzip(bytes, error);
  }
  return new Uint8Array(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength); // not Node's Buffer
}

function notGzip(bytes: Uint8Array, cause: unknown): SyntaxError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new SyntaxError(
    `Cannot unpack gzip as ${bytes.length} bytes must be one whole gzip stream: ${found}`,
    { cause },
  );
}
