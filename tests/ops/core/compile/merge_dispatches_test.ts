// Dispatches of a captured step that do not depend on one another share one: fewer of them, and the same bits.
import { assert, assertEquals } from "@std/assert";
import {
  compile,
  type Device,
  manualSeed,
  nn,
  openDevice,
  optim,
  randn,
  runKernel,
  scope,
  type Tensor,
  tensor,
} from "../../../../mod.ts";
import { lenet } from "../../../../examples/lenet.ts";

/** A device of the given way, for as long as `fn` runs. */
async function withDevice<T>(merging: boolean, fn: (device: Device) => Promise<T>): Promise<T> {
  const device = await openDevice({ kernels: "gpu", merging });
  try {
    return await fn(device);
  } finally {
    device.close();
  }
}

/** What a network's parameters are after a few steps, and how many dispatches a step takes. */
async function trained(merging: boolean, make: () => nn.Module, shape: readonly number[]) {
  return await withDevice(merging, async (device) => {
    using _ = scope();
    manualSeed(7);
    const net = make(), opt = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
    const x = randn(shape), y = tensor(Int32Array.from({ length: shape[0] }, (_, i) => i % 10));
    const loss = new nn.CrossEntropyLoss();
    const step = compile((x: Tensor, y: Tensor) => {
      opt.zeroGrad();
      const l = loss.forward(net.forward(x), y);
      l.backward();
      opt.step();
      return l;
    });
    const losses: number[] = [];
    let dispatches = 0;
    for (let k = 0; k < 4; k++) {
      const before = device.queue.dispatches;
      losses.push(await step(x, y).item());
      dispatches = device.queue.dispatches - before;
      opt.paramGroups[0].lr /= 2; // a number that changes from replay to replay
    }
    const weights = await Promise.all(net.parameters().map((p) => p.data()));
    step.dispose();
    return { dispatches, values: { losses, weights } };
  });
}

/** A network whose layers work beside each other: two branches, and batch norm, whose kernels have barriers. */
class Branches extends nn.Module {
  left = new nn.Sequential(new nn.Conv2d(1, 5, 3, { padding: 1 }), new nn.BatchNorm2d(5), new nn.ReLU());
  right = new nn.Sequential(new nn.Conv2d(1, 5, 5, { padding: 2 }), new nn.BatchNorm2d(5), new nn.Tanh());
  fc = new nn.Linear(5 * 7 * 7, 10);

  override forward(x: Tensor): Tensor {
    return this.fc.forward(this.left.forward(x).add(this.right.forward(x)).flatten({ startDim: 1 }));
  }
}

Deno.test("LeNet's captured step takes fewer dispatches when they are merged, and gives the same bits", async () => {
  const merged = await trained(true, lenet, [13, 1, 28, 28]),
    alone = await trained(false, lenet, [13, 1, 28, 28]);
  assertEquals(merged.values, alone.values);
  assert(
    merged.dispatches <= 18 && merged.dispatches < alone.dispatches - 4,
    `${merged.dispatches} of ${alone.dispatches}`,
  );
});

Deno.test("branches with batch norm take fewer dispatches when they are merged, and give the same bits", async () => {
  const shape = [6, 1, 7, 7], make = () => new Branches();
  const merged = await trained(true, make, shape), alone = await trained(false, make, shape);
  assertEquals(merged.values, alone.values);
  assert(merged.dispatches < 0.75 * alone.dispatches, `${merged.dispatches} of ${alone.dispatches}`);
});

Deno.test("a dispatch that overwrites what another reads is not merged with it", async () => {
  const values = (merging: boolean) =>
    withDevice(merging, async () => {
      const a = tensor([1, 2, 3]), b = tensor([10, 20, 30]);
      const step = compile(() => {
        const sum = a.add(b).sum(), most = b.max();
        b.copy(a.mul(2));
        a.copy(sum.add(most).expand([3]));
      });
      step();
      step();
      step();
      return [await a.toArray(), await b.toArray()];
    });
  assertEquals(await values(true), await values(false));
});

Deno.test("a kernel of one's own that does not compile takes no merged work with it", async () => {
  await withDevice(true, async () => {
    const x = tensor([1, 2, 3]);
    const broken = (x: Tensor) =>
      runKernel({
        name: "broken",
        inputs: { x },
        outputs: { y: [3] },
        invocations: 3,
        body: "y[id] = nosuch(x[id]);",
      }).y;
    const step = compile((x: Tensor) => [x.sum(), broken(x), x.max()]);
    const [sum, bad, most] = step(x);
    assertEquals([await sum.item(), await most.item()], [6, 3]);
    const said = await bad.data().then(() => "nothing", (error) => error.message);
    assert(said.includes("broken"), said);
    step.dispose();
  });
});
