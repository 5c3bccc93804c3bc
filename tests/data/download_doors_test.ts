// What a mirror may do to whoever downloads from it.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { download, type DownloadOptions, type RemoteFile } from "../../data/_download.ts";
import { FASHION_MNIST_FILES, MNIST_FILES } from "../../data/_mnist_files.ts";
import { checkFileName, writeWhole } from "../../ops/core/files.ts";
import { assertRefuses } from "../support/values.ts";
import {
  gzip,
  IMAGES,
  LABELS,
  listing,
  quiet,
  serveTiny,
  startMirror,
  tempFolder,
  TINY,
} from "./_fixtures.ts";

const { images, labels } = TINY.test;

/** Refuses to download a file from one mirror, for this reason. */
async function refuse(file: RemoteFile, mirror: string, reason: string): Promise<void> {
  const error = await assertRejects(
    () => download(file, { mirrors: [mirror], onProgress: quiet }),
    AggregateError,
  );
  const url = `${mirror}/${file.name}`;
  assertEquals(
    error.message,
    `Cannot download ${file.name} as a mirror must serve it whole: ${url}: ${reason}`,
  );
}

/** A mirror that sends everybody elsewhere. */
function sendingTo(place: (count: number) => string, status = 302) {
  let count = 0;
  return startMirror(() => new Response("moved", { status, headers: { location: place(count++) } }));
}

Deno.test("the known mirrors are asked by https, and are those that the permissions name", async () => {
  const mirrors = [...FASHION_MNIST_FILES.mirrors, ...MNIST_FILES.mirrors];
  assertEquals(mirrors.filter((url) => !url.startsWith("https://")), []);
  const { permissions } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  const hosts = permissions.default.net.filter((host: string) => host !== "127.0.0.1"); // where pages are served
  assertEquals(hosts, [...new Set(mirrors.map((url) => new URL(url).host))].sort());
});

Deno.test("download() goes where a mirror sends it by the same scheme", async () => {
  await using right = startMirror(serveTiny);
  for (const status of [301, 302, 303, 307, 308]) {
    await using moved = sendingTo(() => `${right.url}/tiny-labels.gz`, status);
    assertEquals(
      (await download(labels, { mirrors: [moved.url], onProgress: quiet })).bytes,
      await gzip(LABELS),
    );
    assertEquals(moved.asked, ["/data/tiny-labels.gz"]);
  }
});

Deno.test("download() goes to no other scheme, and sends nothing there", async () => {
  await using target = startMirror(serveTiny);
  const https = `${target.url.replace("http:", "https:")}/tiny-labels.gz`;
  for (const place of [https, "file:///etc/passwd", "data:text/plain,labels"]) {
    await using moved = sendingTo(() => place);
    await refuse(labels, moved.url, `it must stay with http: and is sent to ${place}`);
  }
  assertEquals(target.asked, []);
});

Deno.test("download() is not sent from https to http", async () => {
  await using target = startMirror(serveTiny);
  await using moved = sendingTo(() => `${target.url}/tiny-labels.gz`);
  const { fetch } = globalThis;
  try {
    // a mirror with TLS, as far as the download can tell
    globalThis.fetch = ((input: URL, init: RequestInit) =>
      fetch(String(input).replace("https://mirror.test/data", moved.url), init)) as typeof fetch;
    await refuse(
      labels,
      "https://mirror.test/data",
      `it must stay with https: and is sent to ${target.url}/tiny-labels.gz`,
    );
  } finally {
    globalThis.fetch = fetch;
  }
  assertEquals([moved.asked.length, target.asked], [1, []]);
});

Deno.test("download() does not go round and round", async () => {
  await using moved = sendingTo((count) => `/data/${count}`);
  await refuse(labels, moved.url, "it is sent from one place to another more than 5 times");
  assertEquals(moved.asked.length, 6);
});

Deno.test("download() takes no mirror of another scheme, though it has the file", async () => {
  await using folder = await tempFolder();
  await writeWhole(folder.path, labels.name, await gzip(LABELS));
  const mirror = new URL(`file://${folder.path}`).href;
  await refuse(labels, mirror, "its scheme must be https: it is file:");
  const options: DownloadOptions = { mirrors: ["no address"], onProgress: quiet };
  await assertRejects(
    () => download(labels, options),
    AggregateError,
    "no address/tiny-labels.gz: Invalid URL",
  );
});

Deno.test("download() receives no more than the file can have, announced or not", async () => {
  const most = Math.ceil(1.001 * images.unpackedBytes) + 1024;
  await using announced = startMirror(() => new Response(new Uint8Array(most + 1)));
  await refuse(images, announced.url, `it must have at most ${most} bytes, ${most + 1} are announced`);

  let sent = 0, isOver = false;
  await using endless = startMirror(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          sent += 65536;
          controller.enqueue(new Uint8Array(65536));
        },
        cancel: () => void (isOver = true),
      }),
    )
  );
  const large = { ...images, unpackedBytes: 2 ** 20 };
  await refuse(large, endless.url, "it must have at most 1050649 bytes, more came");
  for (let k = 0; k < 100 && !isOver; k++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert(isOver && sent < 2 ** 26, `${sent} bytes were sent, ${isOver ? "then" : "and not"} ended`);
});

Deno.test("download() unpacks no more than the file can have", async () => {
  const bomb = await gzip(new Uint8Array(2 ** 26)), file = { ...images, unpackedBytes: 2 ** 17 };
  await using mirror = startMirror(() => new Response(bomb));
  const before = Deno.memoryUsage().rss;
  const error = await assertRejects(
    () => download(file, { mirrors: [mirror.url], onProgress: quiet }),
    AggregateError,
  );
  assert(
    error.message.includes(`its MD5 must be ${images.md5}, ${bomb.length} bytes with MD5 `),
    error.message,
  );
  assert(Deno.memoryUsage().rss - before < 2 ** 28);
});

Deno.test("names that lead out of a folder are refused, to download and to write", async () => {
  await using folder = await tempFolder();
  await using mirror = startMirror(() => new Response(IMAGES));
  const names = ["../images", "a/b", "..", ".", "", "a\\b", "C:images", "a\0b", "/etc/passwd", "a\nb"];
  for (const name of names) {
    const message = `Cannot use a file name as it must be one without folders: ${JSON.stringify(name)}`;
    assertRefuses(() => checkFileName(name), RangeError, message);
    await assertRejects(() => writeWhole(`${folder.path}/inner`, name, IMAGES), RangeError, message);
    const options = { mirrors: [mirror.url], onProgress: quiet };
    await assertRejects(() => download({ ...images, name }, options), RangeError, message);
  }
  assertEquals([mirror.asked, listing(folder.path)], [[], []]);
  for (const name of ["a", ".hidden", "...", "a..b", "метрики.jsonl", "run 1 (2).json"]) checkFileName(name);
});
