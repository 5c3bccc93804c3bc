// Trains with a checkpoint in the middle of an epoch, or goes on from it; rank 0 writes the weights' bits.
import { compile, DataLoader, nn, openDevice, optim, type Tensor } from "../../../mod.ts";
import {
  DiLoCo,
  distribute,
  DistributedSampler,
  init,
  loadDistributed,
} from "../../../nn/distributed/mod.ts";
import { saveDistributed, seedByRank } from "../../../nn/distributed/mod.ts";
import { BATCH, bits, images, makeNet } from "./training_parts.ts";

/** Steps of the epoch before the checkpoint. */
const BEFORE = 4;

await openDevice();
const group = await init({ silence: 60 }), [mode, what, file] = Deno.args, { rank, worldSize: n } = group;
const data = await images(120), loss = new nn.CrossEntropyLoss();
const net = new nn.Sequential(
  makeNet(rank),
  new nn.BatchNorm1d(10),
  new nn.Dropout(0.2),
  new nn.Linear(10, 10),
);
const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 });
const outer = new optim.SGD(net.parameters(), { lr: 0.7, momentum: 0.9, nesterov: true });
const ddp = await distribute(net, optimizer, { delay: mode === "delayed" ? 1 : 0 });
const diloco = mode === "diloco" ? new DiLoCo(net, { syncEvery: 2, outerOptimizer: outer }) : null;
const lossOf = (x: Tensor, y: Tensor) => loss.forward(net.forward(x), y);
const own = compile((x: Tensor, y: Tensor): Tensor => {
  optimizer.zeroGrad();
  const l = lossOf(x, y);
  l.backward();
  optimizer.step();
  return l.detach();
});
const step = diloco ? own : ddp.compile(lossOf);
const sampler = new DistributedSampler(data, { seed: 5 }), losses: number[] = [];
const loader = new DataLoader(data, { batchSize: BATCH / n, sampler });
const parts = {
  net,
  optimizer: diloco ? [optimizer, outer] : optimizer,
  loader: sampler,
  together: diloco ?? ddp,
};
seedByRank(11);
let extra: unknown = null, worldSize = n;
if (what === "resume") ({ extra, worldSize } = await loadDistributed(file, parts));
const places: number[] = [];
for (let epoch = sampler.epoch; epoch < 2; epoch++) {
  sampler.setEpoch(epoch);
  let k = what === "resume" && epoch === 0 ? BEFORE : 0;
  for (const [x, y] of loader) {
    const l = await step(x, y);
    await diloco?.step();
    const sums = await group.allReduce(new Float64Array([await l.item() * x.shape[0], x.shape[0]]));
    losses.push(sums[0] / sums[1]);
    if (epoch === 0) places.push(x.shape[0]);
    l.dispose();
    if (epoch === 0 && ++k === BEFORE && what === "save") {
      await saveDistributed(file, { ...parts, extra: { k } });
    }
  }
}
await ddp.flush();
await diloco?.sync();
await ddp.checkWeights();
const taken = await group.allReduce(new Int32Array([places.reduce((a, b) => a + b, 0)]));
const result = { losses, bits: await bits(net), extra, worldSize, taken: taken[0] };
await group.destroy();
if (rank === 0) console.log(JSON.stringify(result));
