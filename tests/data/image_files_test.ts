import { withoutDeno } from "../support/without_deno.ts";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { loadImages } from "../../data/_image_files.ts";
import { parseIdx } from "../../data/formats/idx.ts";
import type { LoadOptions } from "../../data/image_dataset.ts";
import {
  closedUrl,
  fillTiny,
  gzip,
  idxBytes,
  IMAGES,
  LABELS,
  listing,
  loadTiny,
  quiet,
  serveTiny,
  startMirror,
  startRawMirror,
  tempFolder,
  TINY,
} from "./_fixtures.ts";

Deno.test("loadImages() reads files of the folder given, packed or not", async () => {
  await using root = await tempFolder();
  await Deno.writeFile(`${root.path}/tiny-images.gz`, await gzip(IMAGES));
  await Deno.writeFile(`${root.path}/tiny-labels`, LABELS);
  const { images, labels, source } = await loadTiny({ root: root.path });
  assertEquals([images.dtype, images.shape, images.data.length], ["uint8", [3, 28, 28], 2352]);
  assertEquals(images.data.subarray(1, 4), new Uint8Array([1, 2, 3]));
  assertEquals(labels, { dtype: "uint8", shape: [3], data: new Uint8Array([9, 0, 2]) });
  assertEquals(source, root.path);
});

Deno.test("loadImages() reads the data set's own folder, or torchvision's, in the folder given", async () => {
  await using root = await tempFolder();
  await fillTiny(`${root.path}/Tiny/raw`);
  assertEquals((await loadTiny({ root: root.path })).source, `${root.path}/Tiny/raw`);
  await fillTiny(`${root.path}/tiny`);
  assertEquals((await loadTiny({ root: root.path })).source, `${root.path}/tiny`);
});

Deno.test("loadImages() takes both files from one folder", async () => {
  await using root = await tempFolder();
  await fillTiny(root.path);
  await fillTiny(`${root.path}/tiny`, IMAGES, idxBytes([3], [1, 1, 1]));
  await Deno.remove(`${root.path}/tiny/tiny-images`);
  const { labels, source } = await loadTiny({ root: root.path });
  assertEquals(source, root.path);
  assertEquals(labels.data, new Uint8Array([9, 0, 2]));
});

Deno.test("loadImages() looks in root, PLUNGE_DATA, the cache, the system's folders, in this order", async () => {
  await using temp = await tempFolder();
  const [root, data, cache, system] = ["root", "data", "cache", "system"].map((name) =>
    `${temp.path}/${name}`
  );
  const variables: Record<string, string> = { PLUNGE_DATA: data, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache };
  const env = (name: string) => variables[name];
  const files = { ...TINY, system: [system] };
  const source = async () => (await loadImages(files, { split: "train", root }, { env })).source;

  await fillTiny(system);
  assertEquals(await source(), system);
  await fillTiny(`${cache}/plunge/tiny`);
  assertEquals(await source(), `${cache}/plunge/tiny`);
  await fillTiny(`${data}/tiny`);
  assertEquals(await source(), `${data}/tiny`);
  await fillTiny(root);
  assertEquals(await source(), root);
});

Deno.test("loadImages() downloads into root, else PLUNGE_DATA, else the cache, and finds it there again", async () => {
  await using mirror = startMirror(serveTiny);
  await using temp = await tempFolder();
  const [root, data, cache] = ["root", "data", "cache"].map((name) => `${temp.path}/${name}`);
  const cases: [string | undefined, Record<string, string>, string][] = [
    [root, { PLUNGE_DATA: data, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache }, `${root}/tiny`],
    [undefined, { PLUNGE_DATA: data, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache }, `${data}/tiny`],
    [undefined, { XDG_CACHE_HOME: cache, LOCALAPPDATA: cache }, `${cache}/plunge/tiny`],
  ];
  for (const [root, variables, folder] of cases) {
    const env = (name: string) => variables[name];
    const options: LoadOptions = { split: "test", root, mirrors: [mirror.url], onProgress: quiet };
    const first = await loadImages(TINY, options, { env });
    assertEquals(first.labels.data, new Uint8Array([9, 0, 2]));
    assertEquals(first.source, mirror.url);
    assertEquals(listing(folder), ["tiny-images.gz", "tiny-labels.gz"]);
    const second = await loadImages(TINY, { ...options, mirrors: [] }, { env });
    assertEquals(second, { ...first, source: folder });
  }
  assertEquals(mirror.asked.length, 6);
});

