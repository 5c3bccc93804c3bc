import { assertEquals } from "@std/assert";
import { gradcheck, maxPool2d, type MaxPool2dOptions, openDevice, tensor, zeros } from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertRefuses, distinctTensor } from "../../support/values.ts";

await openDevice();

Deno.test("maxPool2d() takes the largest of each window, and says where it was", async () => {
  const x = tensor([[[[1, 5, 2], [4, 3, 9], [7, 8, 6]]]]);
  assertEquals(await maxPool2d(x, { kernelSize: 2, stride: 1 }).toArray(), [[[[5, 9], [8, 9]]]]);
  const { values, indices } = maxPool2d(x, { kernelSize: 2, ceilMode: true, returnIndices: true });
  assertEquals(await values.toArray(), [[[[5, 9], [8, 6]]]]);
  assertEquals(indices.dtype, "int32");
  assertEquals(await indices.toArray(), [[[[1, 5], [7, 8]]]]);
});

Deno.test("maxPool2d() of equal values takes the first, and gives it the gradient", async () => {
  const x = tensor([[[[3, 3], [3, 3]]]], { requiresGrad: true });
  maxPool2d(x, { kernelSize: 2 }).backward();
  assertEquals(await x.grad!.toArray(), [[[[1, 0], [0, 0]]]]);
});

Deno.test("maxPool2d() of NaN is NaN, and its gradient goes there", async () => {
  const x = tensor([[[[1, NaN, 2, 4], [5, 3, Infinity, 4]]]], { requiresGrad: true });
  const y = maxPool2d(x, { kernelSize: 2 });
  assertEquals(await y.toArray(), [[[[NaN, Infinity]]]]);
  y.sum().backward();
  assertEquals(await x.grad!.toArray(), [[[[0, 1, 0, 0], [0, 0, 1, 0]]]]);
});

Deno.test("maxPool2d() pads with minus infinity, and finds minus infinity itself", async () => {
  const x = tensor([[[[-5, -6], [-7, -8]]]]);
  assertEquals(await maxPool2d(x, { kernelSize: 2, padding: 1 }).toArray(), [[[[-5, -6], [-7, -8]]]]);
  const low = tensor([[[[-Infinity, -Infinity]]]]);
  const { values, indices } = maxPool2d(low, { kernelSize: [1, 2], returnIndices: true });
  assertEquals([await values.toArray(), await indices.toArray()], [[[[[-Infinity]]]], [[[[0]]]]]);
});

Deno.test("maxPool2d() of no images is empty", () => {
  const x = zeros([0, 2, 4, 4], { requiresGrad: true }), y = maxPool2d(x, { kernelSize: 2 });
  assertEquals(y.shape, [0, 2, 2, 2]);
  y.sum().backward();
  assertEquals(x.grad!.shape, [0, 2, 4, 4]);
});

const CASES: [name: string, shape: number[], MaxPool2dOptions, reference.PoolReferenceOptions][] = [
  ["by twos on odd sizes", [2, 3, 5, 7], { kernelSize: 2 }, { kernel: [2, 2] }],
  ["by twos on even sizes", [2, 3, 6, 8], { kernelSize: 2, stride: 2 }, { kernel: [2, 2] }],
  ["with overlap and padding", [2, 2, 7, 6], { kernelSize: [3, 2], stride: [2, 1], padding: [1, 1] }, {
    kernel: [3, 2],
    stride: [2, 1],
    padding: [1, 1],
  }],
  ["with dilation", [1, 2, 7, 8], { kernelSize: 2, stride: 1, dilation: [2, 3] }, {
    kernel: [2, 2],
    stride: [1, 1],
    dilation: [2, 3],
  }],
  ["with incomplete windows", [1, 3, 5, 6], { kernelSize: 3, stride: 2, ceilMode: true }, {
    kernel: [3, 3],
    stride: [2, 2],
    ceilMode: true,
  }],
];

for (const [name, shape, options, wanted] of CASES) {
  Deno.test(`maxPool2d() passes gradcheck ${name}`, async () => {
    await gradcheck((x) => maxPool2d(x, options), [distinctTensor(shape)], {
      reference: reference.maxPool2d(shape, wanted),
    });
  });
}

Deno.test("maxPool2d() refuses other ranks and types, and windows that do not fit", () => {
  assertRefuses(
    () => maxPool2d(zeros([3, 4]), { kernelSize: 2 }),
    RangeError,
    "Cannot apply maxPool2d as x must be images [n, c, h, w]: x has shape [3, 4]",
  );
  assertRefuses(
    () => maxPool2d(zeros([1, 1, 2, 2]), { kernelSize: 3 }),
    RangeError,
    "Cannot apply maxPool2d as the window must fit into the padded input: kernelSize [3, 3], padding [0, 0], dilation [1, 1], x [1, 1, 2, 2]",
  );
  assertRefuses(
    () => maxPool2d(zeros([1, 1, 0, 3]), { kernelSize: 2, padding: 1 }), // nothing but padding
    RangeError,
    "Cannot apply maxPool2d as the window must fit into the padded input: kernelSize [2, 2], padding [1, 1], dilation [1, 1], x [1, 1, 0, 3]",
  );
  assertRefuses(
    () => maxPool2d(zeros([1, 1, 4, 4]), { kernelSize: 2, padding: 2 }),
    RangeError,
    "Cannot apply maxPool2d as padding must be at most half the kernel size [2, 2]: [2, 2]",
  );
  assertRefuses(
    () => maxPool2d(zeros([1, 1, 4, 4]), { kernelSize: 0 }),
    RangeError,
    "Cannot apply maxPool2d as kernelSize must be a whole number from 1 up, or two: 0",
  );
  assertRefuses(
    () => maxPool2d(zeros([1, 1, 4, 4], { dtype: "int32" }), { kernelSize: 2 }),
    TypeError,
    "Cannot apply maxPool2d as x must be float32: it is int32",
  );
});

Deno.test("maxPool2d() refuses windows that are too far to count, and spoils nothing by it", async () => {
  const x = tensor([[[[1, 2], [3, 4]]]]), before = x.mul(2);
  const sum = "size, padding, dilated kernel and stride must be less than 2^31 together";
  for (const [stride, text] of [[2 ** 31, "2147483648"], [1e300, "1e+300"]] as const) {
    assertRefuses(
      () => maxPool2d(x, { kernelSize: 2, stride }),
      RangeError,
      `Cannot apply maxPool2d as ${sum}: 2, 0, 1 x 2, ${text}`,
    );
  }
  assertRefuses(
    () => maxPool2d(x, { kernelSize: 2, dilation: 2 ** 31 }),
    RangeError,
    `Cannot apply maxPool2d as ${sum}: 2, 0, 2147483648 x 2, 2`,
  );
  assertEquals(await before.toArray(), [[[[2, 4], [6, 8]]]]);
  assertEquals(await maxPool2d(x, { kernelSize: 2, stride: 2 ** 31 - 5 }).toArray(), [[[[4]]]]);
  assertEquals(await maxPool2d(x, { kernelSize: 70_000, padding: 35_000 }).toArray(), [[[[4]]]]);
});
