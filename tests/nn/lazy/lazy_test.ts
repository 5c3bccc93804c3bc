import { assertEquals, assertThrows } from "@std/assert";
import { compile, nn, openDevice, optim, zeros } from "../../../mod.ts";

await openDevice();

Deno.test("lazy layers become what their first input asks for", () => {
  const net = new nn.Sequential(
    new nn.LazyConv2d(4, 3, { padding: 1 }),
    new nn.LazyBatchNorm2d(),
    new nn.Flatten(),
    new nn.LazyLinear(5, { bias: false }),
  );
  assertEquals(
    String(net),
    "Sequential(\n  (0): LazyConv2d(0, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))\n" +
      "  (1): LazyBatchNorm2d(0, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)\n" +
      "  (2): Flatten(start_dim=1, end_dim=-1)\n  (3): LazyLinear(in_features=0, out_features=5, bias=False)\n)",
  );
  net.eval();
  assertEquals(net.forward(zeros([2, 3, 6, 6])).shape, [2, 5]);
  assertEquals([net.at(0), net.at(1), net.at(3)].map((m) => m.training), [false, false, false]);
  assertEquals(
    [net.at(0) instanceof nn.Conv2d, net.at(1) instanceof nn.BatchNorm2d, net.at(3) instanceof nn.Linear],
    [true, true, true],
  );
  assertEquals(
    Object.keys(net.stateDict()).join(" "),
    "0.weight 0.bias 1.weight 1.bias 1.running_mean 1.running_var 1.num_batches_tracked 3.weight",
  );
  assertEquals(String(net.at(3)), "Linear(in_features=144, out_features=5, bias=False)");
  assertEquals(net.forward(zeros([1, 3, 6, 6])).shape, [1, 5]);
});

Deno.test("what a lazy layer does not have yet is refused", () => {
  const layer = new nn.LazyLinear(2);
  const refused = "Cannot list the parameters of LazyLinear as a forward pass must have made them";
  assertThrows(() => new optim.SGD(layer.parameters()), Error, refused);
  assertThrows(() => layer.stateDict(), Error, refused);
  assertThrows(() => compile(() => layer.forward(zeros([1, 3])))(), Error, "lazy layer");
  assertThrows(
    () => new nn.LazyConv2d(2, 3).forward(zeros([3, 3])),
    RangeError,
    "x must be images [n, c, h, w]",
  );
  layer.dispose();
  layer.forward(zeros([1, 3]));
  assertEquals(layer.parameters().map((p) => p.shape), [[2, 3], [2]]);
});
