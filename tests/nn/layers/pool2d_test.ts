import { assertEquals } from "@std/assert";
import { nn, openDevice, tensor } from "../../../mod.ts";

await openDevice();

const image = tensor([[[[1, -2, 3, 0], [5, 6, -7, 2]]]]);

Deno.test("MaxPool2d and AvgPool2d pass their options on", async () => {
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

Deno.test("AdaptiveAvgPool2d passes its size on, and prints it as PyTorch does", async () => {
  const image = tensor([[[[0, 4], [8, 12]]]]);
  assertEquals(await new nn.AdaptiveAvgPool2d([1, null]).forward(image).toArray(), [[[[4, 8]]]]);
  const layers = ([1, [5, 7], [null, 7], null] as const).map((size) => new nn.AdaptiveAvgPool2d(size));
  assertEquals(layers.map(String), [ // print(nn.…) in PyTorch 1.13
    "AdaptiveAvgPool2d(output_size=1)",
    "AdaptiveAvgPool2d(output_size=(5, 7))",
    "AdaptiveAvgPool2d(output_size=(None, 7))",
    "AdaptiveAvgPool2d(output_size=None)",
  ]);
});
