// Trains with batch normalisation over all ranks, in a chain and around a way past it; rank 0 writes losses and statistics.
import { DataLoader, nn, openDevice, optim, scope, type Tensor } from "../../../mod.ts";
import { convertSyncBatchNorm, distribute, DistributedSampler, init } from "../../../nn/distributed/mod.ts";
import { type Synced, SyncedPass } from "../../../nn/distributed/mod.ts";
import { BATCH, images, makeNet } from "./training_parts.ts";

/** A block with a way around it. */
class Block extends nn.Module implements Synced {
  readonly fc = new nn.Linear(10, 10);
  readonly norm: nn.Module = new nn.BatchNorm1d(10);

  override forward(x: Tensor): Tensor {
    return this.norm.forward(this.fc.forward(x)).relu().add(x);
  }

  async forwardSynced(pass: SyncedPass, x: Tensor): Promise<Tensor> {
    return (await pass.forward(this.norm, this.fc.forward(x))).relu().add(x);
  }
}

const device = await openDevice(), group = await init({ silence: 60 }), { rank, worldSize: n } = group;
const { body } = makeNet();
const [conv, tanh, ...rest] = body;
const net = new nn.Sequential(
  conv,
  new nn.BatchNorm2d(3, { momentum: null }),
  tanh,
  ...rest,
  new Block(),
  new Block(),
);
if (n > 1) convertSyncBatchNorm(net);
const optimizer = new optim.SGD(net.parameters(), { lr: 0.05, momentum: 0.9 });
const ddp = await distribute(net, optimizer), data = await images(), loss = new nn.CrossEntropyLoss();
const sampler = new DistributedSampler(data, { seed: 5, pad: false });
const loader = new DataLoader(data, { batchSize: BATCH / n, sampler }), losses: number[] = [];
const tensors: number[] = [];
for (let epoch = 0; epoch < 2; epoch++) {
  sampler.setEpoch(epoch);
  for (const [x, y] of loader) {
    {
      using _ = scope();
      const pass = new SyncedPass();
      optimizer.zeroGrad();
      const l = loss.forward(await pass.forward(net, x), y);
      await pass.backward(l, x.shape[0]);
      await ddp.average(x.shape[0]);
      optimizer.step();
      const sums = await group.allReduce(new Float64Array([await l.item() * x.shape[0], x.shape[0]]));
      losses.push(sums[0] / sums[1]);
    }
    tensors.push(device.memory().tensors);
  }
}
const leaked = tensors[10] - tensors[3];
net.eval();
const buffers: Record<string, number[]> = {};
for (const [name, t] of net.namedBuffers()) buffers[name] = [...await t.data()];
let refused = "";
net.train();
try {
  net.forward(new DataLoader(data, { batchSize: 4 })[Symbol.iterator]().next().value![0]);
} catch (error) {
  refused = (error as Error).message;
}
await group.destroy();
if (rank === 0) console.log(JSON.stringify({ losses, buffers, leaked, refused }));
