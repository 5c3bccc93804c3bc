import { assertEquals } from "@std/assert";
import { nn, openDevice, tensor } from "../../../mod.ts";

await openDevice();

const x = tensor([-2, -0.5, 0, 3]);

Deno.test("activation layers are their operations, with PyTorch's defaults", async () => {
  for (
    const [layer, wanted] of [
      [new nn.ReLU(), x.relu()],
      [new nn.LeakyReLU(), x.leakyRelu({ negativeSlope: 0.01 })],
      [new nn.ELU(), x.elu({ alpha: 1 })],
      [new nn.GELU(), x.gelu({ approximate: "none" })],
      [new nn.SiLU(), x.silu()],
      [new nn.Softplus(), x.softplus({ beta: 1, threshold: 20 })],
      [new nn.Sigmoid(), x.sigmoid()],
      [new nn.Tanh(), x.tanh()],
    ] as const
  ) {
    assertEquals(await layer.forward(x).data(), await wanted.data());
  }
});

Deno.test("activation layers pass their options on", async () => {
  for (
    const [layer, wanted] of [
      [new nn.LeakyReLU({ negativeSlope: 0.5 }), x.leakyRelu({ negativeSlope: 0.5 })],
      [new nn.ELU({ alpha: 0.5 }), x.elu({ alpha: 0.5 })],
      [new nn.GELU({ approximate: "tanh" }), x.gelu({ approximate: "tanh" })],
      [new nn.Softplus({ beta: 2, threshold: 5 }), x.softplus({ beta: 2, threshold: 5 })],
    ] as const
  ) {
    assertEquals(await layer.forward(x).data(), await wanted.data());
  }
});

Deno.test("activation layers print as PyTorch prints them", () => {
  const printed = [
    new nn.LeakyReLU(),
    new nn.LeakyReLU({ negativeSlope: 1e-5 }),
    new nn.ELU(),
    new nn.ELU({ alpha: 0.5 }),
    new nn.GELU(),
    new nn.GELU({ approximate: "tanh" }),
    new nn.SiLU(),
    new nn.Softplus(),
    new nn.Softplus({ beta: 2, threshold: 5 }),
  ].map(String);
  assertEquals(printed, [
    "LeakyReLU(negative_slope=0.01)",
    "LeakyReLU(negative_slope=1e-05)",
    "ELU(alpha=1.0)",
    "ELU(alpha=0.5)",
    "GELU(approximate='none')",
    "GELU(approximate='tanh')",
    "SiLU()",
    "Softplus(beta=1, threshold=20)",
    "Softplus(beta=2, threshold=5)",
  ]);
});
