// The book's scripts as they are run; those of large networks are in tests/long/book.ts.
import { assertEquals, assertMatch } from "@std/assert";
import { listing } from "../../data/_fixtures.ts";
import { ROOT, runExample } from "../../support/subprocess.ts";

Deno.test("learn_kernel.ts learns the kernel of vertical edges", async () => {
  const { code, stdout, stderr } = await runExample("book/learn_kernel.ts", []);
  assertEquals([code, stderr], [0, ""]);
  const [, a, b] = stdout.match(/the kernel that was learnt: tensor\(\[\[ ([\d.]+), -([\d.]+)\]\]\)/)!;
  assertEquals([Math.abs(Number(a) - 1) < 0.05, Math.abs(Number(b) - 1) < 0.05], [true, true]);
});

Deno.test("convolution.ts computes the same by loops and by the library", async () => {
  const { code, stdout, stderr } = await runExample("book/convolution.ts", ["--index=3"]);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /the largest difference is \d\.\de-[6-9]\n/);
  assertMatch(stdout, /^image, vertical edges, horizontal edges$/m);
});

Deno.test("batch_norm.ts trains, and prints shapes and epochs", async () => {
  const args = ["--limit=32", "--batch-size=8", "--epochs=2", "--width=0.5"];
  const { code, stdout, stderr } = await runExample("book/batch_norm.ts", args);
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^BatchNorm output shape: \[1, 3, 24, 24\]$/m);
  assertEquals(
    stdout.match(/^epoch [12]\/2: loss \d\.\d{3}, train acc 0\.\d{3}, test acc 0\.\d{3}$/gm)?.length,
    2,
  );
});

Deno.test("every network of the book has its script, its task in the README, and Chinese help", async () => {
  const scripts = listing(`${ROOT}examples/book`).filter((name) => /^[a-z]/.test(name));
  assertEquals(scripts.length, 9);
  const readme = await Deno.readTextFile(`${ROOT}examples/README.md`);
  assertEquals(scripts.filter((name) => !readme.includes(`examples/book/${name}`)), []);
  const { code, stdout } = await runExample("book/resnet.ts", ["--help", "--lang=zh"], { LANG: "C.UTF-8" });
  assertEquals(code, 0);
  assertMatch(stdout, /ResNet-18/);
  assertMatch(stdout, /通道数/);
});
