/**
 * What ways of training together should come to, computed on one rank.
 *
 * @module
 */
import { DataLoader, nn, openDevice, optim, Subset, type Tensor } from "../../../mod.ts";
import { DistributedSampler } from "../../../nn/distributed/mod.ts";
import { BATCH, images, makeNet } from "./training_parts.ts";

/** The losses where each update is by the gradients of the step before. */
export async function delayedLosses(): Promise<number[]> {
  await openDevice();
  const data = await images(), net = makeNet(), loss = new nn.CrossEntropyLoss(), losses: number[] = [];
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  const loader = new DataLoader(data, { batchSize: BATCH, shuffle: true, seed: 5 });
  let before: (Tensor | null)[] | null = null;
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const [x, y] of loader) {
      optimizer.zeroGrad();
      const l: Tensor = loss.forward(net.forward(x), y);
      l.backward();
      losses.push(await l.item());
      const now: (Tensor | null)[] = net.parameters().map((p) => p.grad?.clone() ?? null);
      if (before) {
        net.parameters().forEach((p, k) => p.grad = before![k]);
        optimizer.step();
      }
      before = now;
    }
  }
  net.dispose();
  return losses;
}

/** The mean losses of two ranks that meet every fourth step, by averaging or by an outer optimiser. */
export async function meetingLosses(isDiLoCo: boolean): Promise<number[]> {
  await openDevice();
  const data = await images(), nets = [makeNet(), makeNet()], loss = new nn.CrossEntropyLoss();
  const optimizers = nets.map((net) => new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 }));
  const samplers = [0, 1].map((rank) =>
    new DistributedSampler(data, { numReplicas: 2, rank, seed: 5, pad: false })
  );
  const all = makeNet(); // the weights of the last meeting
  const outer = new optim.SGD(all.parameters(), { lr: 0.7, momentum: 0.9, nesterov: true });
  const losses: number[] = [];
  let steps = 0;
  for (let epoch = 0; epoch < 2; epoch++) {
    const orders = samplers.map((sampler) => (sampler.setEpoch(epoch), [...sampler]));
    for (let at = 0; at < orders[0].length; at += BATCH / 2) {
      let sum = 0, count = 0;
      for (const [r, net] of nets.entries()) {
        const part = new Subset(data, orders[r].slice(at, at + BATCH / 2));
        for (const [x, y] of new DataLoader(part, { batchSize: BATCH })) {
          optimizers[r].zeroGrad();
          const l = loss.forward(net.forward(x), y);
          l.backward();
          optimizers[r].step();
          sum += await l.item() * x.shape[0];
          count += x.shape[0];
        }
      }
      losses.push(sum / count);
      if (++steps % 4 === 0) await meet(nets, all, outer, isDiLoCo);
    }
  }
  for (const net of [...nets, all]) net.dispose();
  return losses;
}

async function meet(nets: nn.Module[], all: nn.Module, outer: optim.SGD, isDiLoCo: boolean): Promise<void> {
  const params = nets.map((net) => net.parameters());
  for (const [k, p] of all.parameters().entries()) {
    const mean = params[0][k].detach().add(params[1][k].detach()).mul(0.5);
    if (isDiLoCo) p.grad = p.detach().sub(mean);
    else all.loadStateDict({ ...all.stateDict(), [all.namedParameters()[k][0]]: mean });
  }
  if (isDiLoCo) outer.step();
  for (const net of nets) net.loadStateDict(all.stateDict());
  await Promise.resolve();
}
