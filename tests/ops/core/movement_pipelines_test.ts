import { assert, assertEquals } from "@std/assert";
import {
  adaptiveAvgPool2d,
  arange,
  cat,
  compile,
  flip,
  full,
  gather,
  norm,
  openDevice,
  pad,
  rand,
  scope,
  select,
  slice,
  split,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { clipGradNorm } from "../../../nn/utils.ts";

// What a user counts through must not be part of a text: each text is compiled, which takes a hundred times as long as
// the work, and is kept.

const device = await openDevice();

/** How many kernels `fn` compiles. */
async function compiledBy(fn: () => unknown): Promise<number> {
  await device.sync();
  const before = device.pipelines.compiled;
  using _ = scope();
  await fn();
  await device.sync();
  return device.pipelines.compiled - before;
}

/** Runs `fn` with each number below `count`, in a scope of its own. */
function each(count: number, fn: (i: number) => unknown): () => void {
  return () => {
    for (let i = 0; i < count; i++) {
      using _ = scope();
      fn(i);
    }
  };
}

Deno.test("500 starts of a slice take a handful of kernels, whatever its length, and give what stands there", async () => {
  const x = arange(1200).reshape([600, 2]), y = x.reshape([2, 600]);
  assert(await compiledBy(each(500, (i) => slice(x, { start: i, end: i + 1 + i % 7 }))) <= 4);
  assert(await compiledBy(each(500, (i) => slice(y, { dim: 1, start: i, end: i + 1 + i % 7 }))) <= 4);
  assert(await compiledBy(each(500, (i) => slice(y, { dim: 1, start: i % 9, step: 1 + i % 50 }))) <= 4);
  assertEquals(await slice(y, { dim: 1, start: 591, step: 3 }).toArray(), [[591, 594, 597], [
    1191,
    1194,
    1197,
  ]]);
  assertEquals(await slice(x, { start: 497, end: 499 }).toArray(), [[994, 995], [996, 997]]);
});

Deno.test("each index of select() and each part of split() takes the same kernels", async () => {
  const x = arange(1200).reshape([600, 2]), square = arange(64).reshape([8, 8]);
  assert(await compiledBy(each(500, (i) => select(x, 0, i))) <= 3);
  assert(await compiledBy(each(8, (i) => select(square, 1, i))) <= 2);
  assert(await compiledBy(each(200, (i) => split(x, [i, 600 - i]))) <= 3);
  assertEquals(await select(x, 0, 321).toArray(), [642, 643]);
  assertEquals(await select(square, 1, 5).toArray(), [5, 13, 21, 29, 37, 45, 53, 61]);
});

Deno.test("cat(), flip() and pad() take the same kernels for all lengths", async () => {
  assert(await compiledBy(() => cat(Array.from({ length: 300 }, (_, i) => full([1, 3], i)))) <= 4);
  assert(await compiledBy(each(100, (i) => cat([full([2, i + 1], 1), full([2, 3], 2)], { dim: 1 }))) <= 5);
  assert(await compiledBy(each(200, (i) => flip(full([i + 1], 1), [0]))) <= 4);
  assert(await compiledBy(each(100, (i) => pad(full([2, 3], 1), [i, i % 5, 1, 0]))) <= 5);
  const parts = Array.from({ length: 300 }, (_, i) => full([1], i));
  assertEquals(await cat(parts).data(), Float32Array.from({ length: 300 }, (_, i) => i));
  assertEquals(await flip(arange(7), [0]).toArray(), [6, 5, 4, 3, 2, 1, 0]);
  assertEquals(await pad(tensor([[1, 2]]), [1, 2, 0, 1]).toArray(), [[0, 1, 2, 0, 0], [0, 0, 0, 0, 0]]);
});

Deno.test("gather() and its gradient take the same kernels for all lengths", async () => {
  const index = (i: number) => full([3, 1 + i % 5], 1, { dtype: "int32" });
  const picks = each(200, (i) => {
    const x = rand([4, 6 + i], { requiresGrad: true });
    gather(x, index(i), { dim: 1 }).sum().backward();
    x.grad!.dispose();
  });
  assert(await compiledBy(picks) <= 12); // that of the sum among them
});

Deno.test("each exponent of norm() and clipGradNorm() takes the same kernels", async () => {
  const x = rand([10], { requiresGrad: true });
  const norms = each(100, (i) => {
    x.grad = null;
    norm(x, { p: 1.3 + i / 10 }).backward();
    clipGradNorm([x], 1, { normType: 1.3 + i / 10 });
  });
  assert(await compiledBy(norms) <= 14);
  assertEquals((await norm(tensor([1, 2, 2]), { p: 3 }).item()).toFixed(5), "2.57128");
  x.dispose();
});

Deno.test("each size of adaptiveAvgPool2d() takes the same kernels", async () => {
  const x = rand([1, 1, 28, 28], { requiresGrad: true });
  const sizes = each(120, (i) => {
    x.grad = null;
    adaptiveAvgPool2d(x, { outputSize: [15 + i % 10, 17 + i % 9] }).sum().backward();
  });
  assert(await compiledBy(sizes) <= 25); // sums, and texts by how large windows are: not one for each of 90 sizes
  x.dispose();
});

Deno.test("a captured step merges slices as it did, and reads the right place of each", async () => {
  const x = arange(24).reshape([4, 6]);
  const of = (at: number) => compile((x: Tensor) => select(x, 0, at).mul(2).add(select(x, 0, at + 1)).relu());
  for (const at of [0, 1, 2]) {
    const wanted = Array.from({ length: 6 }, (_, j) => 2 * (6 * at + j) + 6 * (at + 1) + j);
    assertEquals(await of(at)(x).toArray(), wanted);
  }
});
