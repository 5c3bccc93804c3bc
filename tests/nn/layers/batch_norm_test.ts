import { assertEquals } from "@std/assert";
import {
  batchNorm2d,
  compile,
  crossEntropy,
  manualSeed,
  nn,
  noGrad,
  openDevice,
  optim,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { assertClose, noiseTensor } from "../../support/values.ts";

await openDevice();

/** Overwrites a parameter with noise. */
function setNoise(to: Tensor, seed: number): void {
  noGrad(() => to.copy(noiseTensor(to.shape, { seed, requiresGrad: false })));
}

/** Three batches and what PyTorch's BatchNorm1d has seen after them. */
const BATCHES = [[[1, 2], [3, 5]], [[1, 2], [3, 10]], [[5, 2], [3, 15]]];

Deno.test("BatchNorm1d keeps running statistics in training, and uses them in evaluation", async () => {
  const norm = new nn.BatchNorm1d(2, { momentum: 0.5 });
  norm.forward(tensor([[1, 2], [3, 6]]));
  assertEquals(await norm.runningMean!.toArray(), [1, 2]);
  assertEquals(await norm.runningVar!.toArray(), [1.5, 4.5]);
  assertEquals(await norm.numBatchesTracked!.item(), 1);
  norm.eval();
  assertClose(await norm.forward(tensor([[1, 2]])).data(), [0, 0], { atol: 1e-7 });
  assertEquals(await norm.numBatchesTracked!.item(), 1);
});

Deno.test("BatchNorm1d without momentum takes means over all batches, as PyTorch does", async () => {
  const norm = new nn.BatchNorm1d(2, { momentum: null });
  for (const batch of BATCHES) norm.forward(tensor(batch));
  assertClose(await norm.runningMean!.data(), [2.6666667, 6], { rtol: 2e-7 });
  assertClose(await norm.runningVar!.data(), [2, 40.333333], { rtol: 2e-7 });
  norm.eval();
  const y = await norm.forward(tensor([[1, 2], [0, 4]])).data();
  assertClose(y, [-1.1785083, -0.6298366, -1.8856132, -0.3149183], { atol: 1e-6 });
});

Deno.test("BatchNorm1d that keeps no statistics uses the batch's, in evaluation too", async () => {
  const norm = new nn.BatchNorm1d(2, { trackRunningStats: false, affine: false, eps: 0 });
  assertEquals(Object.keys(norm.stateDict()), []);
  norm.eval();
  assertEquals(await norm.forward(tensor([[1, 2], [3, 6]])).toArray(), [[-1, -1], [1, 1]]);
});

Deno.test("BatchNorm2d has PyTorch's state, in its order, and its own values", async () => {
  const norm = new nn.BatchNorm2d(3), state = norm.stateDict();
  assertEquals(Object.keys(state), ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]);
  assertEquals(norm.parameters(), [norm.weight!, norm.bias!]);
  assertEquals(state.num_batches_tracked.dtype, "int32");
  const values = await Promise.all(Object.values(state).map((t) => t.toArray()));
  assertEquals(values, [[1, 1, 1], [0, 0, 0], [0, 0, 0], [1, 1, 1], 0]);
  norm.loadStateDict({ ...state, running_mean: tensor([1, 2, 3]), num_batches_tracked: tensor(7) });
  assertEquals(await norm.runningMean!.toArray(), [1, 2, 3]);
  assertEquals(await norm.numBatchesTracked!.item(), 7);
});

Deno.test("BatchNorm2d is batchNorm2d() with its parameters", async () => {
  const norm = new nn.BatchNorm2d(3, { eps: 0.1 }), x = noiseTensor([2, 3, 4, 5]);
  setNoise(norm.weight!, 2);
  setNoise(norm.bias!, 3);
  const options = { weight: norm.weight!, bias: norm.bias!, training: true, eps: 0.1 };
  assertEquals(await norm.forward(x).data(), await batchNorm2d(x, options).data());
});

for (const momentum of [0.3, null]) {
  Deno.test(`a compiled step with momentum ${momentum} keeps the statistics of the step as written`, async () => {
    const nets = [1, 2].map(() => {
      manualSeed(5);
      return new nn.Sequential(
        new nn.Conv2d(1, 4, 3, { padding: 1 }),
        new nn.BatchNorm2d(4, { momentum }),
        new nn.ReLU(),
        new nn.ConvTranspose2d(4, 6, 2, { stride: 2 }),
        new nn.GroupNorm(2, 6),
        new nn.Tanh(),
        new nn.LayerNorm([8, 8]),
        new nn.Flatten(),
        new nn.Linear(384, 3),
        new nn.BatchNorm1d(3, { momentum }),
      );
    });
    const [written, compiled] = nets.map((net) => {
      const opt = new optim.SGD(net.parameters(), { lr: 0.1 });
      return (x: Tensor, y: Tensor): Tensor => {
        opt.zeroGrad();
        const loss = crossEntropy(net.forward(x), y);
        loss.backward();
        opt.step();
        return loss;
      };
    });
    const step = compile(compiled), y = tensor([0, 1, 2, 1, 0], { dtype: "int32" });
    for (let t = 0; t < 4; t++) {
      const x = noiseTensor([5, 1, 4, 4], { seed: t, requiresGrad: false });
      assertClose([await step(x, y).item()], [await written(x, y).item()], { rtol: 1e-5 });
    }
    assertEquals(step.captures, 1);
    for (const [name, t] of Object.entries(nets[0].stateDict())) {
      assertClose(await nets[1].stateDict()[name].data(), await t.data(), { atol: 2e-6, rtol: 1e-5 });
    }
  });
}

Deno.test("a compiled forward notices that BatchNorm2d was put into evaluation, or its momentum changed", async () => {
  const norm = new nn.BatchNorm2d(1, { momentum: 1, eps: 0 }), x = tensor([[[[1, 3]]]]);
  const forward = compile((x: Tensor) => noGrad(() => norm.forward(x)));
  assertEquals(await forward(x).toArray(), [[[[-1, 1]]]]);
  norm.eval();
  assertClose(await forward(x).data(), [-Math.SQRT1_2, Math.SQRT1_2], { atol: 1e-7 });
  norm.train();
  norm.momentum = 0.5;
  forward(tensor([[[[5, 7]]]]));
  assertEquals(await norm.runningMean!.toArray(), [4]);
  assertEquals([forward.captures, await norm.numBatchesTracked!.item()], [3, 2]);
});

Deno.test("BatchNorm1d and BatchNorm2d print as PyTorch prints them", () => {
  const layers = [
    new nn.BatchNorm2d(16),
    new nn.BatchNorm1d(3, { eps: 1e-3, momentum: null, affine: false, trackRunningStats: false }),
    new nn.BatchNorm2d(4, { eps: 1e-16, momentum: 1 }),
  ];
  assertEquals(layers.map(String), [
    "BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
    "BatchNorm1d(3, eps=0.001, momentum=None, affine=False, track_running_stats=False)",
    "BatchNorm2d(4, eps=1e-16, momentum=1.0, affine=True, track_running_stats=True)",
  ]);
});
