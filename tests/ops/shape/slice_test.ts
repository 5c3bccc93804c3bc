import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, slice, type SliceOptions, tensor, zeros } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("slice() takes what Python's brackets take", async () => {
  const x = tensor([0, 1, 2, 3, 4, 5, 6], { dtype: "int32" });
  const cases: [SliceOptions, number[]][] = [
    [{}, [0, 1, 2, 3, 4, 5, 6]],
    [{ start: 2, end: 5 }, [2, 3, 4]],
    [{ start: -3 }, [4, 5, 6]],
    [{ end: -5 }, [0, 1]],
    [{ start: 1, end: 100, step: 3 }, [1, 4]],
    [{ start: -100, end: 3 }, [0, 1, 2]],
    [{ step: 4 }, [0, 4]],
    [{ start: 5, end: 2 }, []],
    [{ start: 7 }, []],
    [{ start: 1, end: -100 }, []],
    [{ dim: -1, start: 6, end: 7, step: 9 }, [6]],
  ];
  for (const [options, wanted] of cases) assertEquals(await slice(x, options).toArray(), wanted);
});

Deno.test("slice() cuts inner dimensions and empty tensors", async () => {
  assertEquals(await slice(tensor([[1, 2, 3], [4, 5, 6]]), { dim: 1, start: 1 }).toArray(), [[2, 3], [5, 6]]);
  assertEquals(slice(zeros([0, 3]), { end: 2 }).shape, [0, 3]);
  assertEquals(slice(zeros([2, 3]), { dim: 1, end: 0 }).shape, [2, 0]);
});

Deno.test("slice() passes gradcheck", async () => {
  const columns = ([x]: Float64Array[]) => x.filter((_, i) => i % 5 === 1 || i % 5 === 3);
  await gradcheck((x) => slice(x, { dim: -1, start: 1, step: 2 }), [noiseTensor([2, 3, 5])], {
    reference: columns,
  });
});

Deno.test("the gradient of a slice is 0 outside, whatever its size", async () => {
  for (const end of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const x = zeros([7], { requiresGrad: true });
    slice(x, { end }).sum().backward();
    assertEquals(await x.grad!.toArray(), [1, 1, 1, 1, 1, 1, 1].fill(0, end));
  }
});

Deno.test("slice() refuses scalars, steps and bounds that are none, and dimensions that do not exist", () => {
  const x = zeros([3]);
  const refuse = (options: SliceOptions, why: string) =>
    assertRefuses(() => slice(x, options), RangeError, `Cannot apply slice as ${why}`);
  refuse({ step: 0 }, "step must be a whole number from 1 up: 0");
  refuse({ step: -1 }, "step must be a whole number from 1 up: -1");
  refuse({ start: 0.5 }, "start must be a whole number: 0.5");
  refuse({ end: NaN }, "end must be a whole number: NaN");
  refuse({ dim: 1 }, "dim must be a whole number from -1 to 0: 1");
  assertRefuses(
    () => slice(tensor(3)),
    RangeError,
    "Cannot apply slice as x must have a dimension: it is a scalar",
  );
});
