// What hands that know PyTorch type: positions that are accepted, and those that are refused with what to write instead.
import { assertEquals, assertThrows } from "@std/assert";
import * as plunge from "../mod.ts";
import { cat, DataLoader, nn, openDevice, optim, stack, Tensor, tensor, TensorDataset } from "../mod.ts";
import { transforms, zeros } from "../mod.ts";

await openDevice();

const x = tensor([[3, -1, 2], [0.5, 4, -2]]);
const image = tensor(Float32Array.from({ length: 32 }, (_, k) => Math.sin(k)), { shape: [1, 2, 4, 4] });
const labels = tensor([2, 0], { dtype: "int32" });
const w = tensor([1, 2], { requiresGrad: true });

/** Shapes and values of whatever an operation gives. */
async function valuesOf(result: unknown): Promise<unknown> {
  if (result instanceof Tensor) return [result.shape, await result.toArray()];
  if (Array.isArray(result)) return await Promise.all(result.map(valuesOf));
  const { values, indices } = result as plunge.ValuesAndIndices;
  return await valuesOf([values, indices]);
}

/** The habit, and the same written out. */
const ACCEPTED: readonly (readonly [habit: () => unknown, written: () => unknown])[] = [
  [() => x.sum(1), () => x.sum({ dim: 1 })],
  [() => x.sum([0, 1]), () => x.sum({ dim: [0, 1] })],
  [() => x.sum(-1), () => x.sum({ dim: -1 })],
  [() => x.mean(0), () => x.mean({ dim: 0 })],
  [() => x.prod(1), () => x.prod({ dim: 1 })],
  [() => x.amax(1), () => x.amax({ dim: 1 })],
  [() => x.amin([0]), () => x.amin({ dim: [0] })],
  [() => x.gt(0).any(1), () => x.gt(0).any({ dim: 1 })],
  [() => x.gt(0).all(0), () => x.gt(0).all({ dim: 0 })],
  [() => x.logsumexp(1), () => x.logsumexp({ dim: 1 })],
  [() => x.var(1), () => x.var({ dim: 1 })],
  [() => x.std(1), () => x.std({ dim: 1 })],
  [() => x.max(1), () => x.max({ dim: 1 })],
  [() => x.min(0), () => x.min({ dim: 0 })],
  [() => x.argmax(1), () => x.argmax({ dim: 1 })],
  [() => x.argmin(-1), () => x.argmin({ dim: -1 })],
  [() => x.cumsum(1), () => x.cumsum({ dim: 1 })],
  [() => x.softmax(1), () => x.softmax({ dim: 1 })],
  [() => x.logSoftmax(0), () => x.logSoftmax({ dim: 0 })],
  [() => x.topk(1, 0), () => x.topk(1, { dim: 0 })],
  [() => x.split(2, 1), () => x.split(2, { dim: 1 })],
  [() => cat([x, x], 1), () => cat([x, x], { dim: 1 })],
  [() => stack([x, x], 1), () => stack([x, x], { dim: 1 })],
  [() => image.flatten(1), () => image.flatten({ startDim: 1 })],
  [() => x.reshape(3, -1), () => x.reshape([3, -1])],
  [() => x.reshape(6), () => x.reshape([6])],
  [() => x.permute(1, 0), () => x.permute([1, 0])],
  [() => tensor([[1], [2]]).expand(-1, 3), () => tensor([[1], [2]]).expand([-1, 3])],
  [() => x.expand(2, -1, -1), () => x.expand([2, -1, -1])],
  [() => x.flip(0, 1), () => x.flip([0, 1])],
  [() => x.flip(1), () => x.flip([1])],
  [() => x.leakyRelu(0.2), () => x.leakyRelu({ negativeSlope: 0.2 })],
  [() => x.elu(0.5), () => x.elu({ alpha: 0.5 })],
  [() => x.dropout(0), () => x.dropout({ p: 0 })],
  [() => labels.oneHot(3), () => labels.oneHot({ numClasses: 3 })],
  [() => x.layerNorm([3]), () => x.layerNorm({ normalizedShape: [3] })],
  [() => x.pad([1, 0], "replicate"), () => x.pad([1, 0], { mode: "replicate" })],
  [() => image.maxPool2d(2), () => image.maxPool2d({ kernelSize: 2 })],
  [() => image.avgPool2d([2, 1]), () => image.avgPool2d({ kernelSize: [2, 1] })],
  [() => image.adaptiveAvgPool2d(1), () => image.adaptiveAvgPool2d({ outputSize: 1 })],
  [() => image.adaptiveAvgPool2d([2, null]), () => image.adaptiveAvgPool2d({ outputSize: [2, null] })],
  [() => new nn.Softmax(1).forward(x), () => x.softmax({ dim: 1 })],
  [() => new nn.LogSoftmax(1).forward(x), () => x.logSoftmax({ dim: 1 })],
  [() => new nn.Flatten(2).forward(image), () => image.flatten({ startDim: 2 })],
  [() => new nn.LeakyReLU(0.2).forward(x), () => x.leakyRelu({ negativeSlope: 0.2 })],
  [() => new nn.ELU(0.5).forward(x), () => x.elu({ alpha: 0.5 })],
  [() => new nn.Dropout(0).forward(x), () => x],
];

