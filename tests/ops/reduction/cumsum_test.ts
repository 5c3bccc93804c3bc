import { assertEquals } from "@std/assert";
import { cumsum, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertAsPyTorch } from "../../support/reductions.ts";
import { eachIndex } from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

/** Running sums of `[outer, size, inner]` along the middle. */
function running(shape: readonly number[]) {
  const inner = shape[2];
  return ([x]: Float64Array[]) => {
    const y = x.slice();
    eachIndex(shape, ([, k], i) => {
      if (k > 0) y[i] += y[i - inner];
    });
    return y;
  };
}

Deno.test("cumsum() gives every sum on the way", async () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  assertEquals(await cumsum(x, { dim: 1 }).toArray(), [[1, 3, 6], [4, 9, 15]]);
  assertEquals(await x.cumsum({ dim: -2 }).toArray(), [[1, 2, 3], [5, 7, 9]]);
  assertEquals(await cumsum(tensor(5), { dim: 0 }).toArray(), 5);
  assertEquals(cumsum(zeros([2, 0, 3]), { dim: 1 }).shape, [2, 0, 3]);
});

Deno.test("cumsum() agrees with PyTorch", async () => {
  await assertAsPyTorch((x) => cumsum(x, { dim: 1 }), [
    ...[0.5894307, -0.3925985, -0.0434606, 0.2989812],
    ...[-0.7174624, -1.3528892, -0.9065281, -1.2598595],
    ...[0.6581893, 1.5915018, 1.7346191, 1.4788598],
  ], [
    ...[0.518003, 0.5238331, 0.2484959, -0.1961334],
    ...[-0.6128716, -0.7458357, -0.6561425, -0.173581],
    ...[0.6214631, 0.3139279, -0.1547719, -0.023803],
  ]);
});

Deno.test("cumsum() of integers and booleans is an integer", async () => {
  const y = cumsum(tensor([true, false, true, true]), { dim: 0 });
  assertEquals([y.dtype, await y.toArray()], ["int32", [1, 1, 2, 3]]);
  const long = cumsum(tensor(new Int32Array(5003).fill(3)), { dim: 0 });
  assertEquals(await long.data(), Int32Array.from({ length: 5003 }, (_, k) => 3 * (k + 1)));
});

Deno.test("cumsum() passes NaN and infinities on, not back", async () => {
  const y = cumsum(tensor([[1, Infinity, 2, -Infinity, 1], [1, NaN, 1, 1, 1]]), { dim: 1 });
  assertEquals(await y.toArray(), [[1, Infinity, Infinity, NaN, NaN], [1, NaN, NaN, NaN, NaN]]);
});

for (const shape of [[2, 1025, 3], [1, 3001, 1]]) {
  Deno.test(`cumsum() of long rows, [${shape}], is right both ways`, async () => {
    const x = noiseTensor(shape), dy = noiseTensor(shape, { seed: 2, requiresGrad: false });
    const y = cumsum(x, { dim: 1 });
    y.backward(dy);
    const [values, g] = [await x.data(), await dy.data()].map((v) => Float64Array.from(v));
    // some hundred additions to sums of about 20, each rounded by up to 1e-6
    assertClose(await y.data(), running(shape)([values]), { atol: 2e-5 });
    const back = running(shape)([reversed(g, shape)]);
    assertClose(await x.grad!.data(), reversed(back, shape), { atol: 2e-5 });
  });
}

/** The values with the middle dimension turned round. */
function reversed(values: Float64Array, [, size, inner]: readonly number[]): Float64Array {
  return values.map((_, i) => {
    const k = Math.floor(i / inner) % size;
    return values[i + (size - 1 - 2 * k) * inner];
  });
}

Deno.test("cumsum() passes gradcheck along each dimension", async () => {
  for (
    const [shape, dim, as] of [[[3, 4], 0, [1, 3, 4]], [[3, 4], 1, [3, 4, 1]], [[2, 3, 5], 1, [
      2,
      3,
      5,
    ]]] as const
  ) {
    await gradcheck((x) => cumsum(x, { dim }), [noiseTensor(shape)], { reference: running(as) });
  }
});

Deno.test("cumsum() refuses a dimension that does not exist", () => {
  assertRefuses(
    () => cumsum(zeros([2]), { dim: 1 }),
    RangeError,
    "Cannot apply cumsum as dim must be a whole number from -1 to 0: 1",
  );
});
