import { assertEquals } from "@std/assert";
import { nn, noGrad, openDevice } from "../../../mod.ts";
import { assertRefuses, noiseTensor } from "../../support/values.ts";

await openDevice();

Deno.test("GroupNorm is its operation with its parameters", async () => {
  const layer = new nn.GroupNorm(3, 6, { eps: 0.5 }), x = noiseTensor([4, 6, 5]);
  const weight = layer.weight!, bias = layer.bias!;
  noGrad(() => weight.copy(noiseTensor([6], { seed: 4 })));
  noGrad(() => bias.copy(noiseTensor([6], { seed: 5 })));
  assertEquals(await layer.forward(x).data(), await x.groupNorm(3, { weight, bias, eps: 0.5 }).data());
});

Deno.test("GroupNorm prints as PyTorch prints it", () => {
  assertEquals(
    String(new nn.GroupNorm(2, 4, { eps: 0.5, affine: false })),
    "GroupNorm(2, 4, eps=0.5, affine=False)",
  );
});

Deno.test("GroupNorm refuses groups that do not divide its channels", () => {
  assertRefuses(
    () => new nn.GroupNorm(4, 6),
    RangeError,
    "Cannot make GroupNorm as numGroups must divide numChannels 6: 4",
  );
});
