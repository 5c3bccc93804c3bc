// Measures the LeNet training step: batch 256, forward, backward, SGD, without data loading.
// deno task bench
import { nn, openDevice, optim, rand, scope, tensor } from "../../mod.ts";
import { lenet } from "../../examples/lenet.ts";
import { gpuSeconds, median } from "./timing.ts";

const BATCH = 256, STEPS = 50, ROUNDS = 5;

const device = await openDevice();
const net = lenet(), loss = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(net.parameters(), { lr: 0.9 });
const x = rand([BATCH, 1, 28, 28]);
const y = tensor(Int32Array.from({ length: BATCH }, (_, i) => i % 10));

function step(): void {
  using _ = scope();
  optimizer.zeroGrad();
  loss.forward(net.forward(x), y).backward();
  optimizer.step();
}

const started = performance.now();
step();
await device.sync();
console.log(`${device.name}, ${device.profile} kernels`);
console.log(`first step, kernels compiled: ${((performance.now() - started) / 1000).toFixed(2)} s`);

const times: number[] = [];
for (let round = 0; round < ROUNDS; round++) times.push(await gpuSeconds(device, STEPS, step) / STEPS);
const seconds = median(times), before = device.queue.dispatches;
step();
console.log(
  `LeNet step, batch ${BATCH}: ${(1000 * seconds).toFixed(2)} ms, ${Math.round(BATCH / seconds)} examples/s`,
);
console.log(
  `${device.queue.dispatches - before} dispatches a step; median of ${ROUNDS} rounds of ${STEPS} steps`,
);

console.log("\nkernel                      calls     ms   share  GFLOP/s");
for (const row of await device.profileKernels(step)) {
  const gflops = row.gflops === null ? "" : row.gflops.toFixed(1);
  const share = `${(100 * row.share).toFixed(1)}%`;
  console.log(
    `${row.kernel.padEnd(28)}${`${row.calls}`.padStart(5)}${row.ms.toFixed(2).padStart(7)}${
      share.padStart(8)
    }${gflops.padStart(9)}`,
  );
}
