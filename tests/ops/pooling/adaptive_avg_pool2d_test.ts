import { assertEquals } from "@std/assert";
import { adaptiveAvgPool2d, type AdaptiveSize, gradcheck, openDevice, tensor, zeros } from "../../../mod.ts";
import { eachIndex, type Reference, sizeOf } from "../../support/reference.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

const x = tensor([[[[1, 2, 3], [4, 5, 6]]]]);

Deno.test("adaptiveAvgPool2d() takes means over windows", async () => {
  const pool = (outputSize: AdaptiveSize) => adaptiveAvgPool2d(x, { outputSize }).toArray();
  assertEquals(await pool(1), [[[[3.5]]]]);
  assertEquals(await pool([1, 3]), [[[[2.5, 3.5, 4.5]]]]);
  assertEquals(await pool([2, 2]), [[[[1.5, 2.5], [4.5, 5.5]]]]);
  assertEquals(await pool([3, 1]), [[[[2], [3.5], [5]]]]);
  assertEquals(await pool(null), await x.toArray());
  assertEquals(await pool([null, 1]), [[[[2], [5]]]]);
});

Deno.test("adaptiveAvgPool2d() handles nothing", async () => {
  assertEquals(adaptiveAvgPool2d(zeros([0, 3, 4, 4]), { outputSize: 3 }).shape, [0, 3, 3, 3]);
  const leaf = zeros([1, 1, 2, 2], { requiresGrad: true });
  const y = adaptiveAvgPool2d(leaf, { outputSize: [0, 2] });
  assertEquals(y.shape, [1, 1, 0, 2]);
  y.sum().backward();
  assertEquals(await leaf.grad!.toArray(), [[[[0, 0], [0, 0]]]]);
});

function reference([n, c, h, w]: number[], [outH, outW]: number[]): Reference {
  return ([x]) => {
    const shape = [n, c, outH, outW], y = new Float64Array(sizeOf(shape));
    eachIndex(shape, ([b, k, i, j], at) => {
      const [top, bottom] = [Math.floor(i * h / outH), Math.ceil((i + 1) * h / outH)];
      const [left, right] = [Math.floor(j * w / outW), Math.ceil((j + 1) * w / outW)];
      for (let r = top; r < bottom; r++) {
        for (let q = left; q < right; q++) {
          y[at] += x[((b * c + k) * h + r) * w + q] / ((bottom - top) * (right - left));
        }
      }
    });
    return y;
  };
}

Deno.test("adaptiveAvgPool2d() passes gradcheck, where windows overlap, divide, and grow", async () => {
  const shape = [2, 2, 5, 6];
  for (const outputSize of [[1, 1], [5, 3], [3, 4], [7, 2]] as const) {
    await gradcheck((x) => adaptiveAvgPool2d(x, { outputSize }), [noiseTensor(shape)], {
      reference: reference(shape, [...outputSize]),
    });
  }
});

Deno.test("adaptiveAvgPool2d() refuses what are no images, and sizes that are none", () => {
  const images = "x must be images [n, c, h, w] of one element or more: x has shape";
  const size = "outputSize must be a whole number from 0 up or null, or two:";
  const cases: [() => unknown, string][] = [
    [() => adaptiveAvgPool2d(zeros([2, 3, 4]), { outputSize: 1 }), `${images} [2, 3, 4]`],
    [() => adaptiveAvgPool2d(zeros([2, 3, 0, 4]), { outputSize: 1 }), `${images} [2, 3, 0, 4]`],
    [() => adaptiveAvgPool2d(x, { outputSize: -1 }), `${size} -1`],
    [() => adaptiveAvgPool2d(x, { outputSize: [1.5, null] }), `${size} [1.5, null]`],
  ];
  for (const [fn, why] of cases) assertRefuses(fn, RangeError, `Cannot apply adaptiveAvgPool2d as ${why}`);
  assertRefuses(
    () => adaptiveAvgPool2d(zeros([1, 1, 2, 2], { dtype: "int32" }), { outputSize: 1 }),
    TypeError,
    "Cannot apply adaptiveAvgPool2d as x must be float32: it is int32",
  );
});

Deno.test("adaptiveAvgPool2d() refuses sizes that it cannot count with", () => {
  assertRefuses(
    () => adaptiveAvgPool2d(zeros([1, 1, 70_000, 1]), { outputSize: [60_000, 1] }),
    RangeError,
    "Cannot apply adaptiveAvgPool2d as a size times what it becomes must be less than 2^31: 70000 x 60000",
  );
});