Deno.test("a plain value stands for the option that PyTorch has in its place", async () => {
  for (const [habit, written] of ACCEPTED) {
    assertEquals(await valuesOf(habit()), await valuesOf(written()), String(habit));
  }
  assertEquals(String(new nn.Dropout(0.9)), "Dropout(p=0.9, inplace=False)");
  const transform = transforms.compose([transforms.randomCrop(3), transforms.resize([2, 5])]);
  assertEquals(transform(zeros([1, 1, 4, 4])).shape, [1, 1, 2, 5]);
  assertEquals(await transforms.randomHorizontalFlip(0)(image).data(), await image.data());
});

Deno.test("a plain value has its gradient", async () => {
  const p = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  p.sum(1).mul(tensor([1, 10])).sum().backward();
  assertEquals(await p.grad!.toArray(), [[1, 1], [10, 10]]);
});

// deno-lint-ignore no-explicit-any
const loose = plunge as any, t = x as any, data = new TensorDataset(x);
const { nn: n, optim: o } = loose;
const options = (example: string, found: string) =>
  `its options must be an object such as ${example}: ${found}`;
const unknown = (name: string, hint: string) => `it must have the options that are given: ${name} (${hint})`;

/** What is refused, and what the message says after the action. */
const REFUSED: readonly (readonly [call: () => unknown, action: string, message: string])[] = [
  [() => t.norm(1), "apply norm", options("{ p: 1 } or { dim: 1 }", "1")],
  [() => t.norm(2, 1), "apply norm", options("{ p: 2, dim: 1 }", "2, 1")],
  [() => new n.Upsample(2), "make Upsample", options("{ size: 2 } or { scaleFactor: 2 }", "2")],
  [() => t.interpolate(2), "apply interpolate", options("{ size: 2 } or { scaleFactor: 2 }", "2")],
  [() => t.sum(1, true), "apply sum", options("{ dim: 1, keepdim: true }", "1, true")],
  [() => t.sum(1, { keepdim: true }), "apply sum", options("{ dim: 1, keepdim: true }", "1, { keepdim }")],
  [() => t.sum("1"), "apply sum", options("{ dim: 1 }", '"1"')],
  [() => t.sum(true), "apply sum", options("{ keepdim: true }", "true")],
  [() => t.std(false), "apply std", options("{ unbiased: false }", "false")],
  [() => t.softmax(), "apply softmax", options("{ dim: 1 }", "undefined")],
  [() => t.clamp(0, 1), "apply clamp", options("{ min: 0, max: 1 }", "0, 1")],
  [() => t.flatten(0, 1), "apply flatten", options("{ startDim: 0, endDim: 1 }", "0, 1")],
  [
    () => loose.maxPool2d(image, 2, 2),
    "apply maxPool2d",
    options("{ kernelSize: 2, stride: 2 }", "2, 2"),
  ],
  [() => new n.Linear(2, 3, false), "make Linear", options("{ bias: false }", "false")],
  [() => new n.Conv2d(1, 2, 3, 2, 1), "make Conv2d", options("{ stride: 2, padding: 1 }", "2, 1")],
  [() => new n.Conv2d(1, 2, 3, 2), "make Conv2d", options("{ stride: 2 }", "2")],
  [() => new n.MaxPool2d(3, 2, 1), "make MaxPool2d", options("{ stride: 2, padding: 1 }", "2, 1")],
  [() => new n.MaxPool2d(3, 2), "make MaxPool2d", options("{ stride: 2 }", "2")],
  [
    () => new n.BatchNorm2d(3, 1e-5, 0.1),
    "make BatchNorm2d",
    options("{ eps: 0.00001, momentum: 0.1 }", "0.00001, 0.1"),
  ],
  [() => new n.CrossEntropyLoss(x), "make CrossEntropyLoss", options("{ weight: x }", "a Tensor")],
  [() => loose.linear(x, zeros([2, 3]), w), "apply linear", options("{ bias: x }", "a Tensor")],
  [() => loose.conv2d(image, zeros([2, 2, 3, 3]), w), "apply conv2d", options("{ bias: x }", "a Tensor")],
  [() => t.crossEntropy(labels, "sum"), "apply crossEntropy", options('{ reduction: "sum" }', '"sum"')],
  [() => new o.SGD([w], 0.1), "make SGD", options("{ lr: 0.1 }", "0.1")],
  [() => new o.SGD([w], 0.1, 0.9), "make SGD", options("{ lr: 0.1, momentum: 0.9 }", "0.1, 0.9")],
  [() => new loose.DataLoader(data, 32), "make a DataLoader", options("{ batchSize: 32 }", "32")],
  [
    () => new loose.DataLoader(data, 32, true),
    "make a DataLoader",
    options("{ batchSize: 32, shuffle: true }", "32, true"),
  ],
  [
    () => loose.transforms.normalize(0.5, 0.5),
    "make normalize",
    options("{ mean: 0.5, std: 0.5 }", "0.5, 0.5"),
  ],
  [() => t.sum({ axis: 1 }), "apply sum", unknown("axis", "did you mean dim")],
  [() => t.sum({ dim: 1, keepdims: true }), "apply sum", unknown("keepdims", "did you mean keepdim")],
  [() => new o.SGD([w], { learningRate: 0.1 }), "make SGD", unknown("learningRate", "did you mean lr")],
  [
    () => new o.SGD([w], { weight_decay: 0.1 }),
    "make SGD",
    unknown("weight_decay", "did you mean weightDecay"),
  ],
  [() => new o.Adam([w], { epsilon: 0.1 }), "make Adam", unknown("epsilon", "did you mean eps")],
  [() => new o.Adam([w], { beta1: 0.1 }), "make Adam", unknown("beta1", "did you mean betas")],
  [() => t.flip({ axis: 1 }), "apply flip", "dims must be an array of whole numbers: { axis }"],
  [() => new n.Dropout({ rate: 0.1 }), "make Dropout", unknown("rate", "did you mean p")],
  [
    () => t.reshape([2], [3]),
    "apply reshape",
    "shape must be an array of whole numbers from -1 up: [[…], […]]",
  ],
  [() => t.reshape(), "apply reshape", "shape must be an array of whole numbers from -1 up: undefined"],
  [
    () => loose.maxPool2d(image, { kernelSize: 2, pading: 1 }),
    "apply maxPool2d",
    unknown("pading", "did you mean padding"),
  ],
  [
    () => new n.Conv2d(1, 2, 3, { paddingMode: "zeros" }),
    "make Conv2d",
    unknown("paddingMode", "it has stride, padding, dilation, groups, bias"),
  ],
  [() => new n.Linear(2, 3, { useBias: true }), "make Linear", unknown("useBias", "did you mean bias")],
  [
    () => loose.tensor([1], { requires_grad: true }),
    "make a tensor",
    unknown("requires_grad", "did you mean requiresGrad"),
  ],
];

