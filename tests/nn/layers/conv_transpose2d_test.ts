import { assertEquals, assertStrictEquals } from "@std/assert";
import { convTranspose2d, nn, openDevice } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("ConvTranspose2d has PyTorch's weight shape and bounds, and passes its options on", async () => {
  const options = { stride: 2, padding: [1, 0], outputPadding: 1, groups: 2 } as const;
  const up = new nn.ConvTranspose2d(4, 6, [3, 2], options), x = noiseTensor([2, 4, 5, 3]);
  assertEquals([up.weight.shape, up.bias!.shape], [[4, 3, 3, 2], [6]]);
  const wanted = convTranspose2d(x, up.weight, { ...options, bias: up.bias! });
  assertEquals(await up.forward(x).data(), await wanted.data());
  const bound = 1 / Math.sqrt(18), values = [...await up.weight.data(), ...await up.bias!.data()];
  assertEquals(values.filter((v) => Math.abs(v) > bound), []);
  assertStrictEquals(new nn.ConvTranspose2d(1, 1, 2, { bias: false }).bias, null);
});

Deno.test("ConvTranspose2d prints as PyTorch prints it", () => {
  const options = {
    stride: 2,
    padding: [1, 0],
    outputPadding: 1,
    groups: 2,
    bias: false,
    dilation: [1, 2],
  } as const;
  const layers = [new nn.ConvTranspose2d(16, 33, 3), new nn.ConvTranspose2d(4, 6, [3, 2], options)];
  assertEquals(layers.map(String), [
    "ConvTranspose2d(16, 33, kernel_size=(3, 3), stride=(1, 1))",
    "ConvTranspose2d(4, 6, kernel_size=(3, 2), stride=(2, 2), padding=(1, 0), dilation=(1, 2), " +
    "output_padding=(1, 1), groups=2, bias=False)",
  ]);
});

Deno.test("ConvTranspose2d refuses groups that do not divide its channels", () => {
  assertRefuses(
    () => new nn.ConvTranspose2d(4, 6, 3, { groups: 4 }),
    RangeError,
    "Cannot make ConvTranspose2d as groups must divide inChannels 4 and outChannels 6: 4",
  );
});
