import { assertEquals } from "@std/assert";
import { gradcheck, interpolate, type InterpolateOptions, openDevice, tensor, zeros } from "../../../mod.ts";
import { eachIndex, type Reference, sizeOf } from "../../support/reference.ts";
import { assertRefuses, bitsOf, noiseTensor } from "../../support/values.ts";

await openDevice();

const row = (values: number[]) => tensor([[[values]]]);

Deno.test("interpolate() takes the nearest element", async () => {
  // F.interpolate(torch.arange(10.).view(1, 1, 1, 10), …).tolist() in PyTorch 1.13
  const x = row([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertEquals(await interpolate(x, { scaleFactor: [1, 0.33] }).toArray(), [[[[0, 3, 6]]]]);
  assertEquals(await interpolate(x, { size: [1, 7] }).toArray(), [[[[0, 1, 2, 4, 5, 7, 8]]]]);
  assertEquals(await interpolate(row([1, 2]), { scaleFactor: 2 }).toArray(), [[[[1, 1, 2, 2], [
    1,
    1,
    2,
    2,
  ]]]]);
  assertEquals(interpolate(zeros([0, 3, 2, 2]), { size: 5 }).shape, [0, 3, 5, 5]);
});

Deno.test("interpolate() draws lines between elements, and keeps corners where asked", async () => {
  const x = tensor([[[[0, 4], [8, 12]]]]);
  const free = interpolate(x, { size: [2, 4], mode: "bilinear" });
  assertEquals(await free.toArray(), [[[[0, 1, 3, 4], [8, 9, 11, 12]]]]);
  const aligned = interpolate(x, { size: 3, mode: "bilinear", alignCorners: true });
  assertEquals(await aligned.toArray(), [[[[0, 2, 4], [4, 6, 8], [8, 10, 12]]]]);
  const one = interpolate(x, { size: 1, mode: "bilinear", alignCorners: true });
  assertEquals(await one.toArray(), [[[[0]]]]);
});

Deno.test("interpolate() to nearest keeps NaN's and zero's bits", async () => {
  const y = await interpolate(row([NaN, -0, Infinity]), { size: [1, 3] }).data();
  assertEquals(bitsOf(y), bitsOf([NaN, -0, Infinity]));
});

/** Resizes [2, h, w] by a rule that gives the place of an output in the input. */
function reference(
  [h, w]: number[],
  [outH, outW]: number[],
  place: (j: number, from: number, to: number) => number,
) {
  const shape = [2, outH, outW];
  const run: Reference = ([x]) => {
    const y = new Float64Array(sizeOf(shape));
    eachIndex(shape, ([b, i, j], k) => {
      const [r, q] = [place(i, h, outH), place(j, w, outW)];
      eachIndex([h, w], ([u, v], at) => {
        y[k] += Math.max(0, 1 - Math.abs(r - u)) * Math.max(0, 1 - Math.abs(q - v)) * x[b * h * w + at];
      });
    });
    return y;
  };
  return run;
}

Deno.test("interpolate() passes gradcheck in every mode, up and down", async () => {
  const center = (j: number, from: number, to: number) =>
    Math.min(Math.max((j + 0.5) * from / to - 0.5, 0), from - 1);
  const rules: [InterpolateOptions, (j: number, from: number, to: number) => number][] = [
    [{ mode: "nearest" }, (j, from, to) => Math.floor(j * from / to)],
    [{ mode: "bilinear" }, center],
    [{ mode: "bilinear", alignCorners: true }, (j, from, to) => j * (from - 1) / (to - 1)],
  ];
  for (const [options, place] of rules) {
    for (const size of [[7, 2], [3, 8]] as const) {
      await gradcheck((x) => interpolate(x, { ...options, size }), [noiseTensor([1, 2, 4, 5])], {
        reference: reference([4, 5], [...size], place),
      });
    }
  }
});

Deno.test("the gradient of interpolate() adds up whole images", async () => {
  const x = tensor([[[[1, 2]]]], { requiresGrad: true });
  const y = interpolate(x, { size: [300, 700] });
  assertEquals([y.shape, (await y.data())[349], (await y.data())[350]], [[1, 1, 300, 700], 1, 2]);
  y.sum().backward();
  assertEquals(await x.grad!.toArray(), [[[[105_000, 105_000]]]]);
});

Deno.test("interpolate() refuses what are no images, and options that make no size", () => {
  const x = zeros([1, 1, 2, 2]);
  const refuse = (options: InterpolateOptions, why: string, t = x) =>
    assertRefuses(() => interpolate(t, options), RangeError, `Cannot apply interpolate as ${why}`);
  refuse({}, "either size or scaleFactor must be given: neither was");
  refuse({ size: 2, scaleFactor: 2 }, "either size or scaleFactor must be given: both were");
  refuse({ size: 0 }, "size must be a whole number from 1 up, or two: 0");
  refuse({ scaleFactor: 0.3 }, "scaleFactor must make sizes from 1 up: 0.3 of x of shape [1, 1, 2, 2]");
  refuse(
    { scaleFactor: [1, NaN] },
    "scaleFactor must make sizes from 1 up: [1,null] of x of shape [1, 1, 2, 2]",
  );
  refuse(
    { size: 2, mode: "cubic" as "nearest" },
    'mode must be "nearest", "bilinear", "bicubic" or "area": "cubic"',
  );
  refuse(
    { size: 2, alignCorners: true },
    'alignCorners goes with mode "bilinear" or "bicubic": mode "nearest"',
  );
  const images = "x must be images [n, c, h, w] of one element or more: x has shape";
  refuse({ size: 2 }, `${images} [2, 2]`, zeros([2, 2]));
  refuse({ size: 2 }, `${images} [1, 1, 0, 2]`, zeros([1, 1, 0, 2]));
  assertRefuses(
    () => interpolate(zeros([1, 1, 2, 2], { dtype: "int32" }), { size: 2 }),
    TypeError,
    "Cannot apply interpolate as x must be float32: it is int32",
  );
});

Deno.test("interpolate() copies along a dimension whose size a factor leaves as it is", async () => {
  // F.interpolate(torch.tensor([[[[0., 10, 20, 30, 40]]]]), scale_factor=[1, 1.1], mode=mode)
  for (const mode of ["nearest", "bilinear"] as const) {
    for (const alignCorners of mode === "bilinear" ? [false, true] : [false]) {
      const x = tensor([[[[0, 10, 20, 30, 40]]]], { requiresGrad: true });
      const y = interpolate(x, { scaleFactor: [1, 1.1], mode, alignCorners });
      assertEquals(await y.toArray(), [[[[0, 10, 20, 30, 40]]]]);
      y.select(3, 4).sum().backward();
      assertEquals(await x.grad!.toArray(), [[[[0, 0, 0, 0, 1]]]]);
    }
  }
  const tall = tensor([[[[1], [2], [3]]]]);
  assertEquals(await interpolate(tall, { scaleFactor: [1.3, 2], mode: "bilinear" }).toArray(), [[[[1, 1], [
    2,
    2,
  ], [3, 3]]]]);
});

Deno.test("interpolate() takes each element twice where a factor doubles the size", async () => {
  // F.interpolate(x, scale_factor=[1, 2.05], mode="nearest") of five elements, 2.1 of five
  const x = tensor([[[[0, 10, 20, 30, 40]]]]);
  for (const by of [2, 2.05, 2.1]) {
    const y = interpolate(x, { scaleFactor: [1, by], mode: "nearest" });
    assertEquals(await y.data(), new Float32Array([0, 0, 10, 10, 20, 20, 30, 30, 40, 40]));
  }
  assertEquals(
    await interpolate(x, { scaleFactor: [1, 1.5] }).data(),
    new Float32Array([0, 0, 10, 20, 20, 30, 40]),
  );
});
