import { assert, assertEquals } from "@std/assert";
import { places } from "../../data/_folders.ts";
import { gunzip } from "../../data/formats/gunzip.ts";
import { loadImages } from "../../data/_image_files.ts";
import { FASHION_MNIST_FILES } from "../../data/_mnist_files.ts";
import { FashionMNIST } from "../../data/fashion_mnist.ts";
import { MNIST } from "../../data/mnist.ts";
import { readEnv } from "../../ops/core/files.ts";
import { listing, noEnv, quiet, sha256, startMirror, tempFolder } from "./_fixtures.ts";

Deno.test("FashionMNIST.load() gives the real training split", async () => {
  const train = await FashionMNIST.load({ split: "train" });
  assert(train instanceof FashionMNIST && train instanceof MNIST);
  assertEquals([train.images.dtype, train.images.shape], ["uint8", [60000, 28, 28]]);
  assertEquals([train.labels.dtype, train.labels.shape, train.length], ["uint8", [60000], 60000]);
  assertEquals([...train.labels.data.subarray(0, 10)], [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
  const counts = Array(10).fill(0);
  for (const label of train.labels.data) counts[label]++;
  assertEquals(counts, Array(10).fill(6000));
  assertEquals(train.images.data.length, 47_040_000);
  // 255 times torchvision's mean of the training pixels, 0.2860
  assertEquals(Math.round(train.images.data.reduce((sum, pixel) => sum + pixel, 0) / 47_040_000 * 100), 7294);
  assertEquals(train.classes, [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
  ]);
});

Deno.test("FashionMNIST.load() gives the real test split", async () => {
  const test = await FashionMNIST.load({ split: "test" });
  assertEquals([test.images.shape, test.labels.shape, test.length], [[10000, 28, 28], [10000], 10000]);
  assertEquals([...test.labels.data.subarray(0, 10)], [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
});

/** When the authors packed each file, in seconds since 1970; the header of gzip tells it. */
const PACKED = { train: 1504176606, t10k: 1504176627 };

/** A file as the mirror has it. Debian's differs in the header alone, which has another time and no name. */
async function publishedFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
  for (const { folder } of places(FASHION_MNIST_FILES, undefined, readEnv)) {
    const bytes = await Deno.readFile(`${folder}/${name}`).catch(() => undefined);
    if (bytes === undefined) continue;
    const start = bytes[3] === 8 ? bytes.indexOf(0, 10) + 1 : 10; // flag 8: a name follows and ends with a zero
    const header = new Uint8Array([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]);
    new DataView(header.buffer).setUint32(4, name.startsWith("train") ? PACKED.train : PACKED.t10k, true);
    const stem = new TextEncoder().encode(name.replace(".gz", "\0"));
    return new Uint8Array(await new Blob([header, stem, bytes.subarray(start)]).arrayBuffer());
  }
  throw new Error(`Cannot test the checksum of ${name} as a folder must have it: none has`);
}

Deno.test("FashionMNIST's checksums are those of the published files", async () => {
  const names = [FASHION_MNIST_FILES.train, FASHION_MNIST_FILES.test].flatMap((split) => [
    split.images.name,
    split.labels.name,
  ]);
  const published = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of names) published.set(name, await publishedFile(name));
  assertEquals([...published.values()].map((bytes) => bytes.length), [26421880, 29515, 4422102, 5148]);

  await using mirror = startMirror((request) => new Response(published.get(request.url.split("/").at(-1)!)));
  await using root = await tempFolder();
  const nowhereElse = { ...FASHION_MNIST_FILES, system: [] };
  for (const [split, length] of [["train", 60000], ["test", 10000]] as const) {
    const options = { split, root: root.path, mirrors: [mirror.url], onProgress: quiet };
    const { labels, source } = await loadImages(nowhereElse, options, { env: noEnv });
    assertEquals([labels.shape, source], [[length], mirror.url]);
  }
  assertEquals(listing(`${root.path}/fashion-mnist`), names.toSorted());
});

Deno.test("FashionMNIST's files are known unpacked and packed anew, too", async () => {
  const test = FASHION_MNIST_FILES.test, names = [test.images.name, test.labels.name];
  const [images, labels] = await Promise.all(
    names.map(async (name) => await gunzip(await publishedFile(name))),
  );
  assertEquals(await sha256(images as Uint8Array<ArrayBuffer>), test.images.unpackedSha256);
  assertEquals(await sha256(labels as Uint8Array<ArrayBuffer>), test.labels.unpackedSha256);
});
