import { assertEquals } from "@std/assert";
import {
  convTranspose2d,
  type ConvTranspose2dOptions,
  gradcheck,
  ones,
  openDevice,
  type Tensor,
  tensor,
  zeros,
} from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("convTranspose2d() adds a window for every element", async () => {
  const x = tensor([[[[1, 2], [3, 4]]]]), weight = tensor([[[[1, 10], [100, 1000]]]]);
  assertEquals(await convTranspose2d(x, weight).toArray(), [[[
    [1, 12, 20],
    [103, 1234, 2040],
    [300, 3400, 4000],
  ]]]);
  assertEquals(await convTranspose2d(x, weight, { bias: tensor([0.5]), stride: 2, padding: 1 }).toArray(), [[[
    [1000.5, 200.5],
    [30.5, 4.5],
  ]]]);
});

Deno.test("convTranspose2d() adds rows and columns that no window reaches, with the bias alone", async () => {
  const y = convTranspose2d(ones([1, 1, 1, 1]), ones([1, 1, 1, 1]), {
    stride: 2,
    outputPadding: 1,
    bias: tensor([3]),
  });
  assertEquals(await y.toArray(), [[[[4, 3], [3, 3]]]]);
});

Deno.test("convTranspose2d() keeps its groups apart", async () => {
  const x = tensor([[[[1]], [[2]], [[3]], [[4]]]]), weight = tensor([[[[1]]], [[[10]]], [[[1]]], [[[10]]]]);
  assertEquals(await convTranspose2d(x, weight, { groups: 2 }).toArray(), [[[[21]], [[43]]]]);
});

Deno.test("convTranspose2d() passes NaN and infinity to the outputs that they reach", async () => {
  const y = convTranspose2d(tensor([[[[NaN, 1, Infinity]]]]), ones([1, 1, 1, 2]));
  assertEquals(await y.toArray(), [[[[NaN, NaN, Infinity, Infinity]]]]);
});

Deno.test("convTranspose2d() of no images is empty, and leaves zero gradients", async () => {
  const weight = ones([2, 3, 2, 2], { requiresGrad: true }), bias = ones([3], { requiresGrad: true });
  const y = convTranspose2d(zeros([0, 2, 3, 3]), weight, { bias });
  assertEquals(y.shape, [0, 3, 4, 4]);
  y.sum().backward();
  assertEquals(await weight.grad!.data(), new Float32Array(24));
  assertEquals(await bias.grad!.data(), new Float32Array(3));
});

const CASES: [name: string, x: number[], weight: number[], reference.ConvTranspose2dReferenceOptions][] = [
  ["on odd sizes", [2, 3, 3, 4], [3, 2, 3, 2], {}],
  ["with a window of one", [2, 3, 2, 2], [3, 5, 1, 1], {}],
  ["with stride, padding and output padding", [2, 2, 3, 4], [2, 3, 3, 4], {
    stride: [2, 3],
    padding: [1, 2],
    outputPadding: [1, 2],
  }],
  ["with dilation beyond the stride", [1, 2, 3, 3], [2, 2, 2, 3], {
    dilation: [3, 2],
    outputPadding: [2, 1],
  }],
  ["with groups", [2, 4, 3, 2], [4, 3, 2, 2], { groups: 2, stride: [2, 2] }],
  ["for each channel on its own", [1, 3, 3, 3], [3, 1, 4, 4], { groups: 3, stride: [2, 2], padding: [1, 1] }],
];

for (const [name, x, weight, options] of CASES) {
  Deno.test(`convTranspose2d() passes gradcheck ${name}`, async () => {
    const out = weight[1] * (options.groups ?? 1);
    const inputs = [noiseTensor(x), noiseTensor(weight, { seed: 2 }), noiseTensor([out], { seed: 3 })];
    const withBias = (x: Tensor, w: Tensor, bias: Tensor) => convTranspose2d(x, w, { ...options, bias });
    await gradcheck(withBias, inputs, { reference: reference.convTranspose2d(x, weight, options) });
  });
}

Deno.test("convTranspose2d() refuses shapes that do not fit", () => {
  const refuse = (x: Tensor, weight: Tensor, options: ConvTranspose2dOptions, message: string) =>
    assertRefuses(
      () => convTranspose2d(x, weight, options),
      RangeError,
      `Cannot apply convTranspose2d as ${message}`,
    );
  const x = zeros([1, 2, 3, 3]), weight = zeros([2, 3, 2, 2]);
  refuse(
    zeros([3, 3]),
    weight,
    {},
    "x must be [n, c, h, w] and weight [c, out / groups, kh, kw]: weight [2, 3, 2, 2], x has shape [3, 3]",
  );
  refuse(
    x,
    zeros([3, 2, 2, 2]),
    {},
    "weight must begin with the channels of x: weight [3, 2, 2, 2], x has shape [1, 2, 3, 3]",
  );
  refuse(x, weight, { groups: 3 }, "groups must divide the 2 input channels: 3");
  refuse(x, weight, { bias: zeros([2]) }, "bias must have shape [3]: it has [2]");
  refuse(x, weight, { stride: 0 }, "stride must be a whole number from 1 up, or two: 0");
  refuse(
    x,
    weight,
    { outputPadding: [0, 1] },
    "outputPadding must be less than stride or dilation: outputPadding [0, 1], stride [1, 1], dilation [1, 1]",
  );
  refuse(
    x,
    weight,
    { padding: 2 },
    "there must be something to spread and room for it: the output would be [1, 3, 0, 0], weight [2, 3, 2, 2], " +
      "x has shape [1, 2, 3, 3]",
  );
  assertRefuses(
    () => convTranspose2d(zeros([1, 2, 3, 3], { dtype: "int32" }), weight),
    TypeError,
    "Cannot apply convTranspose2d as x must be float32: it is int32",
  );
});
