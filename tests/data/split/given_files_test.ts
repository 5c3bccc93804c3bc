// The files of a split from bytes, as a page has them.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { FashionMNIST, MNIST } from "../../../mod.ts";
import { idxBytes } from "../_fixtures.ts";

const PIXELS = Uint8Array.from({ length: 2 * 784 }, (_, i) => i % 251);
const images = idxBytes([2, 28, 28], PIXELS), labels = idxBytes([2], [3, 9]);

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

Deno.test("fromFiles() takes bytes, files and answers, packed or not", async () => {
  const packed = await gzip(images);
  const ways = [
    { images, labels },
    { images: packed, labels: labels.buffer },
    { images: new File([packed], "train-images-idx3-ubyte.gz"), labels: new Blob([labels]) },
    { images: new Response(images), labels: new Response(await gzip(labels)) },
  ];
  for (const way of ways) {
    const split = await FashionMNIST.fromFiles(way);
    assert(split instanceof FashionMNIST);
    assertEquals([split.length, split.images.shape, split.source], [2, [2, 28, 28], ""]);
    assertEquals(split.images.data, PIXELS);
    assertEquals([...split.labels.data].map((k) => split.classes[k]), ["Dress", "Ankle boot"]);
  }
  assertEquals((await MNIST.fromFiles({ images, labels })).classes[3], "3 - three");
});

Deno.test("fromFiles() refuses what is no split, and says which file it is", async () => {
  const refused = async (contents: unknown, kind: typeof Error, message: string) => {
    // deno-lint-ignore no-explicit-any
    const error = await assertRejects(() => MNIST.fromFiles(contents as any), kind);
    assertEquals(error.message, message);
  };
  await refused(
    { images: new Response(null, { status: 404, statusText: "Not Found" }), labels },
    TypeError,
    "Cannot load MNIST as images must be there: the server answers 404 Not Found",
  );
  await refused(
    { images: new File([images.subarray(0, 100)], "a.idx"), labels },
    SyntaxError,
    "Cannot load MNIST as a.idx must be a whole IDX file: Cannot parse IDX as uint8 of shape [2, 28, 28] takes 1568 " +
      "bytes after its header: found 84",
  );
  await refused(
    { images: labels, labels },
    RangeError,
    "Cannot load MNIST as images must hold uint8 of shape [n, 28, 28]: it holds uint8 of shape [2]",
  );
  await refused(
    { images, labels: idxBytes([1], [3]) },
    RangeError,
    "Cannot load MNIST as every image must have a label: images has 2 images, labels has 1 labels",
  );
  const cut = (await gzip(images)).slice(0, -12);
  const error = await assertRejects(() => MNIST.fromFiles({ images: cut, labels }), SyntaxError);
  assert(error.message.startsWith("Cannot load MNIST as images must be a whole file: "), error.message);
  await refused(
    { images: "train-images", labels },
    TypeError,
    'Cannot load MNIST as images must be bytes, a File or a Response: "train-images"',
  );
});