Deno.test("loadImages() keeps its cache in ~/.cache unless XDG_CACHE_HOME is set", async () => {
  await using home = await tempFolder();
  const folder = `${home.path}/.cache/plunge/tiny`;
  await fillTiny(folder);
  // Windows has a variable for it
  const variables: Record<string, string> = { HOME: home.path, LOCALAPPDATA: `${home.path}/.cache` };
  const { source } = await loadImages(TINY, { split: "test" }, { env: (name) => variables[name] });
  assertEquals(source, folder);
});

Deno.test("loadImages() downloads only the file that is missing", async () => {
  await using mirror = startMirror(serveTiny);
  await using root = await tempFolder();
  await Deno.mkdir(`${root.path}/tiny`);
  await Deno.writeFile(`${root.path}/tiny/tiny-images`, IMAGES);
  const { images } = await loadTiny({ root: root.path, mirrors: [mirror.url] });
  assertEquals(images, parseIdx(IMAGES));
  assertEquals(mirror.asked, ["/data/tiny-labels.gz"]);
});

Deno.test("loadImages() of both splits at once shares a folder", async () => {
  await using mirror = startMirror(serveTiny);
  await using root = await tempFolder();
  const options = { root: `${root.path}/new`, mirrors: [mirror.url] };
  const [train, test] = await Promise.all([
    loadTiny({ ...options, split: "train" }),
    loadTiny({ ...options, split: "test" }),
  ]);
  assertEquals(train, test);
  assertEquals(listing(root.path), [
    "new/",
    "new/tiny/",
    "new/tiny/tiny-images.gz",
    "new/tiny/tiny-labels.gz",
  ]);
});

Deno.test("loadImages() leaves nothing behind when a download fails", async () => {
  await using wrong = startMirror(() => new Response("something else"));
  await using empty = startMirror(() => new Response("nothing", { status: 404 }));
  await using short = startRawMirror("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789");
  await using root = await tempFolder();
  for (const mirror of [wrong.url, empty.url, short.url, closedUrl()]) {
    const folder = `${root.path}/a/b`;
    const error = await assertRejects(() => loadTiny({ root: folder, mirrors: [mirror] }), Error);
    assertStringIncludes(
      error.message,
      "Cannot load Tiny as its test files must be in a folder or on a mirror: " +
        `they are not in ${folder}/tiny, ${folder}/Tiny/raw, ${folder}. Cannot download tiny-images.gz as`,
    );
    assertStringIncludes(error.message, `${mirror}/tiny-images.gz: `);
    assertEquals(listing(root.path), []);
  }
});

Deno.test("loadImages() keeps the file that came whole when the next one fails", async () => {
  await using half = startMirror((request) =>
    request.url.includes("images") ? serveTiny(request) : new Response("gone", { status: 410 })
  );
  await using root = await tempFolder();
  await assertRejects(
    () => loadTiny({ root: root.path, mirrors: [half.url] }),
    Error,
    "tiny-labels.gz: HTTP 410 Gone",
  );
  assertEquals(listing(root.path), ["tiny/", "tiny/tiny-images.gz"]);
});

Deno.test("loadImages() leaves nothing behind when its signal aborts midway, and throws the reason", async () => {
  await using endless = startMirror(() =>
    new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(5)) }))
  );
  await using root = await tempFolder();
  const controller = new AbortController();
  const error = await assertRejects(() =>
    loadTiny({
      root: root.path,
      mirrors: [endless.url],
      signal: controller.signal,
      onProgress: ({ received }) => received > 0 && controller.abort(),
    })
  );
  assertStrictEquals(error, controller.signal.reason);
  assert(error instanceof DOMException && error.name === "AbortError");
  assertEquals(listing(root.path), []);
  assertEquals(endless.asked.length, 1);
  await assertRejects(() =>
    loadTiny({ root: root.path, mirrors: [endless.url], signal: AbortSignal.abort() })
  );
  assertEquals(endless.asked.length, 1);
});

Deno.test("loadImages() refuses a folder it cannot write to before it downloads", async () => {
  await using mirror = startMirror(serveTiny);
  await using temp = await tempFolder();
  await Deno.writeFile(`${temp.path}/file`, new Uint8Array());
  const root = `${temp.path}/file/inside`;
  await assertRejects(
    () => loadTiny({ root, mirrors: [mirror.url] }),
    Error,
    `Cannot download to ${root}/tiny as it must be a writable folder: `,
  );
  assertEquals(mirror.asked, []);
  assertEquals(listing(temp.path), ["file"]);
});

