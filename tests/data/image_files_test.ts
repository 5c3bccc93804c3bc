import { assert, assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { dirname } from "@std/path";
import { type ImageFiles, loadImages } from "../../data/_image_files.ts";
import { MNIST_FILES } from "../../data/_mnist_files.ts";
import { parseIdx } from "../../data/formats/idx.ts";
import type { LoadOptions } from "../../data/image_dataset.ts";
import {
  closedUrl,
  gzip,
  idxBytes,
  IMAGES,
  LABELS,
  listing,
  noEnv,
  quiet,
  serveTiny,
  startMirror,
  startRawMirror,
  tempFolder,
  TINY,
} from "./_fixtures.ts";

/** Writes the tiny data set unpacked, or what is given in its place. */
async function fill(folder: string, images = IMAGES, labels = LABELS): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/tiny-images`, images);
  await Deno.writeFile(`${folder}/tiny-labels`, labels);
}

/** Loads the tiny data set without any variable set, forbidding downloads unless `options` gives mirrors. */
function load(options: Partial<LoadOptions>, files: ImageFiles = TINY) {
  return loadImages(files, { split: "test", onProgress: quiet, ...options }, { env: noEnv });
}

Deno.test("loadImages() reads files of the folder given, packed or not", async () => {
  await using root = await tempFolder();
  await Deno.writeFile(`${root.path}/tiny-images.gz`, await gzip(IMAGES));
  await Deno.writeFile(`${root.path}/tiny-labels`, LABELS);
  const { images, labels, source } = await load({ root: root.path });
  assertEquals([images.dtype, images.shape, images.data.length], ["uint8", [3, 28, 28], 2352]);
  assertEquals(images.data.subarray(1, 4), new Uint8Array([1, 2, 3]));
  assertEquals(labels, { dtype: "uint8", shape: [3], data: new Uint8Array([9, 0, 2]) });
  assertEquals(source, root.path);
});

Deno.test("loadImages() reads the data set's own folder, or torchvision's, in the folder given", async () => {
  await using root = await tempFolder();
  await fill(`${root.path}/Tiny/raw`);
  assertEquals((await load({ root: root.path })).source, `${root.path}/Tiny/raw`);
  await fill(`${root.path}/tiny`);
  assertEquals((await load({ root: root.path })).source, `${root.path}/tiny`);
});

Deno.test("loadImages() takes both files from one folder", async () => {
  await using root = await tempFolder();
  await fill(root.path);
  await fill(`${root.path}/tiny`, IMAGES, idxBytes([3], [1, 1, 1]));
  await Deno.remove(`${root.path}/tiny/tiny-images`);
  const { labels, source } = await load({ root: root.path });
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

  await fill(system);
  assertEquals(await source(), system);
  await fill(`${cache}/plunge/tiny`);
  assertEquals(await source(), `${cache}/plunge/tiny`);
  await fill(`${data}/tiny`);
  assertEquals(await source(), `${data}/tiny`);
  await fill(root);
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
  await fill(folder);
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
  const { images } = await load({ root: root.path, mirrors: [mirror.url] });
  assertEquals(images, parseIdx(IMAGES));
  assertEquals(mirror.asked, ["/data/tiny-labels.gz"]);
});

Deno.test("loadImages() of both splits at once shares a folder", async () => {
  await using mirror = startMirror(serveTiny);
  await using root = await tempFolder();
  const options = { root: `${root.path}/new`, mirrors: [mirror.url] };
  const [train, test] = await Promise.all([
    load({ ...options, split: "train" }),
    load({ ...options, split: "test" }),
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
    const error = await assertRejects(() => load({ root: folder, mirrors: [mirror] }), Error);
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
    () => load({ root: root.path, mirrors: [half.url] }),
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
    load({
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
  await assertRejects(() => load({ root: root.path, mirrors: [endless.url], signal: AbortSignal.abort() }));
  assertEquals(endless.asked.length, 1);
});

Deno.test("loadImages() refuses a folder it cannot write to before it downloads", async () => {
  await using mirror = startMirror(serveTiny);
  await using temp = await tempFolder();
  await Deno.writeFile(`${temp.path}/file`, new Uint8Array());
  const root = `${temp.path}/file/inside`;
  await assertRejects(
    () => load({ root, mirrors: [mirror.url] }),
    Error,
    `Cannot download to ${root}/tiny as it must be a writable folder: `,
  );
  assertEquals(mirror.asked, []);
  assertEquals(listing(temp.path), ["file"]);
});

Deno.test("loadImages() refuses where there is no folder to download to", async () => {
  await assertRejects(
    () => load({}),
    Error,
    "Cannot load Tiny as its test files must be in a folder or on a mirror: they are not in any known folder, " +
      "and without root, PLUNGE_DATA or a home folder there is nowhere to download to",
  );
});

Deno.test({
  name: "loadImages() passes over variables and folders it may not read, and says which permission they need",
  permissions: { env: false, read: false },
  fn: async () => {
    const files = { ...TINY, system: ["/usr/share/datasets/tiny"] };
    const variables = Deno.build.os === "windows"
      ? "PLUNGE_DATA,LOCALAPPDATA"
      : "PLUNGE_DATA,XDG_CACHE_HOME,HOME";
    await assertRejects(
      () => loadImages(files, { split: "test" }),
      Error,
      "they are not in a folder that may be read; with --allow-read=/usr/share/datasets/tiny " +
        `--allow-env=${variables} (or -P, where a deno.json has them) there are more places to look in, ` +
        "and without root, PLUNGE_DATA or a home folder there is nowhere to download to",
    );
    await assertRejects(
      () => loadImages(files, { split: "test", root: "named" }),
      Deno.errors.NotCapable,
      "Cannot load Tiny as named/tiny must be readable: Requires read access",
    );
  },
});

Deno.test("loadImages() says that a mirror and a folder need permissions", async () => {
  await using root = await tempFolder();
  await using scripts = await tempFolder();
  const script = `${scripts.path}/load.ts`;
  await Deno.writeTextFile(
    script,
    `import { MNIST } from "${new URL("../../mod.ts", import.meta.url)}";
    try {
      await MNIST.load({ split: "test", root: ${
      JSON.stringify(root.path)
    }, mirrors: ["http://127.0.0.1:49151"] });
    } catch (error) {
      console.log(error.message);
    }`,
  );
  const run = async (...flags: string[]) => {
    const args = ["run", "--no-config", "--no-check", "--no-prompt", ...flags, script];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    return new TextDecoder().decode(stdout);
  };
  assertStringIncludes(
    await run(),
    `Cannot load MNIST as ${root.path}/mnist must be readable: Requires read access`,
  );
  const read = `--allow-read=${root.path}`;
  assertStringIncludes(
    await run(read),
    `Cannot download to ${root.path}/mnist as it must be a writable folder: Requires write access`,
  );
  assertStringIncludes(
    await run(read, `--allow-write=${root.path}`),
    'http://127.0.0.1:49151/t10k-images-idx3-ubyte.gz: Requires net access to "127.0.0.1:49151", run again with the --allow-net flag',
  );
  assertEquals(listing(root.path), []);
});

Deno.test("loadImages() refuses a split that is not there", async () => {
  await assertRejects(
    () => load({ split: "val" as "test" }),
    RangeError,
    'Cannot load Tiny as split must be "train" or "test": "val"',
  );
});

Deno.test("loadImages() names the file that is corrupt or truncated", async () => {
  await using root = await tempFolder();
  const path = `${root.path}/tiny-images`;
  await fill(root.path, IMAGES.slice(0, 1000));
  await assertRejects(
    () => load({ root: root.path }),
    SyntaxError,
    `Cannot load Tiny as ${path} must be a whole IDX file (remove it to download it again): ` +
      "Cannot parse IDX as uint8 of shape [3, 28, 28] takes 2352 bytes after its header: found 984",
  );
  await fill(root.path, (await gzip(IMAGES)).slice(0, -20));
  await assertRejects(() => load({ root: root.path }), SyntaxError, `${path} must be a whole IDX file`);
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
    await fill(root.path, imageBytes, labelBytes);
    await assertRejects(() => load({ root: root.path }), RangeError, `Cannot load Tiny as ${message}`);
  }
});

Deno.test("loadImages() reads labels of int32", async () => {
  await using root = await tempFolder();
  const labels = new Uint8Array([0, 0, 0x0c, 1, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 2]);
  await fill(root.path, IMAGES, labels);
  const loaded = await load({ root: root.path });
  assertEquals(loaded.labels, { dtype: "uint8", shape: [3], data: new Uint8Array([9, 0, 2]) });
});

Deno.test("loadImages() finds the files under the spellings in use", async () => {
  const packed = await gzip(LABELS);
  const pairs: [string, string][] = [
    ["t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"],
    ["t10k-images-idx3-ubyte", "t10k-labels.idx1-ubyte.gz"],
    ["t10k_images_idx3_ubyte", "T10K-LABELS-IDX1-UBYTE"],
    ["t10k-images-ubyte", "t10k-labels-ubyte.gz"],
    ["test-images-idx3-ubyte", "test-labels.idx1-ubyte.gz"],
    ["t10k-images.idx3-ubyte/t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte/t10k-labels.idx1-ubyte.gz"],
  ];
  const files: ImageFiles = {
    ...TINY,
    train: MNIST_FILES.train,
    test: MNIST_FILES.test,
  };
  for (const [images, labels] of pairs) {
    await using root = await tempFolder();
    const [imagesPath, labelsPath] = [images, labels].map((name) => `${root.path}/${name}`);
    for (const path of [imagesPath, labelsPath]) await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeFile(imagesPath, IMAGES);
    await Deno.writeFile(labelsPath, labels.endsWith(".gz") ? packed : LABELS);
    await Deno.writeFile(`${root.path}/train-labels.idx1-ubyte`, idxBytes([1], [5])); // not to be taken
    assertEquals(
      (await load({ root: root.path, mirrors: [] }, files)).labels.data,
      new Uint8Array([9, 0, 2]),
      images,
    );
    await assertRejects(
      () => load({ root: root.path, split: "train", mirrors: [] }, files),
      Error,
      "they are not in",
    );
  }
});

Deno.test("loadImages() prefers the published spelling", async () => {
  await using root = await tempFolder();
  await fill(root.path);
  await Deno.writeFile(`${root.path}/TINY.labels`, idxBytes([3], [1, 1, 1]));
  assertEquals((await load({ root: root.path })).labels.data, new Uint8Array([9, 0, 2]));
});

Deno.test("loadImages() says which of the two files is missing", async () => {
  await using root = await tempFolder();
  for (const [there, missing] of [["tiny-images", "tiny-labels"], ["tiny-labels", "tiny-images"]]) {
    await Deno.writeFile(`${root.path}/${there}`, there === "tiny-images" ? IMAGES : LABELS);
    await assertRejects(
      () => load({ root: root.path }),
      Error,
      `they are not in ${root.path}/tiny, ${root.path}/Tiny/raw, ${root.path} (where ${there} is, but not ${missing}). ` +
        "Cannot download tiny-images.gz as a mirror must serve it whole: no mirrors are given",
    );
    await Deno.remove(`${root.path}/${there}`);
  }
});

Deno.test("loadImages() names a file of another kind, and what to do", async () => {
  await using root = await tempFolder();
  const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n";
  await fill(root.path, new TextEncoder().encode(pointer));
  await assertRejects(
    () => load({ root: root.path }),
    SyntaxError,
    `Cannot load Tiny as ${root.path}/tiny-images must be a whole IDX file (remove it to download it again): Cannot ` +
      "parse IDX as a file must begin with two zero bytes: it is a Git LFS pointer in place of the file, which " +
      "`git lfs pull` fetches",
  );
});

Deno.test("loadImages() keeps under its right name what a mirror sends unpacked", async () => {
  await using encoded = startMirror((request) => {
    const headers = { "content-encoding": "gzip" };
    return new Response(serveTiny(request).body, { headers });
  });
  await using root = await tempFolder();
  const options = { root: root.path, mirrors: [encoded.url] };
  assertEquals((await load(options)).labels.data, new Uint8Array([9, 0, 2]));
  assertEquals(listing(root.path), ["tiny/", "tiny/tiny-images", "tiny/tiny-labels"]);
  assertEquals((await load({ ...options, mirrors: [] })).source, `${root.path}/tiny`);
});

Deno.test("loadImages() refuses outside Deno", async () => {
  const deno = globalThis.Deno;
  const loading = (() => {
    try {
      Object.defineProperty(globalThis, "Deno", { value: undefined, configurable: true, writable: true });
      return load({ root: "data" }).catch((error) => error);
    } finally {
      Object.defineProperty(globalThis, "Deno", { value: deno, configurable: true, writable: true });
    }
  })();
  const error = await loading;
  assert(error instanceof TypeError);
  assertEquals(
    error.message,
    "Cannot load Tiny as its files are kept in folders that Deno reads: this is not Deno, parseIdx takes bytes",
  );
});
