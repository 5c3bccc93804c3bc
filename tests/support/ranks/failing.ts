// Trains, saves a checkpoint at step 5, and has one rank fail at step 9 in the way that the first argument names.
import { DataLoader, nn, openDevice, optim } from "../../../mod.ts";
import { distribute, DistributedSampler, init, saveDistributed } from "../../../nn/distributed/mod.ts";
import { images, makeNet } from "./training_parts.ts";

await openDevice();
const group = await init(), [fault, who, file] = Deno.args;
const net = makeNet(),
  optimizer = new optim.SGD(net.parameters(), { lr: 0.1 }),
  loss = new nn.CrossEntropyLoss();
const together = await distribute(net, optimizer, { checkEvery: 1 });
const step = together.compile((x, y) => loss.forward(net.forward(x), y));
const data = await images(), sampler = new DistributedSampler(data, { seed: 1 });
const loader = new DataLoader(data, { batchSize: 4, sampler });

/** Fails. */
function fail(): void {
  console.error(`fault at ${Date.now()}`);
  if (fault === "throw") throw new RangeError("Cannot go on as the test must fail: it does");
  if (fault === "exit") Deno.exit(0);
  if (fault === "kill") Deno.kill(Deno.pid, "SIGKILL");
  if (fault === "stop") Deno.kill(Deno.pid, "SIGSTOP");
  if (fault === "memory") { for (const all: number[][] = [];;) all.push(new Array(1e6).fill(Math.random())); }
}

for (let epoch = 0; epoch < 100; epoch++) {
  sampler.setEpoch(epoch);
  for (const [x, y] of loader) {
    (await step(x, y)).dispose();
    if (group.step === 5) await saveDistributed(file, { net, optimizer, loader: sampler, together });
    if (group.step === 9 && group.rank === Number(who)) fail();
  }
}
