import { assertEquals } from "@std/assert";
import { avgPool2d, type AvgPool2dOptions, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("avgPool2d() takes the mean of each window", async () => {
  const x = tensor([[[[1, 3, 5], [5, 7, 1]]]]);
  assertEquals(await avgPool2d(x, { kernelSize: 2 }).toArray(), [[[[4]]]]);
  assertEquals(await avgPool2d(x, { kernelSize: 2, stride: 1 }).toArray(), [[[[4, 4]]]]);
  assertEquals(await avgPool2d(x, { kernelSize: 2, ceilMode: true }).toArray(), [[[[4, 3]]]]);
  const one = tensor([[[[7]]]]);
  assertEquals(await avgPool2d(one, { kernelSize: 2, ceilMode: true }).toArray(), [[[[7]]]]); // smaller than the window
});

Deno.test("avgPool2d() counts the padding, unless told otherwise", async () => {
  const x = tensor([[[[4, 8]]]]), options = { kernelSize: [1, 2], padding: [0, 1] } as const;
  assertEquals(await avgPool2d(x, options).toArray(), [[[[2, 4]]]]);
  assertEquals(await avgPool2d(x, { ...options, countIncludePad: false }).toArray(), [[[[4, 8]]]]);
});

Deno.test("avgPool2d() passes NaN and infinity on", async () => {
  const x = tensor([[[[NaN, 1, Infinity, 1, 1, 3]]]]);
  assertEquals(await avgPool2d(x, { kernelSize: [1, 2] }).toArray(), [[[[NaN, Infinity, 2]]]]);
});

Deno.test("avgPool2d() of no images is empty", () => {
  const x = zeros([2, 0, 4, 4], { requiresGrad: true }), y = avgPool2d(x, { kernelSize: 2 });
  assertEquals(y.shape, [2, 0, 2, 2]);
  y.sum().backward();
  assertEquals(x.grad!.shape, [2, 0, 4, 4]);
});

const CASES: [name: string, shape: number[], AvgPool2dOptions, reference.PoolReferenceOptions][] = [
  ["by twos on odd sizes", [2, 3, 5, 7], { kernelSize: 2 }, { kernel: [2, 2] }],
  ["by twos on even sizes", [2, 3, 6, 8], { kernelSize: 2, stride: 2 }, { kernel: [2, 2] }],
  ["with overlap and padding", [2, 2, 7, 6], { kernelSize: [3, 2], stride: [2, 1], padding: [1, 1] }, {
    kernel: [3, 2],
    stride: [2, 1],
    padding: [1, 1],
  }],
  ["without the padding", [1, 2, 5, 6], { kernelSize: 3, stride: 2, padding: 1, countIncludePad: false }, {
    kernel: [3, 3],
    stride: [2, 2],
    padding: [1, 1],
    countIncludePad: false,
  }],
  ["with incomplete windows", [1, 3, 6, 5], { kernelSize: 3, stride: 2, padding: 1, ceilMode: true }, {
    kernel: [3, 3],
    stride: [2, 2],
    padding: [1, 1],
    ceilMode: true,
  }],
];

for (const [name, shape, options, wanted] of CASES) {
  Deno.test(`avgPool2d() passes gradcheck ${name}`, async () => {
    await gradcheck((x) => avgPool2d(x, options), [noiseTensor(shape)], {
      reference: reference.avgPool2d(shape, wanted),
    });
  });
}

Deno.test("avgPool2d() refuses other ranks and types, and options out of range", () => {
  assertRefuses(
    () => avgPool2d(zeros([1, 3, 4]), { kernelSize: 2 }),
    RangeError,
    "Cannot apply avgPool2d as x must be images [n, c, h, w]: x has shape [1, 3, 4]",
  );
  assertRefuses(
    () => avgPool2d(zeros([1, 1, 4, 4]), { kernelSize: 2, stride: [1, 0] }),
    RangeError,
    "Cannot apply avgPool2d as stride must be a whole number from 1 up, or two: [1, 0]",
  );
  assertRefuses(
    () => avgPool2d(zeros([1, 1, 4, 1]), { kernelSize: 2 }),
    RangeError,
    "Cannot apply avgPool2d as the window must fit into the padded input: kernelSize [2, 2], padding [0, 0], dilation [1, 1], x [1, 1, 4, 1]",
  );
  assertRefuses(
    () => avgPool2d(zeros([1, 1, 4, 4], { dtype: "int32" }), { kernelSize: 2 }),
    TypeError,
    "Cannot apply avgPool2d as x must be float32: it is int32",
  );
});
