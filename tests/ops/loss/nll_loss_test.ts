import { assertEquals } from "@std/assert";
import { gradcheck, nllLoss, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const labels = (values: number[], shape = [values.length]) => tensor(values, { shape, dtype: "int32" });
const x = tensor([[-1, -2, -4], [-8, -16, -32]]);

Deno.test("nllLoss() takes minus the right class's element", async () => {
  assertEquals(await nllLoss(x, labels([2, 0]), { reduction: "none" }).toArray(), [4, 8]);
  assertEquals(await nllLoss(x, labels([2, 0])).item(), 6);
  assertEquals(await nllLoss(x, labels([2, 0]), { reduction: "sum" }).item(), 12);
  assertEquals(await nllLoss(tensor([-3, -5]), labels([1], [])).item(), 5);
  assertEquals(await x.nllLoss(labels([2, 0]), { weight: tensor([3, 1, 1]) }).item(), 7);
});

Deno.test("nllLoss() of a class that does not exist is NaN, of the ignored one nothing", async () => {
  const none = { reduction: "none" } as const;
  assertEquals(await nllLoss(x, labels([3, -100]), none).toArray(), [NaN, 0]);
  assertEquals(await nllLoss(x, labels([1, 2]), { ignoreIndex: 2 }).item(), 2);
  assertEquals(await nllLoss(x, labels([-100, -100])).item(), NaN);
  assertEquals(await nllLoss(zeros([2, 0]), labels([0, -100]), none).toArray(), [NaN, 0]);
});

Deno.test("nllLoss() of an empty batch is NaN in the mean and 0 in the sum", async () => {
  assertEquals(await nllLoss(zeros([0, 3]), labels([])).item(), NaN);
  assertEquals(await nllLoss(zeros([0, 3]), labels([]), { reduction: "sum" }).item(), 0);
});

Deno.test("nllLoss() keeps infinity", async () => {
  assertEquals(await nllLoss(tensor([[-Infinity, 0], [-1, -Infinity]]), labels([0, 0])).item(), Infinity);
});

Deno.test("nllLoss() passes gradcheck with weights, planes and an ignored class", async () => {
  const target = labels([0, 3, 1, 2, 0, -100, 3, 3, 2, 1, 0, 0], [2, 3, 2]);
  for (const reduction of ["mean", "sum", "none"] as const) {
    for (const weight of [undefined, tensor([0.5, 2, 0, 1])]) {
      await gradcheck((x) => nllLoss(x, target, { reduction, weight }), [noiseTensor([2, 4, 3, 2])]);
    }
  }
});

Deno.test("nllLoss() refuses shapes, types and options that do not fit", () => {
  assertRefuses(
    () => nllLoss(x, labels([1])),
    RangeError,
    "Cannot apply nllLoss as target must have the shape of input without its classes: input [2, 3], target [1]",
  );
  assertRefuses(
    () => nllLoss(x, tensor([1, 2])),
    TypeError,
    'Cannot apply nllLoss as target must be int32: it is float32, labels.to("int32") or ' +
      'tensor(labels, { dtype: "int32" }) makes them so',
  );
  assertRefuses(
    () => nllLoss(x, labels([1, 2]), { weight: zeros([2]) }),
    RangeError,
    "Cannot apply nllLoss as weight must have shape [3]: weight [2], input [2, 3]",
  );
  assertRefuses(
    () => nllLoss(x, labels([1, 2]), { reduction: "max" as "mean" }),
    RangeError,
    'Cannot apply nllLoss as reduction must be "mean", "sum" or "none": "max"',
  );
});
