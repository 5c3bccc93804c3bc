// scatter, indexAdd and their kin; PyTorch's numbers are in tests/oracle_test.ts.
import { assertEquals, assertRejects } from "@std/assert";
import {
  compile,
  indexAdd,
  indexCopy,
  indexPut,
  indexSelect,
  maskedFill,
  maskedSelect,
  nonzero,
  openDevice,
  scatter,
  scatterAdd,
  tensor,
  zeros,
} from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

const device = await openDevice();
const int = (values: number[] | number[][]) => tensor(values, { dtype: "int32" });

Deno.test("of two values for one place the last is written, and it alone has the gradient", async () => {
  const src = tensor([1, 2, 3], { requiresGrad: true }), x = tensor([9, 9], { requiresGrad: true });
  const y = scatter(x, int([0, 1, 0]), src, { dim: 0 });
  assertEquals(await y.toArray(), [3, 2]);
  y.mul(tensor([10, 20])).sum().backward();
  assertEquals([await src.grad!.toArray(), await x.grad!.toArray()], [[0, 20, 10], [0, 0]]);
  assertEquals(await indexCopy(zeros([2, 1]), int([1, 1]), tensor([[5], [6]]), { dim: 0 }).toArray(), [[0], [
    6,
  ]]);
});

Deno.test("indices that do not exist are passed over, in values and in gradients", async () => {
  const index = int([-1, 0, 7]), src = tensor([1, 2, 3], { requiresGrad: true }), x = zeros([2]);
  assertEquals(await scatter(x, index, src.detach(), { dim: 0 }).toArray(), [2, 0]);
  const y = scatterAdd(x, index, src, { dim: 0 });
  assertEquals(await y.toArray(), [2, 0]);
  y.sum().backward();
  assertEquals(await src.grad!.toArray(), [0, 1, 0]);
  assertEquals(await indexAdd(x, index, src.detach(), { dim: 0 }).toArray(), [2, 0]);
  assertEquals(await indexPut(x, [index], src.detach(), { accumulate: true }).toArray(), [2, 0]);
  assertEquals(await indexSelect(tensor([5, 6]), index, { dim: 0 }).toArray(), [NaN, 5, NaN]);
});

Deno.test("sums have the same bits in each run, and captured", async () => {
  const index = int(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 13)), values = noiseTensor([5000, 3]);
  const add = () => indexAdd(zeros([13, 3]), index, values, { dim: 0 });
  const first = await add().data(), step = compile(add);
  for (let k = 0; k < 3; k++) {
    assertEquals(await add().data(), first);
    assertEquals(await step().data(), first);
  }
  step.dispose();
});

Deno.test("scatter() takes other types, and converts to that of x", async () => {
  const truth = tensor([false, false, false]);
  assertEquals(await scatter(truth, int([1]), tensor([2]), { dim: 0 }).toArray(), [false, true, false]);
  assertEquals(await maskedFill(int([1, 2]), tensor([true, false]), 7.9).toArray(), [7, 2]);
});

Deno.test("maskedSelect() and nonzero() find nothing where there is nothing", async () => {
  const none = await maskedSelect(tensor([1, 2]), tensor([false, false]));
  assertEquals([none.shape, (await nonzero(zeros([2, 3]))).shape], [[0], [0, 2]]);
  assertEquals((await nonzero(zeros([0, 3]))).shape, [0, 2]);
  assertEquals(await (await nonzero(tensor(3))).data(), new Int32Array(0));
  const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  const found = await maskedSelect(x, tensor([true, false]));
  found.mul(tensor([5, 7])).sum().backward();
  assertEquals(await x.grad!.toArray(), [[5, 0], [7, 0]]);
});

Deno.test("what waits for the GPU is refused in a captured step", async () => {
  const x = tensor([1, 0]);
  let waiting: Promise<unknown> = Promise.resolve();
  const step = compile(() => {
    waiting = nonzero(x);
    waiting.catch(() => {});
    return x.mul(2);
  });
  step();
  await assertRejects(() => waiting, Error, "Cannot ");
  await device.sync();
});

Deno.test("writes refuse what does not fit", () => {
  const x = zeros([2, 3]);
  assertRefuses(
    () => scatter(x, int([0]), 1, { dim: 0 }),
    RangeError,
    "Cannot apply scatter as index must have the dimensions of x and, but for dim 0, at most its sizes: index [1], x [2, 3]",
  );
  assertRefuses(
    () => indexAdd(x, int([0]), zeros([2, 3]), { dim: 0 }),
    RangeError,
    "Cannot apply indexAdd as source must have a place for each index: it has shape [2, 3], not [1, 3]",
  );
  assertRefuses(
    () => indexSelect(x, int([[0]]), { dim: 0 }),
    RangeError,
    "Cannot apply indexSelect as x must have dimensions and index one: x has shape [2, 3], index [1, 1]",
  );
  assertRefuses(
    () => indexPut(x, [tensor([true, false])], 1, { accumulate: true }),
    TypeError,
    "Cannot apply indexPut as it must add float32 at int32 indices: a tensor is bool",
  );
  assertRefuses(
    () => maskedFill(x, tensor([true, true, true]), zeros([3])),
    RangeError,
    "Cannot apply maskedFill as value must have no dimensions: it has shape [3]",
  );
});
