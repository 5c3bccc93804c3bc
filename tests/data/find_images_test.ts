import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname } from "@std/path";
import { type ImageFiles, loadImages } from "../../data/_image_files.ts";
import { MNIST_FILES } from "../../data/_mnist_files.ts";
import {
  fillTiny,
  gzip,
  idxBytes,
  IMAGES,
  LABELS,
  listing,
  loadTiny,
  tempFolder,
  TINY,
} from "./_fixtures.ts";

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
      (await loadTiny({ root: root.path, mirrors: [] }, files)).labels.data,
      new Uint8Array([9, 0, 2]),
      images,
    );
    await assertRejects(
      () => loadTiny({ root: root.path, split: "train", mirrors: [] }, files),
      Error,
      "they are not in",
    );
  }
});

Deno.test("loadImages() prefers the published spelling", async () => {
  await using root = await tempFolder();
  await fillTiny(root.path);
  await Deno.writeFile(`${root.path}/TINY.labels`, idxBytes([3], [1, 1, 1]));
  assertEquals((await loadTiny({ root: root.path })).labels.data, new Uint8Array([9, 0, 2]));
});

Deno.test("loadImages() says which of the two files is missing", async () => {
  await using root = await tempFolder();
  for (const [there, missing] of [["tiny-images", "tiny-labels"], ["tiny-labels", "tiny-images"]]) {
    await Deno.writeFile(`${root.path}/${there}`, there === "tiny-images" ? IMAGES : LABELS);
    await assertRejects(
      () => loadTiny({ root: root.path }),
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
  await fillTiny(root.path, new TextEncoder().encode(pointer));
  await assertRejects(
    () => loadTiny({ root: root.path }),
    SyntaxError,
    `Cannot load Tiny as ${root.path}/tiny-images must be a whole IDX file (remove it to download it again): Cannot ` +
      "parse IDX as a file must begin with two zero bytes: it is a Git LFS pointer in place of the file, which " +
      "`git lfs pull` fetches",
  );
});
