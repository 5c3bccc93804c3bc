import { assertEquals } from "@std/assert";
import {
  conv2d,
  type Conv2dOptions,
  convTranspose2d,
  gradcheck,
  ones,
  openDevice,
  type Tensor,
  tensor,
  zeros,
} from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("conv2d() slides the kernel over the image without turning it", async () => {
  const x = tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]), weight = tensor([[[[1, 0], [0, 10]]]]);
  assertEquals(await conv2d(x, weight).toArray(), [[[[51, 62], [84, 95]]]]);
  assertEquals(await conv2d(x, weight, { bias: tensor([0.5]), stride: 2, padding: 1 }).toArray(), [[[[
    10.5,
    30.5,
  ], [
    70.5,
    95.5,
  ]]]]);
});

Deno.test("conv2d() takes the words same and valid for its padding", async () => {
  const x = tensor([[[[1, 2, 3]]]]), weight = ones([1, 1, 1, 2]);
  assertEquals(await conv2d(x, weight, { padding: "same" }).toArray(), [[[[3, 5, 3]]]]);
  assertEquals(await conv2d(x, weight, { padding: "valid" }).toArray(), [[[[3, 5]]]]);
});

Deno.test("conv2d() keeps its groups apart", async () => {
  const x = tensor([[[[1]], [[2]], [[3]], [[4]]]]), weight = tensor([[[[1]], [[10]]], [[[1]], [[10]]]]);
  assertEquals(await conv2d(x, weight, { groups: 2 }).toArray(), [[[[21]], [[43]]]]);
});

Deno.test("conv2d() of no images is empty, and leaves zero gradients", async () => {
  const weight = ones([2, 1, 2, 2], { requiresGrad: true }), bias = ones([2], { requiresGrad: true });
  const y = conv2d(zeros([0, 1, 3, 3]), weight, { bias });
  assertEquals(y.shape, [0, 2, 2, 2]);
  y.sum().backward();
  assertEquals(await weight.grad!.data(), new Float32Array(8));
  assertEquals(await bias.grad!.data(), new Float32Array(2));
});

Deno.test("conv2d() passes NaN and infinity to the outputs that see them", async () => {
  const x = tensor([[[[NaN, 1, 1, Infinity]]]]), y = conv2d(x, ones([1, 1, 1, 2]));
  assertEquals(await y.toArray(), [[[[NaN, 2, Infinity]]]]);
});

const CASES: [
  name: string,
  x: number[],
  weight: number[],
  Conv2dOptions,
  reference.Conv2dReferenceOptions,
][] = [
  ["on odd sizes", [2, 3, 5, 7], [4, 3, 3, 2], {}, {}],
  ["with a window of one", [2, 3, 3, 3], [5, 3, 1, 1], {}, {}],
  ["with stride and padding", [2, 2, 6, 7], [3, 2, 3, 3], { stride: [2, 3], padding: [1, 2] }, {
    stride: [2, 3],
    padding: [1, 1, 2, 2],
  }],
  ["with dilation", [1, 2, 7, 6], [3, 2, 2, 3], { dilation: [3, 2], padding: 1 }, {
    dilation: [3, 2],
    padding: [1, 1, 1, 1],
  }],
  ["with groups", [2, 4, 4, 5], [6, 2, 3, 3], { groups: 2 }, { groups: 2 }],
  ["for each channel on its own", [2, 3, 5, 4], [6, 1, 3, 3], { groups: 3, stride: 2, padding: 1 }, {
    groups: 3,
    stride: [2, 2],
    padding: [1, 1, 1, 1],
  }],
  ["with even windows and padding same", [1, 2, 4, 5], [3, 2, 2, 4], { padding: "same" }, {
    padding: [0, 1, 1, 2],
  }],
];

for (const [name, x, weight, options, wanted] of CASES) {
  Deno.test(`conv2d() passes gradcheck ${name}`, async () => {
    const inputs = [noiseTensor(x), noiseTensor(weight, { seed: 2 }), noiseTensor([weight[0]], { seed: 3 })];
    const withBias = (x: Tensor, w: Tensor, bias: Tensor) => conv2d(x, w, { ...options, bias });
    await gradcheck(withBias, inputs, { reference: reference.conv2d(x, weight, wanted) });
  });
}

Deno.test("conv2d() agrees with loops on LeNet's layers, for any batch", async () => {
  for (
    const [x, weight, padding] of [[[3, 1, 28, 28], [6, 1, 5, 5], 2], [
      [5, 6, 14, 14],
      [16, 6, 5, 5],
      0,
    ]] as const
  ) {
    const inputs = [noiseTensor(x), noiseTensor(weight, { seed: 2 })];
    const values = await Promise.all(inputs.map(async (t) => Float64Array.from(await t.data())));
    const wanted = reference.conv2d(x, weight, { padding: [padding, padding, padding, padding] })(values);
    assertClose(await conv2d(inputs[0], inputs[1], { padding }).data(), wanted, { atol: 5e-6, rtol: 1e-6 });
  }
});

