import { assertEquals } from "@std/assert";
import { openDevice, tensor, transforms } from "../../../mod.ts";
import { assertClose } from "../../support/values.ts";

const { resize } = transforms;
await openDevice();

Deno.test("resize() is PyTorch's bilinear interpolation", async () => {
  const x = tensor([1, 2, 4, 8, 16, 3, 1, -2, 0.5, 7, 9, -8, 6, 5, 2], { shape: [1, 1, 3, 5] });
  const y = async (size: number | [number, number]) => await resize({ size })(x).data();
  // torch.nn.functional.interpolate(x.double(), size, mode="bilinear", align_corners=False)
  // deno-fmt-ignore
  const sixBySeven = [
    1, 1.57142857, 2.57142857, 4, 6.85714286, 11.4285714, 16,
    1.5, 1.64285714, 1.96428571, 2.5, 5.08928571, 9.39285714, 13.75,
    2.5, 1.78571429, 0.75, -0.5, 1.55357143, 5.32142857, 9.25,
    4.5, 1.21428571, -0.892857143, 0, 1.16071429, 3.39285714, 5.75,
    7.5, -0.0714285714, -2.96428571, 4, 3.91071429, 3.60714286, 3.25,
    9, -0.714285714, -4, 6, 5.28571429, 3.71428571, 2,
  ];
  assertClose(await y([6, 7]), sixBySeven, { atol: 1e-6 });
  assertEquals([...await y(2)], [1.6875, 8.03125, -2.4375, 3.71875]);
  assertEquals([...await y(1)], [-2]);
  assertEquals(await y([3, 5]), await x.data());
});

Deno.test("resize() to the book's 224 by 224 keeps images and channels apart", async () => {
  const square = (i: number) => (i % 784) ** 2 % 255;
  const x = tensor(
    Float32Array.from({ length: 2 * 2 * 784 }, (_, i) => square(i) + 1000 * Math.floor(i / 784)),
    {
      shape: [2, 2, 28, 28],
    },
  );
  const y = resize({ size: 224 })(x), values = await y.data();
  assertEquals(y.shape, [2, 2, 224, 224]);
  for (let plane = 0; plane < 4; plane++) {
    const at = (i: number) => values[plane * 224 * 224 + i] - 1000 * plane;
    // PyTorch's values at these places, in float64
    assertClose([0, 5, 100, 224 * 224 - 1].map(at), [0, 0.1875, 145.5625, 69], { atol: 2e-4 });
  }
});
