import { assert, assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { gunzip } from "../../data/formats/gunzip.ts";
import { download } from "../../data/_download.ts";
import type { DownloadProgress } from "../../data/image_dataset.ts";
import {
  closedUrl,
  gzip,
  IMAGES,
  LABELS,
  quiet,
  serveTiny,
  startMirror,
  startRawMirror,
  TINY,
} from "./_fixtures.ts";

const { images, labels } = TINY.test;

Deno.test("download() gets a file and reports its progress", async () => {
  await using mirror = startMirror(serveTiny);
  const reports: DownloadProgress[] = [];
  const { bytes, mirror: source } = await download(images, {
    mirrors: [`${mirror.url}/`],
    onProgress: (report) => reports.push(report),
  });
  assertEquals(bytes, await gzip(IMAGES));
  assertEquals(source, `${mirror.url}/`);
  assertEquals(mirror.asked, ["/data/tiny-images.gz"]);

  const at = { file: "tiny-images.gz", url: `${mirror.url}/tiny-images.gz`, total: bytes.length };
  assertEquals(reports[0], { ...at, received: 0, state: "running" });
  assertEquals(reports.at(-1), { ...at, received: bytes.length, state: "done" });
  assertEquals(reports.filter((report) => report.state !== "running").length, 1);
});

Deno.test("download() goes to the next mirror where one is unreachable, lacks the file or serves another", async () => {
  await using empty = startMirror(() => new Response("nothing", { status: 404 }));
  await using wrong = startMirror(() => new Response("something else"));
  await using right = startMirror(serveTiny);
  const mirrors = [closedUrl(), empty.url, wrong.url, right.url];
  const { bytes, mirror } = await download(labels, { mirrors, onProgress: quiet });
  assertEquals(bytes, await gzip(LABELS));
  assertEquals(mirror, right.url);
  assertEquals([empty.asked.length, wrong.asked.length, right.asked.length], [1, 1, 1]);
});

Deno.test("download() says what became of every mirror", async () => {
  await using empty = startMirror(() => new Response("nothing", { status: 404 }));
  const closed = closedUrl();
  const error = await assertRejects(
    () => download(labels, { mirrors: [closed, empty.url], onProgress: quiet }),
    AggregateError,
    "Cannot download tiny-labels.gz as a mirror must serve it whole: ",
  );
  assertMatch(error.message, new RegExp(`${closed}/tiny-labels.gz: .*[Cc]onnect.*; `));
  assert(error.message.endsWith(`; ${empty.url}/tiny-labels.gz: HTTP 404 Not Found`), error.message);
  assertEquals(error.errors.length, 2);
});

Deno.test("download() refuses without a mirror", async () => {
  await assertRejects(
    () => download(labels, { mirrors: [], onProgress: quiet }),
    AggregateError,
    "Cannot download tiny-labels.gz as a mirror must serve it whole: no mirrors are given",
  );
});

Deno.test("download() refuses a wrong MD5 and a wrong SHA-256, and gives both sums", async () => {
  await using mirror = startMirror(serveTiny);
  const options = { mirrors: [mirror.url], onProgress: quiet };
  const size = (await gzip(IMAGES)).length;
  const none = "0".repeat(32);
  await assertRejects(
    () => download({ ...images, md5: none, unpackedSha256: "0" }, options),
    AggregateError,
    `tiny-images.gz: its MD5 must be ${none}, ${size} bytes with MD5 ${images.md5} came`,
  );
  const noSha = "0".repeat(64);
  await assertRejects(
    () => download({ ...images, sha256: noSha }, options),
    AggregateError,
    `tiny-images.gz: its SHA-256 must be ${noSha}, ${size} bytes with SHA-256 ${images.sha256} came`,
  );
});

Deno.test("download() takes a file that the mirror or fetch unpacked, by the checksum of the unpacked bytes", async () => {
  const packed = await gzip(IMAGES);
  await using encoded = startMirror(() =>
    new Response(packed, { headers: { "content-encoding": "gzip", "content-length": `${packed.length}` } })
  );
  await using unpacked = startMirror(() => new Response(IMAGES));
  const reports: DownloadProgress[] = [];
  for (const mirror of [encoded, unpacked]) {
    const onProgress = (report: DownloadProgress) => reports.push(report);
    const { bytes, isPacked } = await download(images, { mirrors: [mirror.url], onProgress });
    assertEquals([bytes, isPacked], [IMAGES, false]);
  }
  assertEquals(reports[0].total, undefined); // the packed length says nothing of what comes
  assertEquals(reports.at(-1)?.total, IMAGES.length);
});

Deno.test("download() takes the same bytes packed anew, and refuses others", async () => {
  const anew = new Uint8Array(gzipSync(IMAGES, { level: 1 }));
  const parts = [IMAGES.slice(0, 100), IMAGES.slice(100)].map((part) => gzipSync(part));
  await using once = startMirror(() => new Response(anew));
  await using twice = startMirror(() => new Response(new Uint8Array(Buffer.concat(parts))));
  for (const mirror of [once, twice]) {
    const { bytes, isPacked } = await download(images, { mirrors: [mirror.url], onProgress: quiet });
    assertEquals([await gunzip(bytes), isPacked], [IMAGES, true]);
  }
  const others = IMAGES.slice();
  others[100] ^= 1;
  await using wrong = startMirror(() => new Response(new Uint8Array(gzipSync(others))));
  await using cut = startMirror(() => new Response(anew.slice(0, -4)));
  for (const mirror of [wrong, cut]) {
    await assertRejects(
      () => download(images, { mirrors: [mirror.url], onProgress: quiet }),
      AggregateError,
      `tiny-images.gz: its MD5 must be ${images.md5}, `,
    );
  }
});

Deno.test("download() says what a mirror serves in place of the file", async () => {
  await using portal = startMirror(() => new Response("<html><body>Sign in to the network</body></html>"));
  await assertRejects(
    () => download(images, { mirrors: [portal.url], onProgress: quiet }),
    AggregateError,
    " came, an HTML page, as a server sends it about a file or in its place: download the file itself",
  );
});

Deno.test("download() refuses a transfer that ends early, and reports that it failed", async () => {
  const reports: DownloadProgress[] = [];
  for (const header of ["Content-Length: 1000", "Transfer-Encoding: chunked"]) {
    const body = header.startsWith("Content") ? "0123456789" : "a\r\n0123456789\r\n";
    await using mirror = startRawMirror(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${body}`);
    const error = await assertRejects(
      () => download(images, { mirrors: [mirror.url], onProgress: (report) => reports.push(report) }),
      AggregateError,
      `${mirror.url}/tiny-images.gz: `,
    );
    assertMatch(error.message, /error reading a body|end of file/, header);
    assertEquals(mirror.asked, ["/tiny-images.gz"]);
    assertEquals(reports.at(-1)?.state, "failed");
  }
});

Deno.test("download() refuses a shorter file by its checksum where the mirror does not tell the size", async () => {
  await using mirror = startRawMirror("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n0123456789");
  await assertRejects(
    () => download(images, { mirrors: [mirror.url], onProgress: quiet }),
    AggregateError,
    "10 bytes with MD5 781e5e245d69b566979b86e28d23f2c7 came",
  );
});

Deno.test("download() gives up a mirror from which nothing comes any more", async () => {
  await using silent = startMirror(() =>
    new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(5)) }))
  );
  await using right = startMirror(serveTiny);
  const { mirror } = await download(labels, {
    mirrors: [silent.url, right.url],
    onProgress: quiet,
    stallMs: 200,
  });
  assertEquals(mirror, right.url);
  await assertRejects(
    () => download(labels, { mirrors: [silent.url], onProgress: quiet, stallMs: 200 }),
    AggregateError,
    "nothing came for 0.2 s",
  );
});

Deno.test("download() ends when its signal aborts, throws the reason and asks no other mirror", async () => {
  await using endless = startMirror(() =>
    new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(5)) }))
  );
  await using other = startMirror(serveTiny);
  const reason = new Error("enough");
  const controller = new AbortController();
  const reports: DownloadProgress[] = [];
  const error = await assertRejects(() =>
    download(labels, {
      mirrors: [endless.url, other.url],
      signal: controller.signal,
      onProgress: (report) => {
        reports.push(report);
        if (report.received > 0) controller.abort(reason);
      },
    })
  );
  assertStrictEquals(error, reason);
  assertEquals(other.asked, []);
  assertEquals(reports.at(-1)?.state, "failed");
});
