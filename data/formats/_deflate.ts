/**
 * Packing and unpacking zlib's format (RFC 1950) with what the platform offers.
 *
 * @module
 */

/** Bytes that are written at a time; unpacked they are at most 64 MiB. */
const SLICE = 2 ** 16;

/**
 * Unpacks bytes, up to a number of them.
 *
 * @param parts The packed bytes.
 * @param most How many are wanted; no more are kept.
 * @returns The unpacked bytes: fewer than wanted where the packed ones end, or where they are damaged, which `error` says.
 */
export async function inflate(
  parts: readonly Uint8Array[],
  most: number,
): Promise<{ bytes: Uint8Array; error?: unknown }> {
  const stream = new DecompressionStream("deflate"), reader = stream.readable.getReader();
  const written = writeAll(stream.writable, parts), bytes = new Growing(most);
  try {
    while (!bytes.isFull) {
      const { value } = await reader.read();
      if (value === undefined) break;
      bytes.add(value);
    }
    return { bytes: bytes.taken() };
  } catch (error) {
    return { bytes: bytes.taken(), error };
  } finally {
    reader.cancel().catch(() => {}); // of a stream that failed: reading has told why
    await written;
  }
}

/** Packs bytes. */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new CompressionStream("deflate"), written = writeAll(stream.writable, [bytes]);
  const packed = new Uint8Array(await new Response(stream.readable).arrayBuffer());
  await written;
  return packed;
}

/** Writes bytes slice by slice, as fast as they are read. A failure reaches the reading side, which tells it. */
async function writeAll(writable: WritableStream<BufferSource>, parts: readonly Uint8Array[]): Promise<void> {
  const writer = writable.getWriter();
  try {
    for (const part of parts) {
      for (let at = 0; at < part.length; at += SLICE) {
        await writer.write(part.subarray(at, at + SLICE) as Uint8Array<ArrayBuffer>);
      }
    }
    await writer.close();
  } catch {
    // see above
  }
}

/** Bytes that come in pieces, up to a number; the memory grows with them, so that a wrong number costs none. */
class Growing {
  #bytes = new Uint8Array();
  #length = 0;

  readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get isFull(): boolean {
    return this.#length === this.most;
  }

  add(piece: Uint8Array): void {
    const length = Math.min(this.most, this.#length + piece.length);
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.most, Math.max(length, 2 * this.#bytes.length)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(piece.subarray(0, length - this.#length), this.#length);
    this.#length = length;
  }

  taken(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
