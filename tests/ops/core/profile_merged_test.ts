// Dispatches that share one: it is for the layers and parts of all.
import { assert, assertEquals } from "@std/assert";
import { compile, nn, openDevice, profile, rand, type Tensor } from "../../../mod.ts";

const device = await openDevice({ kernels: "gpu", merging: true });

Deno.test("a dispatch that several share names the layers of all", async () => {
  class Twins extends nn.Module {
    left = new nn.Linear(8, 4);
    right = new nn.Linear(8, 4);

    override forward(x: Tensor): Tensor[] {
      return [this.left.forward(x), this.right.forward(x)];
    }
  }
  const net = new Twins(), step = compile((x: Tensor) => net.forward(x)), x = rand([2, 8]);
  step(x);
  const { dispatches, layers, rows } = await profile(() => step(x));
  assert(device.merging);
  assertEquals(dispatches.length, 1);
  assertEquals(layers.map(({ layer, phase }) => `${layer}: ${phase}`), [
    "left (Linear) + right (Linear): forward",
  ]);
  assertEquals(rows.map(({ kernel, layers }) => [kernel, layers]), [
    ["linear | linear", ["left (Linear)", "right (Linear)"]],
  ]);
});
