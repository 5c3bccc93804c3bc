import { assertEquals } from "@std/assert";
import {
  crossEntropy,
  type CrossEntropyOptions,
  gradcheck,
  nn,
  openDevice,
  type Tensor,
  tensor,
  zeros,
} from "../../../mod.ts";
import * as reference from "../../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../../support/values.ts";
import { filledLike } from "../../../ops/core/tensor/internals.ts";

await openDevice();

const labels = (values: number[], shape = [values.length]) => tensor(values, { shape, dtype: "int32" });

Deno.test("crossEntropy() is minus the logarithm of the right class's probability", async () => {
  const logits = tensor([[0, Math.log(3)], [0, 0]]), target = labels([1, 0]);
  assertClose(
    await crossEntropy(logits, target, { reduction: "none" }).data(),
    [0.2876820724, 0.6931471806],
    {
      atol: 2e-7,
    },
  );
  assertClose(await crossEntropy(logits, target).data(), [0.4904146265], { atol: 2e-7 });
  assertClose(await crossEntropy(logits, target, { reduction: "sum" }).data(), [0.980829253], { atol: 3e-7 });
  assertClose(await crossEntropy(tensor([0, 0, 0, 0]), labels([3], [])).data(), [1.386294361], {
    atol: 2e-7,
  });
});

Deno.test("crossEntropy() is stable for logits of any size", async () => {
  const loss = crossEntropy(tensor([[1e30, 0], [1e30, 0]]), labels([0, 1]), { reduction: "none" });
  assertEquals(await loss.toArray(), [0, Math.fround(1e30)]);
  assertEquals(await crossEntropy(tensor([[0, -Infinity]]), labels([0])).item(), 0);
  assertEquals(await crossEntropy(tensor([[0, -Infinity]]), labels([1])).item(), Infinity);
  assertEquals(await crossEntropy(tensor([[0, NaN]]), labels([0])).item(), NaN);
});

Deno.test("crossEntropy() of a class that does not exist is NaN, of the ignored one nothing", async () => {
  const logits = tensor([[0, 0], [0, 0], [0, 0]]), none = { reduction: "none" } as const;
  assertEquals([...await crossEntropy(logits, labels([2, -1, -100]), none).data()], [NaN, NaN, 0]);
  assertEquals(await crossEntropy(logits, labels([7, 7, 7]), { ignoreIndex: 7 }).item(), NaN);
  const mean = crossEntropy(logits, labels([0, -100, -100]));
  assertClose(await mean.data(), [0.6931471806], { atol: 1e-7 });
});

Deno.test("crossEntropy() of an empty batch is NaN in the mean and 0 in the sum", async () => {
  const [x, y] = [zeros([0, 3], { requiresGrad: true }), labels([])];
  assertEquals(await crossEntropy(x, y).item(), NaN);
  const sum = crossEntropy(x, y, { reduction: "sum" });
  assertEquals(await sum.item(), 0);
  sum.backward();
  assertEquals(x.grad!.shape, [0, 3]);
});

const CASES: [name: string, shape: number[], target: number[], CrossEntropyOptions][] = [
  ["by default", [5, 7], [0, 6, 3, 3, 1], {}],
  ["with the sum", [5, 7], [0, 6, 3, 3, 1], { reduction: "sum" }],
  ["with smoothing and an ignored class", [5, 7], [0, 2, 3, 2, 1], {
    labelSmoothing: 0.2,
    ignoreIndex: 2,
    reduction: "none",
  }],
  ["on a plane of classes", [2, 4, 3, 2], [0, 3, 1, 2, 0, 1, 3, 3, 2, 1, 0, 0], { labelSmoothing: 0.1 }],
  ["of one row", [5], [2], {}],
];

for (const [name, shape, target, options] of CASES) {
  Deno.test(`crossEntropy() passes gradcheck ${name}`, async () => {
    const y = labels(target, shape.length === 1 ? [] : [shape[0], ...shape.slice(2)]);
    const { weight: _, ...plain } = options;
    await gradcheck((x) => crossEntropy(x, y, options), [noiseTensor(shape, { scale: 4 })], {
      reference: reference.crossEntropy(shape, target, plain),
    });
  });
}

