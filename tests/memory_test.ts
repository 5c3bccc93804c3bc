// Training, uploads and devices in processes of their own: nothing may grow.
import { assert, assertEquals } from "@std/assert";
import type { MemoryReport } from "../mod.ts";
import { runScript } from "./support/subprocess.ts";

/** What malloc and V8 may keep beyond what they kept at step 50; ten leaked kilobytes a step are still seen. */
const RSS_MARGIN = 8 * 2 ** 20;

/**
 * Lets the script collect after every epoch, so that what is left is held and not merely uncollected; and keeps V8 from
 * enlarging its nursery as it goes, which alone takes up to 48 MiB.
 */
const V8_FLAGS = "--v8-flags=--expose-gc,--max-semi-space-size=2";

const MOD = new URL("../mod.ts", import.meta.url).href;

const SCRIPT = `
import { crossEntropy, DataLoader, manualSeed, nn, openDevice, optim, scope } from "${MOD}";

const device = await openDevice();
manualSeed(0);
const net = new nn.Sequential(
  new nn.Conv2d(1, 6, 5, { padding: 2 }),
  new nn.Sigmoid(),
  new nn.AvgPool2d(2, { stride: 2 }),
  new nn.Conv2d(6, 16, 5),
  new nn.Sigmoid(),
  new nn.MaxPool2d(2, { stride: 2 }),
  new nn.Flatten(),
  new nn.Linear(400, 120),
  new nn.Sigmoid(),
  new nn.Linear(120, 84),
  new nn.Sigmoid(),
  new nn.Linear(84, 10),
);
const opt = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
const length = 396;
const images = { dtype: "uint8", shape: [length, 28, 28], data: new Uint8Array(length * 784).map((_, i) => i * 37) };
const labels = { dtype: "uint8", shape: [length], data: new Uint8Array(length).map((_, i) => i % 10) };
const loader = new DataLoader({ images, labels, classes: [], length }, { batchSize: 8, shuffle: true });

async function measure() {
  await device.sync();
  globalThis.gc();
  await new Promise((done) => setTimeout(done, 20)); // the collector's own clean-up comes after it
  globalThis.gc();
  const { tensors, bytesInUse, bytesPooled, forgotten } = device.memory();
  return { tensors, bytesInUse, bytesPooled, forgotten, rss: Deno.memoryUsage().rss };
}

const measures = [];
for (let epoch = 0; epoch < 20; epoch++) {
  let loss = 0;
  for (const [x, y] of loader) { // 50 batches, the last one smaller
    using _ = scope();
    opt.zeroGrad();
    const l = crossEntropy(net.forward(x), y);
    l.backward();
    opt.step();
    if (x.shape[0] < 8) loss = await l.item();
  }
  if (!Number.isFinite(loss)) throw new Error("the loss is " + loss);
  measures.push(await measure());
}
console.log(JSON.stringify(measures));
`;

/** Runs a script that may collect, and gives the JSON that it prints. */
async function outcomeOf(script: string): Promise<unknown> {
  const { code, stdout, stderr } = await runScript(script, {
    args: ["--no-check", "--allow-env", V8_FLAGS],
    env: { XDG_RUNTIME_DIR: "/" },
  });
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

Deno.test("1,000 training steps end with the memory they had after step 50", async () => {
  const measures = await outcomeOf(SCRIPT) as (MemoryReport & { rss: number })[];
  assertEquals(measures.length, 20);
  const { rss: early, ...before } = measures[0], { rss: late, ...after } = measures[19];
  assertEquals(after, before);
  assertEquals(before.forgotten, 0);
  assert(late - early < RSS_MARGIN, `the process grew by ${(late - early) / 2 ** 20} MiB`);
});

const UPLOADS = `
import { openDevice, tensor } from "${MOD}";
const device = await openDevice(), data = new Float32Array(4e6); // 16 MB
tensor(data).dispose();
await device.sync();
const start = Deno.memoryUsage().rss;
let most = 0;
for (let k = 0; k < 100; k++) {
  tensor(data).dispose();
  most = Math.max(most, Deno.memoryUsage().rss - start);
}
await device.sync();
console.log(JSON.stringify({ most, pooled: device.memory().bytesPooled }));
`;

Deno.test("uploads that nothing uses do not pile up: 1.6 GB take no more than 512 MiB at any time", async () => {
  const { most, pooled } = await outcomeOf(UPLOADS) as { most: number; pooled: number };
  assert(most < 512 * 2 ** 20, `${most / 2 ** 20} MiB`);
  assertEquals(pooled, 16 * 2 ** 20);
});

const FORGOTTEN = `
import { openDevice, rand } from "${MOD}";
const device = await openDevice(), w = rand([2 ** 19], { requiresGrad: true });
const measures = [];
let last = null;
for (let k = 0; k < 200; k++) { // 2 MiB a tensor, 1.6 GB and more in all
  w.clearGrad();
  last = w.mul(w).add(1).mul(0.5).mean();
  last.backward();
  if (k % 20 < 19) continue;
  await last.item();
  const { bytesInUse, bytesPooled, forgotten } = device.memory();
  measures.push({ bytes: bytesInUse + bytesPooled, forgotten });
}
console.log(JSON.stringify(measures));
`;

Deno.test("tensors that a loop without scopes forgets come back where it reads now and then", async () => {
  const measures = await outcomeOf(FORGOTTEN) as { bytes: number; forgotten: number }[];
  const most = Math.max(...measures.map(({ bytes }) => bytes));
  assert(most < 640 * 2 ** 20, `${most / 2 ** 20} MiB`);
  assert(measures.at(-1)!.forgotten > 500, `${measures.at(-1)!.forgotten} came back`);
});

const DEVICES = `
import { openDevice, rand } from "${MOD}";
const sizes = [];
for (let k = 0; k < 40; k++) {
  const device = await openDevice(), x = rand([64, 64]);
  await x.matmul(x).softmax({ dim: 1 }).sum().item();
  device.close();
  globalThis.gc();
  await new Promise((done) => setTimeout(done, 15));
  globalThis.gc();
  sizes.push(Deno.memoryUsage().rss);
}
console.log(JSON.stringify(sizes));
`;

Deno.test("40 devices that are opened, used and closed leave nothing: the last 20 take no more than the ones before", async () => {
  const sizes = await outcomeOf(DEVICES) as number[];
  assertEquals(sizes.length, 40);
  assert(sizes[39] - sizes[19] < RSS_MARGIN, `the process grew by ${(sizes[39] - sizes[19]) / 2 ** 20} MiB`);
});
