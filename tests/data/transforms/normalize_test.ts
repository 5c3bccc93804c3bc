import { assertEquals } from "@std/assert";
import { openDevice, tensor, transforms } from "../../../mod.ts";
import { assertClose } from "../../support/values.ts";

const { normalize } = transforms;
await openDevice();

Deno.test("normalize() subtracts each channel's mean and divides by its deviation", async () => {
  const x = tensor([0, 1, 2, 3, 4, 5, 6, 7], { shape: [2, 2, 1, 2] });
  const data = async (options: transforms.NormalizeOptions) => [...await normalize(options)(x).data()];
  assertEquals(await data({ mean: 1, std: 2 }), [-0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3]);
  assertEquals(await data({ mean: [1, 2], std: [2, 4] }), [-0.5, 0, 0, 0.25, 1.5, 2, 1, 1.25]);
  assertEquals(await data({ mean: [0, 3], std: 1 }), [0, 1, -1, 0, 4, 5, 3, 4]);
  assertEquals(await data({ mean: 0, std: [1, 0.5] }), [0, 1, 4, 6, 4, 5, 12, 14]);
});

Deno.test("normalize() agrees with PyTorch on colour images of odd size", async () => {
  // (x - mean) / std in torch, float64, of pixels i / 27
  const x = tensor(Float32Array.from({ length: 27 }, (_, i) => i / 27), { shape: [1, 3, 3, 3] });
  const y = normalize({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] })(x);
  const values = await y.data();
  const wanted = [-2.117904, -0.824034, -0.547619, 0.775132, 1.158519, 2.475391];
  assertClose([0, 8, 9, 17, 18, 26].map((i) => values[i]), wanted, { atol: 2e-6 });
});
