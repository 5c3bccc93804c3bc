import { assertEquals } from "@std/assert";
import { gradcheck, norm, openDevice, tensor, zeros } from "../../../mod.ts";
import { assertAsPyTorch, over, valueAndGradients } from "../../support/reductions.ts";
import { assertClose, assertRefuses, distinctTensor } from "../../support/values.ts";

await openDevice();

const x = tensor([[3, -4, 0], [1, 2, -2]]);

Deno.test("norm() measures vectors with any exponent", async () => {
  const wanted: [p: number, norms: number[]][] = [
    [2, [5, 3]],
    [1, [7, 5]],
    [0, [2, 3]],
    [3, [4.497941445, 2.571281591]],
    [0.5, [13.92820323, 14.65685425]],
    [Infinity, [4, 2]],
    [-Infinity, [0, 1]],
  ];
  for (const [p, norms] of wanted) assertClose(await norm(x, { p, dim: 1 }).data(), norms, { rtol: 4e-7 });
  assertClose(await norm(x).data(), [Math.sqrt(34)], { rtol: 2e-7 });
  assertEquals(x.norm({ dim: [0], keepdim: true }).shape, [1, 3]);
  assertEquals(await norm(tensor(-5), { p: 1 }).toArray(), 5);
});

const PYTORCH: [p: number, y: number[], dx: number[]][] = [
  [1, [2.2630395, 2.1525818, 1.9903785], [
    ...[-0.0058301, 0.0058301, -0.0058301, -0.0058301],
    ...[-0.2753372, -0.2753372, 0.2753372, -0.2753372],
    ...[0.4446292, 0.4446292, 0.4446292, -0.4446292],
  ]],
  [2, [1.2453808, 1.1147201, 1.1790593], [
    ...[-0.0027594, 0.0045973, -0.0016345, -0.0016031],
    ...[-0.1772141, -0.1569512, 0.1102517, -0.0872733],
    ...[0.2482065, 0.3519569, 0.0539703, -0.0964481],
  ]],
  [0.5, [8.6129448, 8.4488331, 7.0830749], [
    ...[-0.0222863, 0.017266, -0.0289571, -0.0292389],
    ...[-0.9448519, -1.0039926, 1.1978987, -1.346394],
    ...[1.4585909, 1.2248851, 3.127972, -2.3398778],
  ]],
  [Infinity, [0.9820291, 0.7174624, 0.9333125], [
    ...[0, 0.0058301, 0, 0],
    ...[-0.2753372, 0, 0, 0],
    ...[0, 0.4446292, 0, 0],
  ]],
];

for (const [p, y, dx] of PYTORCH) {
  Deno.test(`norm() agrees with PyTorch for p = ${p}`, async () => {
    await assertAsPyTorch((x) => norm(x, { p, dim: 1 }), y, dx);
  });
}

Deno.test("norm() has gradient 0 where it is 0, and none for p = 0", async () => {
  for (const p of [1, 2, 3, 1.5, 0.5, Infinity]) {
    assertEquals(await valueAndGradients((x) => norm(x, { p }), [0, 0]), [0, [0, 0]]);
  }
  const x = tensor([1, 2], { requiresGrad: true });
  norm(x, { p: 0 }).backward();
  assertEquals(x.grad, null);
});

Deno.test("norm() divides the gradient of the largest size evenly", async () => {
  const [y, dx] = await valueAndGradients((x) => norm(x, { p: Infinity }), [1, -3, 0, 3]);
  assertEquals([y, dx], [3, [0, -0.5, 0, 0.5]]);
});

Deno.test("norm() of NaN is NaN, of infinity infinity, gradients as in PyTorch", async () => {
  for (const p of [1, 2, 3, 0.5, Infinity]) {
    const y = norm(tensor([[1, NaN], [-Infinity, 2]]), { p, dim: 1 });
    assertEquals(await y.toArray(), [NaN, Infinity]);
  }
  assertEquals(await norm(tensor([NaN, 0]), { p: 0 }).item(), 1);
  assertEquals(await valueAndGradients((x) => norm(x), [Infinity, 2]), [Infinity, [NaN, 0]]);
  assertEquals(await valueAndGradients((x) => norm(x, { p: Infinity }), [NaN, 2]), [NaN, [0, 0]]);
});

Deno.test("norm() over nothing is 0, and of nothing is empty", async () => {
  for (const p of [0, 1, 2, 3, Infinity]) {
    assertEquals(await norm(zeros([2, 0]), { p, dim: 1 }).toArray(), [0, 0]);
  }
  assertEquals(norm(zeros([2, 0]), { dim: 0 }).shape, [0]);
});

for (const p of [1, 2, 3, 2.5, Infinity]) {
  Deno.test(`norm() passes gradcheck for p = ${p}`, async () => {
    const shape = [3, 3, 5];
    for (const dims of [[0, 2], [1]]) {
      const reference = over(shape, dims, (values) => {
        const sizes = values.map(Math.abs);
        return p === Infinity ? Math.max(...sizes) : sizes.reduce((sum, v) => sum + v ** p, 0) ** (1 / p);
      });
      // shifted so that no two sizes are equal and none is 0
      const x = tensor((await distinctTensor(shape).data()).map((v) => v + 0.03), {
        shape,
        requiresGrad: true,
      });
      await gradcheck((x) => norm(x, { p, dim: dims }), [x], { reference });
    }
  });
}

Deno.test("norm() refuses integers, dimensions that do not exist, and NaN as exponent", () => {
  assertRefuses(
    () => norm(tensor([1], { dtype: "int32" })),
    TypeError,
    "Cannot apply norm as x must be float32: it is int32",
  );
  assertRefuses(
    () => norm(x, { dim: 2 }),
    RangeError,
    "Cannot apply norm as dim must be a whole number from -2 to 1: 2",
  );
  assertRefuses(() => norm(x, { p: NaN }), RangeError, "Cannot apply norm as p must be a number: NaN");
});
