import { assertEquals } from "@std/assert";
import { gradcheck, openDevice, pad, type PadOptions, tensor, zeros } from "../../../mod.ts";
import { eachIndex, type Reference, sizeOf } from "../../support/reference.ts";
import { assertRefuses, bitsOf, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("pad() adds a constant around the last dimensions, or cuts off", async () => {
  const x = tensor([[1, 2], [3, 4]]);
  assertEquals(await pad(x, [1, 0]).toArray(), [[0, 1, 2], [0, 3, 4]]);
  assertEquals(await pad(x, [0, 1, 1, 0], { value: 9 }).toArray(), [[9, 9, 9], [1, 2, 9], [3, 4, 9]]);
  assertEquals(await pad(x, [-1, 1]).toArray(), [[2, 0], [4, 0]]);
  assertEquals(await pad(x, [-2, 1], { value: 9 }).toArray(), [[9], [9]]);
  assertEquals(await pad(x, []).toArray(), [[1, 2], [3, 4]]);
  assertEquals(
    await pad(tensor([3], { dtype: "int32" }), [1, 1], { value: -2 }).data(),
    Int32Array.of(-2, 3, -2),
  );
  assertEquals(await pad(tensor([true]), [1, 0]).toArray(), [false, true]);
  assertEquals(await pad(zeros([2, 0]), [1, 0], { value: 5 }).toArray(), [[5], [5]]);
  assertEquals(await pad(tensor(3), []).toArray(), 3);
  assertEquals(await pad(tensor([1]), [0, 1], { value: -Infinity }).toArray(), [1, -Infinity]);
});

Deno.test("pad() mirrors and repeats", async () => {
  const x = tensor([1, 2, 3]), image = tensor([[1, 2], [3, 4]]);
  const mirrored = { mode: "reflect" } as const, repeated = { mode: "replicate" } as const;
  assertEquals(await pad(x, [2, 1], mirrored).toArray(), [3, 2, 1, 2, 3, 2]);
  assertEquals(await pad(x, [2, 4], repeated).toArray(), [1, 1, 1, 2, 3, 3, 3, 3, 3]);
  assertEquals(await pad(image, [1, 0, 0, 1], mirrored).toArray(), [[2, 1, 2], [4, 3, 4], [2, 1, 2]]);
  assertEquals(await pad(image, [1, 0, 0, 1], repeated).toArray(), [[1, 1, 2], [3, 3, 4], [3, 3, 4]]);
  assertEquals(pad(zeros([0, 2, 3]), [1, 1], mirrored).shape, [0, 2, 5]);
});

Deno.test("pad() keeps NaN's and zero's bits", async () => {
  for (const mode of ["constant", "replicate"] as const) {
    const y = await pad(tensor([-0, NaN, Infinity]), [0, 0], { mode }).data();
    assertEquals(bitsOf(y), bitsOf([-0, NaN, Infinity]));
  }
  assertEquals(
    bitsOf(await pad(tensor([NaN, -0]), [1, 1], { mode: "reflect" }).data()),
    bitsOf([-0, NaN, -0, NaN]),
  );
});

/** Pads the last two of three dimensions by a rule for places outside. */
function reference(
  [, h, w]: number[],
  [left, right, up, down]: number[],
  place: (j: number, n: number) => number,
) {
  const shape = [2, h + up + down, w + left + right];
  const run: Reference = ([x]) => {
    const y = new Float64Array(sizeOf(shape));
    eachIndex(shape, ([b, i, j], k) => {
      const [r, c] = [place(i - up, h), place(j - left, w)];
      y[k] = r < 0 || c < 0 ? 0.5 : x[(b * h + r) * w + c];
    });
    return y;
  };
  return run;
}

Deno.test("pad() passes gradcheck in every mode", async () => {
  const rules: [PadOptions, number[], (j: number, n: number) => number][] = [
    [{ value: 0.5 }, [2, 1, 0, 3], (j, n) => (j >= n ? -1 : j)],
    [{ value: 0.5 }, [2, -1, -1, 1], (j, n) => (j >= n ? -1 : j)],
    [{ mode: "reflect" }, [3, 2, 1, 2], (j, n) => n - 1 - Math.abs(n - 1 - Math.abs(j))],
    [{ mode: "replicate" }, [1, 5, 4, 0], (j, n) => Math.max(0, Math.min(n - 1, j))],
  ];
  for (const [options, sides, place] of rules) {
    const shape = [2, 3, 5];
    await gradcheck((x) => pad(x, sides, options), [noiseTensor(shape)], {
      reference: reference(shape, sides, place),
    });
  }
});

Deno.test("pad() cuts off in modes reflect and replicate too, as PyTorch does", async () => {
  const x = tensor([[1, 2, 3, 4]]);
  assertEquals(await pad(x, [-1, 2], { mode: "replicate" }).toArray(), [[2, 3, 4, 4, 4]]);
  assertEquals(await pad(x, [2, -3], { mode: "replicate" }).toArray(), [[1, 1, 1]]);
  assertEquals(await pad(x, [-5, 5], { mode: "replicate" }).toArray(), [[4, 4, 4, 4]]);
  assertEquals(await pad(x, [-1, 2], { mode: "reflect" }).toArray(), [[2, 3, 4, 3, 2]]);
  assertEquals(await pad(x, [-1, -2], "reflect").toArray(), [[2]]);
  await gradcheck((x) => pad(x, [-1, 2, 1, -1], "replicate"), [noiseTensor([2, 3, 4])], {
    reference: reference([2, 3, 4], [-1, 2, 1, -1], (j, n) => Math.max(0, Math.min(n - 1, j))),
  });
});

Deno.test("pad() refuses what are no pairs, and more than there is to mirror, repeat or cut off", () => {
  const x = zeros([2, 3]);
  const refuse = (sides: number[], options: PadOptions, message: string) =>
    assertRefuses(() => pad(x, sides, options), RangeError, `Cannot apply pad as ${message}`);
  const pairs = "pad must be two whole numbers for each of the last dimensions: ";
  refuse([1], {}, `${pairs}[1], x has shape [2, 3]`);
  refuse([1, 1, 1, 1, 1, 1], {}, `${pairs}[1, 1, 1, 1, 1, 1], x has shape [2, 3]`);
  refuse([0.5, 1], {}, "pad must be an array of whole numbers: [0.5, 1]");
  const cut = "an element of each dimension must be left: [before, after] ";
  refuse([-2, -2], {}, `${cut}[0, 0], [-2, -2] of x of shape [2, 3]`);
  refuse([-1, -2], {}, `${cut}[0, 0], [-1, -2] of x of shape [2, 3]`);
  refuse([0, 0, -2, 0], {}, `${cut}[-2, 0], [0, 0] of x of shape [2, 3]`);
  const left = "and an element must be left";
  const reflect = `reflect takes the last two dimensions, less than the size, ${left}: `;
  refuse([3, 0], { mode: "reflect" }, `${reflect}[3, 0], x has shape [2, 3]`);
  refuse([0, 0, 0, 2], { mode: "reflect" }, `${reflect}[0, 0, 0, 2], x has shape [2, 3]`);
  const replicate = `replicate takes the last two dimensions, an element to repeat, ${left}: `;
  refuse([-1, -2], { mode: "replicate" }, `${replicate}[-1, -2], x has shape [2, 3]`);
  assertRefuses(
    () => pad(zeros([0]), [1, 0], { mode: "replicate" }),
    RangeError,
    `Cannot apply pad as ${replicate}[1, 0], x has shape [0]`,
  );
  assertRefuses(
    () => pad(tensor([1], { dtype: "int32" }), [0, 0], { mode: "reflect" }),
    TypeError,
    "Cannot apply pad as x must be float32: it is int32",
  );
  refuse(
    [1, 1],
    { mode: "circular" as "reflect" },
    'mode must be "constant", "reflect" or "replicate": "circular"',
  );
});
