import { assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { linear, nn, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

await openDevice();

const image = tensor([[[[1, -2, 3, 0], [5, 6, -7, 2]]]]);

Deno.test("activation layers are their operations", async () => {
  const x = tensor([-1, 0, 2]);
  assertEquals(await new nn.ReLU().forward(x).toArray(), [0, 0, 2]);
  assertEquals(await new nn.Tanh().forward(x).data(), await x.tanh().data());
  assertEquals(await new nn.Sigmoid().forward(x).data(), await x.sigmoid().data());
  assertEquals(await new nn.Softmax({ dim: 0 }).forward(x).data(), await x.softmax({ dim: 0 }).data());
  assertEquals(await new nn.LogSoftmax({ dim: 0 }).forward(x).data(), await x.logSoftmax({ dim: 0 }).data());
});

Deno.test("pooling layers pass their options on", async () => {
  assertEquals(await new nn.MaxPool2d(2).forward(image).toArray(), [[[[6, 3]]]]);
  assertEquals(await new nn.MaxPool2d([2, 1], { stride: 2 }).forward(image).toArray(), [[[[5, 3]]]]);
  assertEquals(await new nn.MaxPool2d([1, 2], { dilation: 2, stride: 1 }).forward(image).toArray(), [[[
    [3, 0],
    [
      5,
      6,
    ],
  ]]]);
  assertEquals(await new nn.AvgPool2d(2).forward(image).toArray(), [[[[2.5, -0.5]]]]);
  const padded = new nn.AvgPool2d(2, { padding: 1, stride: 3, countIncludePad: false });
  assertEquals(await padded.forward(image).toArray(), [[[[1, 1.5]]]]);
  assertEquals(new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true }).forward(image).shape, [
    1,
    1,
    2,
    3,
  ]);
});

Deno.test("Flatten merges all dimensions but the first, unless told otherwise", () => {
  const x = zeros([2, 3, 4, 5]);
  assertEquals(new nn.Flatten().forward(x).shape, [2, 60]);
  assertEquals(new nn.Flatten({ startDim: 0, endDim: 1 }).forward(x).shape, [6, 4, 5]);
});

Deno.test("Linear multiplies by its weight and adds its bias", async () => {
  const layer = new nn.Linear(3, 2), x = tensor([[1, 2, 3]]);
  assertEquals([layer.weight.shape, layer.bias!.shape], [[2, 3], [2]]);
  const wanted = linear(x, layer.weight, { bias: layer.bias! });
  assertEquals(await layer.forward(x).data(), await wanted.data());
  const plain = new nn.Linear(3, 2, { bias: false });
  assertEquals(plain.bias, null);
  assertEquals(await plain.forward(x).data(), await linear(x, plain.weight).data());
});

Deno.test("Conv2d has PyTorch's weight shape, and passes its options on", () => {
  const conv = new nn.Conv2d(4, 6, [3, 2], { stride: 2, padding: [1, 0], groups: 2 });
  assertEquals([conv.weight.shape, conv.bias!.shape], [[6, 2, 3, 2], [6]]);
  assertEquals(conv.forward(zeros([2, 4, 7, 8])).shape, [2, 6, 4, 4]);
  assertEquals(new nn.Conv2d(1, 1, 3, { padding: "same", bias: false }).forward(image).shape, [1, 1, 2, 4]);
});

Deno.test("Conv2d refuses groups and sizes that do not fit", () => {
  assertRefuses(
    () => new nn.Conv2d(4, 6, 3, { groups: 4 }),
    RangeError,
    "Cannot make Conv2d as groups must divide inChannels 4 and outChannels 6: 4",
  );
  assertRefuses(
    () => new nn.Conv2d(1, 1, 0),
    RangeError,
    "Cannot apply Conv2d as kernelSize must be a whole number from 1 up, or two: 0",
  );
});

Deno.test("CrossEntropyLoss passes its options on, and keeps its weight in the state", async () => {
  const weight = tensor([1, 3]), logits = tensor([[0, 0], [0, 0]]), y = tensor([0, 1], { dtype: "int32" });
  const loss = new nn.CrossEntropyLoss({ weight, reduction: "sum" });
  assertAlmostEquals(await loss.forward(logits, y).item(), 4 * Math.LN2, 1e-6);
  assertStrictEquals(loss.stateDict().weight, weight);
});
