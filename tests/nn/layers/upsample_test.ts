import { assertEquals } from "@std/assert";
import { nn, openDevice, tensor } from "../../../mod.ts";

await openDevice();

Deno.test("Upsample passes its options on", async () => {
  const image = tensor([[[[0, 4], [8, 12]]]]);
  const up = new nn.Upsample({ size: 3, mode: "bilinear", alignCorners: true });
  assertEquals(await up.forward(image).toArray(), [[[[0, 2, 4], [4, 6, 8], [8, 10, 12]]]]);
});

Deno.test("Upsample prints as PyTorch prints it", () => {
  const layers = [
    new nn.Upsample({ scaleFactor: 2 }),
    new nn.Upsample({ scaleFactor: [2, 3.5], mode: "bilinear" }),
    new nn.Upsample({ size: 4 }),
    new nn.Upsample({ size: [4, 5], mode: "bilinear", alignCorners: true }),
  ];
  assertEquals(layers.map(String), [ // print(nn.…) in PyTorch 1.13
    "Upsample(scale_factor=2.0, mode=nearest)",
    "Upsample(scale_factor=(2.0, 3.5), mode=bilinear)",
    "Upsample(size=4, mode=nearest)",
    "Upsample(size=(4, 5), mode=bilinear)",
  ]);
});