Deno.test("loadImages() refuses where there is no folder to download to", async () => {
  await assertRejects(
    () => loadTiny({}),
    Error,
    "Cannot load Tiny as its test files must be in a folder or on a mirror: they are not in any known folder, " +
      "and without root, PLUNGE_DATA or a home folder there is nowhere to download to",
  );
});

Deno.test("loadImages() refuses a split that is not there", async () => {
  await assertRejects(
    () => loadTiny({ split: "val" as "test" }),
    RangeError,
    'Cannot load Tiny as split must be "train" or "test": "val"',
  );
});

Deno.test("loadImages() names the file that is corrupt or truncated", async () => {
  await using root = await tempFolder();
  const path = `${root.path}/tiny-images`;
  await fillTiny(root.path, IMAGES.slice(0, 1000));
  await assertRejects(
    () => loadTiny({ root: root.path }),
    SyntaxError,
    `Cannot load Tiny as ${path} must be a whole IDX file (remove it to download it again): ` +
      "Cannot parse IDX as uint8 of shape [3, 28, 28] takes 2352 bytes after its header: found 984",
  );
  await fillTiny(root.path, (await gzip(IMAGES)).slice(0, -20));
  await assertRejects(() => loadTiny({ root: root.path }), SyntaxError, `${path} must be a whole IDX file`);
});

Deno.test("loadImages() names the file that holds something else than images and labels", async () => {
  await using root = await tempFolder();
  const [images, labels] = [`${root.path}/tiny-images`, `${root.path}/tiny-labels`];
  const refusals: [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, string][] = [
    [LABELS, LABELS, `${images} must hold uint8 of shape [n, 28, 28]: it holds uint8 of shape [3]`],
    [
      idxBytes([3, 28, 27], new Uint8Array(3 * 28 * 27)),
      LABELS,
      `${images} must hold uint8 of shape [n, 28, 28]: it holds uint8 of shape [3, 28, 27]`,
    ],
    [
      IMAGES,
      new Uint8Array([0, 0, 0x0d, 1, 0, 0, 0, 1, 0, 0, 0, 0]),
      `${labels} must hold uint8 or int8 or int16 or int32 of shape [n]: it holds float32 of shape [1]`,
    ],
    [
      IMAGES,
      idxBytes([2], [1, 2]),
      `every image must have a label: ${images} has 3 images, ${labels} has 2 labels`,
    ],
    [IMAGES, idxBytes([3], [1, 10, 11]), `labels must be from 0 to 9: ${labels} has 10 at 1`],
    [
      IMAGES,
      new Uint8Array([0, 0, 0x09, 1, 0, 0, 0, 3, 1, 2, 0xff]),
      `labels must be from 0 to 9: ${labels} has -1 at 2`,
    ],
  ];
  for (const [imageBytes, labelBytes, message] of refusals) {
    await fillTiny(root.path, imageBytes, labelBytes);
    await assertRejects(() => loadTiny({ root: root.path }), RangeError, `Cannot load Tiny as ${message}`);
  }
});

Deno.test("loadImages() reads labels of int32", async () => {
  await using root = await tempFolder();
  const labels = new Uint8Array([0, 0, 0x0c, 1, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 2]);
  await fillTiny(root.path, IMAGES, labels);
  const loaded = await loadTiny({ root: root.path });
  assertEquals(loaded.labels, { dtype: "uint8", shape: [3], data: new Uint8Array([9, 0, 2]) });
});

Deno.test("loadImages() keeps under its right name what a mirror sends unpacked", async () => {
  await using encoded = startMirror((request) => {
    const headers = { "content-encoding": "gzip" };
    return new Response(serveTiny(request).body, { headers });
  });
  await using root = await tempFolder();
  const options = { root: root.path, mirrors: [encoded.url] };
  assertEquals((await loadTiny(options)).labels.data, new Uint8Array([9, 0, 2]));
  assertEquals(listing(root.path), ["tiny/", "tiny/tiny-images", "tiny/tiny-labels"]);
  assertEquals((await loadTiny({ ...options, mirrors: [] })).source, `${root.path}/tiny`);
});

Deno.test("loadImages() refuses outside Deno, and says what there is instead", async () => {
  const error = await withoutDeno(() => loadTiny({ root: "data" }).catch((error) => error));
  assert(error instanceof TypeError);
  assertEquals(
    error.message,
    "Cannot load Tiny from folders as Deno must read and write files: this is another runtime, Tiny.fromFiles takes " +
      "what fetch gave, or a File",
  );
});
