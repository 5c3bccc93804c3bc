import { assertEquals, assertStrictEquals } from "@std/assert";
import { compile, nn, openDevice, optim, type Tensor, tensor } from "../../mod.ts";

await openDevice();

/** A language model of one word: what goes in and what comes out share their vectors. */
class Tied extends nn.Module {
  emb = new nn.Embedding(3, 2);
  out = new nn.Linear(2, 3, { bias: false });

  constructor() {
    super();
    this.out.weight = this.emb.weight;
  }

  override forward(x: Tensor): Tensor {
    return this.out.forward(this.emb.forward(x));
  }
}

const word = tensor([1], { dtype: "int32" });
const VALUES = tensor([[1, 2], [3, 4], [5, 6]]);

function tied(): Tied {
  const net = new Tied();
  net.loadStateDict({ "emb.weight": VALUES, "out.weight": VALUES });
  return net;
}

Deno.test("tied weights are one parameter, with an entry in the state dict under each name", () => {
  const net = tied();
  assertEquals(net.namedParameters().map(([name]) => name), ["emb.weight"]);
  assertEquals(Object.keys(net.stateDict()), ["emb.weight", "out.weight"]);
  assertStrictEquals(net.stateDict()["out.weight"], net.emb.weight);
});

Deno.test("gradients of tied weights add up, and a step changes both layers", async () => {
  const net = tied(), opt = new optim.SGD(net.parameters(), { lr: 0.5 });
  const y = net.forward(word);
  assertEquals(await y.toArray(), [[11, 25, 39]]);
  y.sum().backward();
  // As the output each row gets the word's vector [3, 4]; as the input the word's row gets the sum of all rows, [9, 12].
  assertEquals(await net.emb.weight.grad!.toArray(), [[3, 4], [12, 16], [3, 4]]);
  opt.step();
  const stepped = [[-0.5, 0], [-3, -4], [3.5, 4]];
  assertEquals(await net.emb.weight.toArray(), stepped);
  assertEquals(await net.out.weight.toArray(), stepped);
});

Deno.test("a captured step notices weights that are tied between its calls", async () => {
  const net = new nn.Sequential({
    a: new nn.Linear(1, 1, { bias: false }),
    b: new nn.Linear(1, 1, { bias: false }),
  });
  net.loadStateDict({ "a.weight": tensor([[2]]), "b.weight": tensor([[3]]) });
  const step = compile((x: Tensor) => net.forward(x)), x = tensor([[1]]);
  assertEquals(await step(x).item(), 6);
  assertEquals(await step(x).item(), 6);
  const { a, b } = net as unknown as Record<string, nn.Linear>;
  b.weight = a.weight;
  assertEquals(await step(x).item(), 4);
});

Deno.test("weights of every layer can be tied", () => {
  const conv = [new nn.Conv2d(1, 1, 1), new nn.Conv2d(1, 1, 1)];
  conv[1].weight = conv[0].weight;
  conv[1].bias = conv[0].bias;
  const norms = [new nn.LayerNorm(2), new nn.LayerNorm(2)];
  norms[1].weight = norms[0].weight;
  const batch = [new nn.BatchNorm1d(2), new nn.BatchNorm1d(2)];
  batch[1].bias = batch[0].bias;
  const group = [new nn.GroupNorm(1, 2), new nn.GroupNorm(1, 2)];
  group[1].weight = group[0].weight;
  assertEquals(new nn.ModuleList([...conv, ...norms, ...batch, ...group]).parameters().length, 2 + 3 + 3 + 3);
});
