import { assertEquals } from "@std/assert";
import { loadDataFashionMnist } from "../../examples/d2l.ts";
import { openDevice } from "../../mod.ts";

await openDevice();

Deno.test("loadDataFashionMnist() gives batches of both splits, of as many images as were asked for", async () => {
  const [train, test] = await loadDataFashionMnist(16, { limit: 40, seed: 1 });
  assertEquals([train.dataset.length, train.length, test.dataset.length, test.length], [40, 3, 40, 3]);
  for (const [x, y] of test) {
    assertEquals([x.shape, y.shape], [[16, 1, 28, 28], [16]]);
    assertEquals([...(await y.data()).subarray(0, 4)], [9, 2, 1, 1]); // the first of the test file
    break;
  }
  for (const loader of [train, test]) loader.dispose();
});

Deno.test("loadDataFashionMnist() resizes the images of both splits, as the book does", async () => {
  const [train, test] = await loadDataFashionMnist(4, { limit: 4, resize: 96 });
  for (const loader of [train, test]) {
    for (const [x] of loader) assertEquals(x.shape, [4, 1, 96, 96]);
    loader.dispose();
  }
});
