// Trains on all ranks, in the ways that the arguments name; rank 0 writes losses and weights of each.
import { compile, DataLoader, nn, openDevice, optim, scope, Subset, Tensor } from "../../../mod.ts";
import { DiLoCo, distribute, DistributedSampler, init, LocalSGD } from "../../../nn/distributed/mod.ts";
import { BATCH, bits, images, makeNet } from "./training_parts.ts";

const device = await openDevice(), group = await init({ silence: 60 });
const { rank, worldSize: n } = group, data = await images(), loss = new nn.CrossEntropyLoss();
const result: Record<string, unknown> = { n };

async function train(mode: string) {
  const net = makeNet(rank), optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  if (mode === "partial") net.usesScale = rank === n - 1;
  const lossOf = (x: Tensor, y: Tensor) => loss.forward(net.forward(x), y);
  const ddp = await distribute(net, optimizer, { delay: mode === "delayed" ? 1 : 0, checkEvery: 4 });
  const images = mode === "idle" ? new Subset(data, Array.from({ length: BATCH + 1 }, (_, i) => i)) : data;
  const sampler = new DistributedSampler(images, { seed: 5, pad: false });
  const loader = new DataLoader(images, { batchSize: BATCH / n, sampler });
  const outerOptimizer = new optim.SGD(net.parameters(), { lr: 0.7, momentum: 0.9, nesterov: true });
  const local = mode === "local"
    ? new LocalSGD(net, { syncEvery: 4 })
    : mode === "diloco"
    ? new DiLoCo(net, { syncEvery: 4, outerOptimizer })
    : null;
  const own = compile((x: Tensor, y: Tensor): Tensor => {
    optimizer.zeroGrad();
    const l = lossOf(x, y);
    l.backward();
    optimizer.step();
    return l.detach();
  });
  const step = local ? own : ddp.compile(lossOf, { compile: mode !== "eager" });
  const byHand = mode === "average", losses: number[] = [];
  for (let epoch = 0; epoch < 2; epoch++) {
    sampler.setEpoch(epoch);
    for (const [x, y] of loader) {
      let l: Tensor;
      if (byHand) {
        optimizer.zeroGrad();
        l = scoped(() => {
          const l = lossOf(x, y);
          l.backward();
          return l.detach();
        });
        await ddp.average(x.shape[0]);
        scoped(() => optimizer.step());
      } else l = await step(x, y);
      const sums = await group.allReduce(new Float64Array([await l.item() * x.shape[0], x.shape[0]]));
      losses.push(sums[0] / sums[1]);
      l.dispose();
      await local?.step();
    }
    for (let k = loader.length; k < Math.ceil(images.length / BATCH); k++) {
      await ddp.idle(); // the other ranks have a batch more
      const sums = await group.allReduce(new Float64Array(2));
      losses.push(sums[0] / sums[1]);
    }
  }
  await ddp.flush();
  await local?.sync();
  await (local ?? ddp).checkWeights();
  const unused = net.unused.weight.grad === null, scale = net.scale.weight.grad !== null;
  const captures = mode === "eager" ? 0 : local ? own.captures : undefined;
  result[mode] = { losses, bits: await bits(net), unused, scale, captures };
  for (const each of [ddp, local, own, net, optimizer, outerOptimizer]) each?.dispose();
}

function scoped<T>(fn: () => T): T {
  using inner = scope();
  const made = fn();
  if (made instanceof Tensor) inner.keep(made);
  return made;
}

for (const mode of Deno.args) {
  const { tensors } = device.memory();
  await train(mode);
  result[mode] = { ...result[mode] as object, leaked: device.memory().tensors - tensors };
}
result.bytes = group.bytesSent;
await group.destroy();
if (rank === 0) console.log(JSON.stringify(result));