Deno.test("any other value in the place of the options is refused with what to write instead", () => {
  for (const [call, action, message] of REFUSED) {
    const error = assertThrows(call, TypeError, undefined, String(call)) as Error;
    assertEquals(error.message, `Cannot ${action} as ${message}`);
  }
});

Deno.test("a plain value of the right kind but out of range is refused as its option is", () => {
  const refuse = (call: () => unknown, message: string) =>
    assertEquals((assertThrows(call, RangeError) as Error).message, message);
  refuse(() => new nn.Dropout(1.5), "Cannot make Dropout as p must be a number from 0 to 1: 1.5");
  refuse(() => x.cumsum(0.5), "Cannot apply cumsum as dim must be a whole number: 0.5");
  refuse(
    () => image.maxPool2d(0),
    "Cannot apply maxPool2d as kernelSize must be a whole number from 1 up, or two: 0",
  );
  assertThrows(() => x.sum(2), RangeError, "Cannot apply sum as");
});

Deno.test("map() does not pass its index for an option", () => {
  assertThrows(
    () => [x, x].map(plunge.sum as never),
    TypeError,
    "Cannot apply sum as it takes x, an object of options: 3 arguments were given",
  );
  assertEquals([x, x].map(plunge.relu).length, 2);
});

Deno.test("the loaders' and optimisers' words are those of their types", () => {
  assertEquals(new DataLoader(data, { batchSize: 32 }).length, 1);
  assertEquals(new optim.SGD([w], { lr: 0.1 }).paramGroups[0].lr, 0.1);
});
