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
    const message = `Cannot unpack gzip as ${bytes.length} bytes must be a whole gzip file: `;
    await assertRejects(() => gunzip(bytes), SyntaxError, message);
    assertThrows(() => gunzipSync(bytes), SyntaxError, message);
  }
});

/** The bytes one after the other. */
function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("gunzip() and gunzipSync() unpack several members, and pass over zeros behind and between them", async () => {
  const bytes = (value: string) => new TextEncoder().encode(value);
  const [a, b, empty] = await Promise.all([gzip(bytes("ab")), gzip(bytes("cde")), gzip(bytes(""))]);
  const large = await gzip(text), zeros = new Uint8Array(10);
  const cases: [string, Uint8Array, Uint8Array][] = [
    ["two members", joined(a, b), bytes("abcde")],
    ["zeros behind", joined(a, zeros), bytes("ab")],
    ["a block of zeros behind", joined(a, new Uint8Array(1030)), bytes("ab")],
    ["members and zeros behind", joined(a, b, a, zeros), bytes("abcdeab")],
    ["zeros between", joined(a, zeros, b), bytes("abcde")],
    ["empty members", joined(empty, a, empty, b, empty), bytes("abcde")],
    ["large members", joined(large, large), joined(text, text)],
    ["what looks like a member inside of one", await gzip(joined(a, zeros, b)), joined(a, zeros, b)],
  ];
  for (const [what, packed, wanted] of cases) {
    assertEquals(await gunzip(packed), wanted, what);
    assertEquals(gunzipSync(packed), wanted, what);
  }
});

Deno.test("gunzip() and gunzipSync() refuse what stands behind the last member, and a damaged one among them", async () => {
  const [a, b] = await Promise.all([gzip(text), gzip(new Uint8Array([1]))]);
  for (
    const bytes of [
      joined(a, new Uint8Array([1, 2, 3])),
      joined(a, b.slice(0, -1)),
      joined(a.slice(0, -1), b),
    ]
  ) {
    const message = `Cannot unpack gzip as ${bytes.length} bytes must be a whole gzip file: `;
    await assertRejects(() => gunzip(bytes), SyntaxError, message);
    assertThrows(() => gunzipSync(bytes), SyntaxError, message);
  }
});

Deno.test("gunzip() and gunzipSync() say what is given in place of gzip", async () => {
  const page = new TextEncoder().encode("\n<!DOCTYPE html><title>Sign in</title>");
  const message =
    "Cannot unpack gzip as 38 bytes must be a whole gzip file: an HTML page, as a server sends it";
  await assertRejects(() => gunzip(page), SyntaxError, message);
  assertThrows(() => gunzipSync(page), SyntaxError, message);
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