Deno.test("crossEntropy() passes gradcheck with class weights", async () => {
  const weight = [0.5, 2, 0, 1, 3, 0.25, 1], target = [0, 6, 3, 2, 1];
  for (const reduction of ["mean", "none"] as const) {
    for (const labelSmoothing of [0, 0.3]) {
      const options = { weight: tensor(weight), reduction, labelSmoothing };
      await gradcheck((x) => crossEntropy(x, labels(target), options), [noiseTensor([5, 7], { scale: 4 })], {
        reference: reference.crossEntropy([5, 7], target, { weight, reduction, labelSmoothing }),
      });
    }
  }
});

const LOGITS = [[0.5, -1, 2], [0, 1, -0.5]], PROBABILITIES = [[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]];

const OF_PROBABILITIES: [name: string, CrossEntropyOptions, y: number[], dx: number[], dt: number[]][] = [
  ["by default", {}, [1.6028402], [
    ...[-0.0123548, -0.1304437, 0.1427985],
    ...[0.0656119, 0.2642658, -0.3298778],
  ], [0.8706557, 1.6206557, 0.1206557, 0.7321844, 0.2321844, 0.9821844]],
  ["with weights and smoothing", { weight: tensor([0.5, 2, 1]), labelSmoothing: 0.1 }, [1.9767205], [
    ...[0.0515488, -0.279931, 0.2283822],
    ...[0.091908, 0.2103123, -0.3022203],
  ], [0.391795, 2.9171801, 0.1085901, 0.329483, 0.4179319, 0.8839659]],
  ["row by row with smoothing", { labelSmoothing: 0.2, reduction: "none" }, [1.5013113, 1.6710355], [
    ...[-0.0513763, -0.2675541, 0.3189304],
    ...[0.0845572, 0.481865, -0.5664223],
  ], [1.3930491, 2.593049, 0.193049, 1.1714951, 0.3714951, 1.5714951]],
];

for (const [name, options, y, dx, dt] of OF_PROBABILITIES) {
  Deno.test(`crossEntropy() of probabilities agrees with PyTorch ${name}`, async () => {
    const [x, t] = [LOGITS, PROBABILITIES].map((v) => tensor(v, { requiresGrad: true }));
    const loss = crossEntropy(x, t, options);
    loss.backward(filledLike(loss, 1));
    assertClose(await loss.data(), y, { atol: 3e-7 });
    assertClose(await x.grad!.data(), dx, { atol: 3e-7 });
    assertClose(await t.grad!.data(), dt, { atol: 3e-7 });
  });
}

Deno.test("crossEntropy() of probabilities that name one class is that of the class", async () => {
  const x = noiseTensor([2, 5, 3]), target = labels([0, 4, 2, 1, 1, 3], [2, 3]);
  const one = tensor(
    [[0, 4, 2], [1, 1, 3]].map((row) => range(5).map((k) => row.map((t) => Number(t === k)))),
  );
  for (const reduction of ["mean", "sum", "none"] as const) {
    const [a, b] = [target, one].map((t) => crossEntropy(x, t, { reduction, labelSmoothing: 0.1 }));
    assertClose(await a.data(), await b.data(), { rtol: 1e-6 });
  }
  assertEquals(crossEntropy(x, one, { reduction: "none" }).shape, [2, 3]);
});

function range(n: number): number[] {
  return Array.from({ length: n }, (_, k) => k);
}

Deno.test("crossEntropy() of probabilities passes gradcheck in both, as a plane and as one row", async () => {
  for (const shape of [[2, 4, 3], [4]]) {
    const inputs = [noiseTensor(shape, { scale: 4 }), noiseTensor(shape, { seed: 2, scale: 1, offset: 0.5 })];
    for (const reduction of ["mean", "none"] as const) {
      const options = { reduction, weight: tensor([0.5, 2, 0, 1]), labelSmoothing: 0.3 };
      await gradcheck((x, t) => crossEntropy(x, t, options), inputs);
    }
  }
});

Deno.test("crossEntropy() of probabilities: no probability of an infinite loss is NaN, as in PyTorch", async () => {
  const x = tensor([[0, -Infinity], [0, -Infinity]]), t = tensor([[1, 0], [0.5, 0.5]]);
  assertEquals(await crossEntropy(x, t, { reduction: "none" }).toArray(), [NaN, Infinity]);
  assertEquals(await crossEntropy(zeros([0, 3]), zeros([0, 3])).item(), NaN);
  assertEquals(await crossEntropy(zeros([0, 3]), zeros([0, 3]), { reduction: "sum" }).item(), 0);
});

