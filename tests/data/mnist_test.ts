import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { md5 } from "../../data/checksums/md5.ts";
import { FashionMNIST } from "../../data/fashion_mnist.ts";
import { MNIST } from "../../data/mnist.ts";
import { idxBytes, listing, quiet, startMirror, tempFolder } from "./_fixtures.ts";

/** The folder beside the repository, or the one named, that has the test split where it cannot be downloaded. */
async function sharedFolder(): Promise<string | undefined> {
  const beside = fromFileUrl(new URL("../../../shared/data/mnist", import.meta.url));
  const folder = Deno.env.get("PLUNGE_SHARED") ?? beside;
  const there = await Deno.stat(folder).then((info) => info.isDirectory, () => false);
  return there ? folder : undefined;
}

const shared = await sharedFolder();
// The digits are not in the repository: where they are not beside it, the files made below have to do.
if (shared) Deno.test("MNIST.load() gives the real test split", realTestSplit);

async function realTestSplit(): Promise<void> {
  const test = await MNIST.load({ split: "test", root: shared });
  assert(test instanceof MNIST && !(test instanceof FashionMNIST));
  assertEquals([test.images.dtype, test.images.shape], ["uint8", [10000, 28, 28]]);
  assertEquals([test.labels.dtype, test.labels.shape, test.length], ["uint8", [10000], 10000]);
  assertEquals([...test.labels.data.subarray(0, 10)], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  assertEquals(test.classes[test.labels.data[0]], "7 - seven");
  const image = test.images.data.subarray(0, 784);
  assertEquals([...image.subarray(7 * 28 + 6, 7 * 28 + 12)], [84, 185, 159, 151, 60, 36]);
  // MD5 of the unpacked files
  assertEquals(md5(idxBytes([10000, 28, 28], test.images.data)), "2646ac647ad5339dbf082846283269ea");
  assertEquals(md5(idxBytes([10000], test.labels.data)), "27ae3e4e09519cfbb04c329615203637");
}

Deno.test("MNIST has the ten digits as classes", async () => {
  await using root = await tempFolder();
  await Deno.writeFile(`${root.path}/train-images-idx3-ubyte`, idxBytes([0, 28, 28], []));
  await Deno.writeFile(`${root.path}/train-labels-idx1-ubyte`, idxBytes([0], []));
  const empty = await MNIST.load({ split: "train", root: root.path });
  assertEquals(empty.length, 0);
  assertEquals(empty.classes, [
    "0 - zero",
    "1 - one",
    "2 - two",
    "3 - three",
    "4 - four",
    "5 - five",
    "6 - six",
    "7 - seven",
    "8 - eight",
    "9 - nine",
  ]);
});

Deno.test("MNIST.load() refuses a file that is not the one torchvision lists", async () => {
  await using mirror = startMirror(() => new Response(idxBytes([0, 28, 28], [])));
  await using root = await tempFolder();
  await assertRejects(
    () => MNIST.load({ split: "train", root: root.path, mirrors: [mirror.url], onProgress: quiet }),
    Error,
    "train-images-idx3-ubyte.gz: its MD5 must be f68b3c2dcbeaaa9fbdd348bbdeb94873, 16 bytes with MD5 ",
  );
  assertEquals(listing(root.path), []);
});
