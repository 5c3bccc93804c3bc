import { assertEquals } from "@std/assert";
import { embedding, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { noise } from "../../support/oracle.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const table = tensor([[1, 2], [3, 4], [5, 6]]);

Deno.test("embedding() looks up rows", async () => {
  const words = tensor([[2, 0], [1, 2]], { dtype: "int32" });
  assertEquals(await embedding(words, table).toArray(), [[[5, 6], [1, 2]], [[3, 4], [5, 6]]]);
  assertEquals(await embedding(tensor(1, { dtype: "int32" }), table).toArray(), [3, 4]);
  assertEquals(embedding(tensor([], { dtype: "int32" }), table).shape, [0, 2]);
  assertEquals(embedding(words, zeros([3, 0])).shape, [2, 2, 0]);
});

Deno.test("embedding() gives NaN for indices that do not exist, and no gradient", async () => {
  const weight = tensor([[1], [2]], { requiresGrad: true });
  const y = embedding(tensor([1, 2, -1], { dtype: "int32" }), weight);
  assertEquals(await y.toArray(), [[2], [NaN], [NaN]]);
  y.sum().backward();
  assertEquals(await weight.grad!.toArray(), [[0], [1]]);
});

Deno.test("embedding() passes gradcheck where rows repeat", async () => {
  const words = tensor([3, 0, 3, 3, 1], { dtype: "int32" });
  await gradcheck((w) => embedding(words, w), [noiseTensor([5, 3])], {
    reference: ([w]) => [3, 0, 3, 3, 1].flatMap((k) => [...w.slice(3 * k, 3 * k + 3)]),
  });
});

Deno.test("embedding() gives the row of padding no gradient", async () => {
  for (const paddingIdx of [1, -2]) {
    const weight = tensor([[1, 1], [2, 2], [3, 3]], { requiresGrad: true });
    const y = embedding(tensor([1, 2, 1], { dtype: "int32" }), weight, { paddingIdx });
    assertEquals(await y.toArray(), [[2, 2], [3, 3], [2, 2]]);
    y.sum().backward();
    assertEquals(await weight.grad!.toArray(), [[0, 0], [0, 0], [1, 1]]);
  }
});

Deno.test("the gradient of embedding() adds up many words, the same in every run", async () => {
  const rows = 300, width = 5, n = 3000, skip = 7;
  const words = Int32Array.from(noise(5, n), (v) => (v + 0.5) * rows), dy = noise(6, n * width);
  const wanted = new Float64Array(rows * width);
  words.forEach((k, i) => {
    for (let c = 0; c < width; c++) if (k !== skip) wanted[k * width + c] += dy[i * width + c];
  });
  const gradient = () => {
    const weight = zeros([rows, width], { requiresGrad: true });
    embedding(tensor(words), weight, { paddingIdx: skip }).backward(tensor(dy, { shape: [n, width] }));
    return weight.grad!.data();
  };
  const first = await gradient();
  assertClose(first, wanted, { atol: 2e-6 });
  assertEquals(await gradient(), first);
});

Deno.test("embedding() refuses other types, other ranks and padding that is no row", () => {
  const words = tensor([0], { dtype: "int32" });
  const cases: [() => unknown, typeof TypeError | typeof RangeError, string][] = [
    [() => embedding(zeros([1]), table), TypeError, "input must be int32: it is float32"],
    [() => embedding(words, words), TypeError, "weight must be float32: it is int32"],
    [
      () => embedding(words, zeros([3])),
      RangeError,
      "weight must be [numEmbeddings, embeddingDim]: it has shape [3]",
    ],
    [
      () => embedding(words, table, { paddingIdx: 3 }),
      RangeError,
      "paddingIdx must be one of the 3 rows: 3",
    ],
    [
      () => embedding(words, table, { paddingIdx: -4 }),
      RangeError,
      "paddingIdx must be one of the 3 rows: -4",
    ],
  ];
  for (const [fn, kind, why] of cases) assertRefuses(fn, kind, `Cannot apply embedding as ${why}`);
});