Deno.test("crossEntropy() without classes has no right class", async () => {
  const y = crossEntropy(zeros([2, 0]), labels([0, -100]), { reduction: "none" });
  assertEquals(await y.toArray(), [NaN, 0]);
});

Deno.test("crossEntropy() refuses shapes and types that do not fit", () => {
  assertRefuses(
    () => crossEntropy(zeros([4, 3]), labels([1, 2, 0])),
    RangeError,
    "Cannot apply crossEntropy as target must have the shape of input without its classes: input [4, 3], target [3]",
  );
  assertRefuses(
    () => crossEntropy(zeros([]), labels([1])),
    RangeError,
    "Cannot apply crossEntropy as target must have the shape of input without its classes: input [], target [1]",
  );
  assertRefuses(
    () => crossEntropy(zeros([1, 3]), zeros([2, 3])),
    RangeError,
    "Cannot apply crossEntropy as a target of probabilities must have the shape of input: input [1, 3], target [2, 3]",
  );
  assertRefuses(
    () => crossEntropy(zeros([1, 3]), tensor([true])),
    TypeError,
    'Cannot apply crossEntropy as target must be int32 or float32: it is bool, labels.to("int32") or ' +
      'tensor(labels, { dtype: "int32" }) makes them so',
  );
  assertRefuses(
    () => crossEntropy(zeros([1, 3], { dtype: "int32" }), labels([1])),
    TypeError,
    "Cannot apply crossEntropy as input must be float32: it is int32",
  );
  assertRefuses(
    () => crossEntropy(zeros([1, 3]), labels([1]), { weight: zeros([2]) }),
    RangeError,
    "Cannot apply crossEntropy as weight must have shape [3]: weight [2], input [1, 3]",
  );
});

Deno.test("crossEntropy() says that labels must be int32, whatever they come as", () => {
  const cases: [shape: number[], labels: Tensor, found: string][] = [
    [[2, 3], tensor([1, 2]), "[2]"],
    [[2, 3], tensor([[1], [2]]), "[2, 1]"],
    [[3], tensor(1), "[]"],
    [[2, 3, 4, 4], zeros([2, 4, 4]), "[2, 4, 4]"],
    [[2, 3], tensor([1, 2, 0]), "[3]"],
  ];
  for (const [shape, given, found] of cases) {
    const calls = [
      () => crossEntropy(zeros(shape), given, { ignoreIndex: 0 }),
      () => new nn.CrossEntropyLoss().forward(zeros(shape), given),
    ];
    for (const call of calls) {
      assertRefuses(
        call,
        TypeError,
        `Cannot apply crossEntropy as labels must be int32: target is float32 of shape ${found}, labels.to("int32") or ` +
          `tensor(labels, { dtype: "int32" }) makes them so (probabilities have the shape of input, [${
            shape.join(", ")
          }])`,
      );
    }
  }
  assertRefuses(
    () => crossEntropy(zeros([1, 3]), labels([0, 1, 0], [1, 3])),
    TypeError,
    "Cannot apply crossEntropy as a target of the shape of input, which has the probabilities of the classes, must be " +
      "float32: it is int32 of shape [1, 3], and labels have that of input without its classes",
  );
});

Deno.test("crossEntropy() refuses options out of range", () => {
  const [x, y] = [zeros([1, 3]), labels([1])];
  assertRefuses(
    () => crossEntropy(x, y, { labelSmoothing: 1.5 }),
    RangeError,
    "Cannot apply crossEntropy as labelSmoothing must be a number from 0 to 1: 1.5",
  );
  assertRefuses(
    () => crossEntropy(x, y, { reduction: "average" as "mean" }),
    RangeError,
    'Cannot apply crossEntropy as reduction must be "mean", "sum" or "none": "average"',
  );
  assertRefuses(
    () => crossEntropy(x, y, { ignoreIndex: 0.5 }),
    RangeError,
    "Cannot apply crossEntropy as ignoreIndex must be a whole number: 0.5",
  );
  assertRefuses(
    () => crossEntropy(x, x, { ignoreIndex: 1 }),
    RangeError,
    "Cannot apply crossEntropy as a target of probabilities must have no ignoreIndex: 1",
  );
});