Deno.test("conv2d() of no channels is its bias, or 0, and the bias gets its gradient", async () => {
  const bias = tensor([3, 5], { requiresGrad: true }), weight = zeros([2, 0, 2, 2], { requiresGrad: true });
  const y = conv2d(zeros([1, 0, 2, 3]), weight, { bias });
  assertEquals(await y.toArray(), [[[[3, 3]], [[5, 5]]]]);
  y.sum().backward();
  assertEquals([await bias.grad!.toArray(), weight.grad!.shape], [[2, 2], [2, 0, 2, 2]]);
  assertEquals(await conv2d(zeros([1, 0, 2, 2]), weight).toArray(), [[[[0]], [[0]]]]);
});

const [X, WEIGHT] = [zeros([256, 1, 28, 28]), zeros([6, 1, 5, 5])];

Deno.test("conv2d() refuses shapes that do not fit", () => {
  assertRefuses(
    () => conv2d(X, zeros([6, 3, 5, 5])),
    RangeError,
    "Cannot apply conv2d as weight [6, 3, 5, 5] needs 3 input channels: x has shape [256, 1, 28, 28]",
  );
  assertRefuses(
    () => conv2d(zeros([28, 28]), WEIGHT),
    RangeError,
    "Cannot apply conv2d as x must be [n, c, h, w] and weight [out, c / groups, kh, kw]: weight [6, 1, 5, 5], x has shape [28, 28]",
  );
  assertRefuses(
    () => conv2d(X, WEIGHT, { bias: zeros([5]) }),
    RangeError,
    "Cannot apply conv2d as bias must have shape [6]: it has [5]",
  );
  assertRefuses(
    () => conv2d(zeros([1, 1, 3, 3]), WEIGHT),
    RangeError,
    "Cannot apply conv2d as the kernel must fit into the padded input: weight [6, 1, 5, 5], padding 0, dilation [1, 1], x has shape [1, 1, 3, 3]",
  );
});

Deno.test("conv2d() refuses options out of range, and integers", () => {
  const refuse = (options: Conv2dOptions, message: string) =>
    assertRefuses(() => conv2d(X, WEIGHT, options), RangeError, message);
  refuse({ groups: 4 }, "Cannot apply conv2d as groups must divide the 6 output channels: 4");
  refuse({ stride: 0 }, "Cannot apply conv2d as stride must be a whole number from 1 up, or two: 0");
  refuse(
    { padding: [1, -1] },
    'Cannot apply conv2d as padding must be a whole number from 0 up, two of them, "same" or "valid": [1, -1]',
  );
  refuse({ dilation: 1.5 }, "Cannot apply conv2d as dilation must be a whole number from 1 up, or two: 1.5");
  refuse(
    { padding: "same", stride: 2 },
    'Cannot apply conv2d with padding "same" as the stride must be 1: 2',
  );
  refuse(
    { padding: "full" as "same" },
    'Cannot apply conv2d as padding must be a whole number from 0 up, two of them, "same" or "valid": "full"',
  );
  assertRefuses(
    () => conv2d(zeros([1, 1, 9, 9], { dtype: "int32" }), WEIGHT),
    TypeError,
    "Cannot apply conv2d as x must be float32: it is int32",
  );
});

Deno.test("conv2d() and convTranspose2d() refuse strides, padding and dilation that are too far to count", () => {
  const x = zeros([1, 1, 3, 3]), weight = zeros([1, 1, 2, 2]);
  const sum = "size, padding, dilated kernel and stride must be less than 2^31 together";
  for (
    const [options, found] of [
      [{ stride: 2 ** 31 }, "3, 0, 1 x 2, 2147483648"],
      [{ padding: 2 ** 31 }, "3, 4294967296, 1 x 2, 1"],
      [{ dilation: 2 ** 31 }, "3, 0, 2147483648 x 2, 1"],
    ] as const
  ) {
    assertRefuses(() => conv2d(x, weight, options), RangeError, `Cannot apply conv2d as ${sum}: ${found}`);
  }
  assertRefuses(
    () => convTranspose2d(zeros([1, 1, 1, 1]), weight, { stride: 2 ** 31 }),
    RangeError,
    `Cannot apply convTranspose2d as ${sum}: 2, 0, 1 x 2, 2147483648`,
  );
});
