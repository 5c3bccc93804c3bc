import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { gzipSync } from "node:zlib";
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

/** Runs `fn` as in a runtime without Node's zlib. */
async function withoutZlib(fn: () => Promise<void>): Promise<void> {
  const { process } = globalThis;
  const set = (value: unknown) =>
    Object.defineProperty(globalThis, "process", { value, configurable: true, writable: true });
  try {
    set(undefined);
    await fn();
  } finally {
    set(process);
  }
}

Deno.test("gunzip() and gunzipSync() unpack no more than maxBytes, of one member and of several", async () => {
  const [a, empty] = await Promise.all([gzip(text), gzip(new Uint8Array())]);
  const zeros = await gzip(new Uint8Array(2 ** 24));
  const cases: [packed: Uint8Array, size: number][] = [
    [a, text.length],
    [joined(a, a, empty), 2 * text.length],
    [joined(a, new Uint8Array(9), a, new Uint8Array(9), empty), 2 * text.length],
    [zeros, 2 ** 24],
    [joined(zeros, empty), 2 ** 24],
    [empty, 0],
    [joined(empty, empty), 0],
  ];
  for (const [packed, size] of cases) {
    const unpack = async () => {
      assertEquals((await gunzip(packed, { maxBytes: size })).length, size);
      if (size === 0) return;
      await assertRejects(
        () => gunzip(packed, { maxBytes: size - 1 }),
        RangeError,
        refusal(packed, size - 1),
      );
      await assertRejects(() => gunzip(packed, { maxBytes: 0 }), RangeError, refusal(packed, 0));
    };
    await unpack();
    await withoutZlib(unpack);
    assertEquals(gunzipSync(packed, { maxBytes: size }).length, size);
    if (size > 0) {
      assertThrows(() => gunzipSync(packed, { maxBytes: size - 1 }), RangeError, refusal(packed, size - 1));
    }
  }
  await assertRejects(
    () => gunzip(a, { maxBytes: -1 }),
    RangeError,
    "Cannot unpack gzip as maxBytes must be a whole number from 0 to 9007199254740991: -1",
  );
});

function refusal({ length }: Uint8Array, most: number): string {
  return `Cannot unpack gzip as ${length} bytes must become at most ${most} (maxBytes: another number): they become more`;
}

Deno.test("gunzip() takes several members where the runtime has no zlib", async () => {
  const a = await gzip(text), zeros = new Uint8Array(10);
  await withoutZlib(async () => {
    for (const packed of [joined(a, a), joined(a, zeros, a, zeros), joined(a, zeros)]) {
      assertEquals((await gunzip(packed)).length % text.length, 0);
    }
    assertEquals(await gunzip(await gzip(joined(a, zeros, a))), joined(a, zeros, a));
  });
});

Deno.test("gunzip() gives up a damaged file soon, however many members seem to begin in it", async () => {
  const inner = new Uint8Array(300_000).map((_, k) => [0x1f, 0x8b, 8][k % 3]); // incompressible enough to stand as it is
  const packed = new Uint8Array(gzipSync(inner, { level: 0 })),
    damaged = joined(packed, packed.subarray(0, -1));
  const start = performance.now();
  await assertRejects(() => gunzip(damaged), SyntaxError, "must be a whole gzip file");
  await withoutZlib(async () =>
    void await assertRejects(() => gunzip(damaged), SyntaxError, "must be a whole gzip file")
  );
  assert(performance.now() - start < 5000, "it took too long"); // 100,000 places, of which 100 are tried
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
  await withoutZlib(() => {
    assertThrows(
      () => gunzipSync(packed),
      TypeError,
      "Cannot unpack gzip as this runtime must have node:zlib to do so without waiting: found none, " +
        "await gunzip(bytes) first",
    );
    return Promise.resolve();
  });
});
