import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { gunzip, gunzipSync } from "../../../data/formats/gunzip.ts";
import { gzip } from "../_fixtures.ts";

const text = new TextEncoder().encode("LeNet ".repeat(10_000));

Deno.test("gunzip() and gunzipSync() unpack the same bytes", async () => {
  const packed = await gzip(text);
  assertEquals(await gunzip(packed), text);
  assertEquals(gunzipSync(packed), text);
});

Deno.test("gunzip() unpacks a view of a larger buffer, and an empty stream", async () => {
  const packed = await gzip(text);
  const larger = new Uint8Array(packed.length + 20);
  larger.set(packed, 7);
  assertEquals(await gunzip(larger.subarray(7, 7 + packed.length)), text);
  assertEquals(await gunzip(await gzip(new Uint8Array())), new Uint8Array());
});

Deno.test("gunzip() and gunzipSync() refuse what is truncated, damaged or no gzip", async () => {
  const packed = await gzip(text);
  const damaged = packed.slice();
  damaged[packed.length - 5] ^= 1; // the CRC
  for (const bytes of [packed.slice(0, 40), packed.slice(0, -1), damaged, text, new Uint8Array()]) {
    const message = `Cannot unpack gzip as ${bytes.length} bytes must be one whole gzip stream: `;
    await assertRejects(() => gunzip(bytes), SyntaxError, message);
    assertThrows(() => gunzipSync(bytes), SyntaxError, message);
  }
});

Deno.test("gunzipSync() names gunzip() where the runtime has no zlib", async () => {
  const packed = await gzip(text);
  const { process } = globalThis;
  try {
    Object.defineProperty(globalThis, "process", { value: undefined, configurable: true, writable: true });
    assertThrows(
      () => gunzipSync(packed),
      TypeError,
      "Cannot unpack gzip as this runtime must have node:zlib to do so without waiting: found none, " +
        "await gunzip(bytes) first",
    );
  } finally {
    Object.defineProperty(globalThis, "process", { value: process, configurable: true, writable: true });
  }
});
