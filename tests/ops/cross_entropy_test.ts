import { assertEquals } from "@std/assert";
import { crossEntropy, type CrossEntropyOptions, gradcheck, openDevice, tensor, zeros } from "../../mod.ts";
import * as reference from "../support/reference.ts";
import { assertClose, assertRefuses, noiseTensor } from "../support/values.ts";

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
    () => crossEntropy(zeros([1, 3]), tensor([1])),
    TypeError,
    "Cannot apply crossEntropy as target must be int32: it is float32",
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

Deno.test("crossEntropy() refuses options out of range", () => {
  const [x, y] = [zeros([1, 3]), labels([1])];
  assertRefuses(
    () => crossEntropy(x, y, { labelSmoothing: 1.5 }),
    RangeError,
    "Cannot apply crossEntropy as labelSmoothing must be from 0 to 1: 1.5",
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
});
