// What a step of several ranks costs, and its parts: mpirun -n 2 deno run -P=distributed tests/bench/distributed.ts
import { compile, manualSeed, nn, openDevice, optim, rand, type Tensor, tensor } from "../../mod.ts";
import { DiLoCo, distribute, init } from "../../nn/distributed/mod.ts";
import { lenet } from "../../examples/lenet.ts";

const BATCH = 240, STEPS = Number(Deno.args[0] ?? 60);

await openDevice();
const group = await init({ silence: 60 }), { rank, worldSize: n } = group;

/** Milliseconds of a call, the median and the tenth percentile of the slowest rank. */
async function timed(call: () => Promise<unknown>, times = STEPS): Promise<[median: number, tenth: number]> {
  const taken: number[] = [];
  for (let k = 0; k < times + 5; k++) {
    await group.barrier();
    const start = performance.now();
    await call();
    const [slowest] = await group.allReduce(new Float64Array([performance.now() - start]), { op: "max" });
    if (k >= 5) taken.push(slowest);
  }
  taken.sort((a, b) => a - b);
  return [taken[Math.floor(times / 2)], taken[Math.floor(times / 10)]];
}

manualSeed(1);
const net = lenet(),
  optimizer = new optim.SGD(net.parameters(), { lr: 0.1 }),
  loss = new nn.CrossEntropyLoss();
const x = rand([BATCH / n, 1, 28, 28]), y = tensor(Int32Array.from({ length: BATCH / n }, (_, i) => i % 10));
const lossOf = (x: Tensor, y: Tensor) => loss.forward(net.forward(x), y);
const own = compile((x: Tensor, y: Tensor): Tensor => {
  optimizer.zeroGrad();
  const l = lossOf(x, y);
  l.backward();
  optimizer.step();
  return l.detach();
});
const result: Record<string, unknown> = { n };
for (const size of [1, 1000, 61706, 1 << 20, 1 << 22]) {
  const values = new Float32Array(size), times = size > 1e5 ? 15 : 2 * STEPS;
  result[`ranks ${size}`] = await timed(() => group.allReduce(values), times);
  result[`mpi ${size}`] = await timed(() => group.allReduce(values, { order: "mpi" }), times);
}
const flat = rand([61706]);
result.read = await timed(() => flat.data());
result.compute = await timed(async () => { // the step and the wait for it, whose 10 ms of sleep `read` has alone
  await own(x, y).item();
});
for (const delay of [0, 1] as const) {
  const ddp = await distribute(net, optimizer, { delay }), step = ddp.compile(lossOf);
  const before = group.bytesSent;
  result[`step, delay ${delay}`] = await timed(async () => (await step(x, y)).dispose());
  result[`bytes, delay ${delay}`] = Math.round((group.bytesSent - before) / (STEPS + 5));
  await ddp.flush();
  ddp.dispose();
}
const outerOptimizer = new optim.SGD(net.parameters(), { lr: 0.7, momentum: 0.9, nesterov: true });
const diloco = new DiLoCo(net, { syncEvery: 10, outerOptimizer });
const [median, tenth] = await timed(async () => {
  for (let k = 0; k < 10; k++) {
    own(x, y).dispose();
    await diloco.step();
  }
}, Math.ceil(STEPS / 6));
result["step, DiLoCo of 10"] = [median / 10, tenth / 10];
await group.destroy();
if (rank === 0) {
  for (const [name, value] of Object.entries(result)) console.log(name.padEnd(20), JSON.stringify(value));
}
