// A thousand training steps in a process of their own: nothing may grow.
import { assert, assertEquals } from "@std/assert";
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

Deno.test("1,000 training steps end with the memory they had after step 50", async () => {
  const { code, stdout, stderr } = await runScript(SCRIPT, {
    args: ["--no-check", "--allow-env", V8_FLAGS],
    env: { XDG_RUNTIME_DIR: "/" },
  });
  assertEquals([code, stderr], [0, ""]);
  const measures = JSON.parse(stdout);
  assertEquals(measures.length, 20);
  const { rss: early, ...before } = measures[0], { rss: late, ...after } = measures[19];
  assertEquals(after, before);
  assertEquals(before.forgotten, 0);
  assert(late - early < RSS_MARGIN, `the process grew by ${(late - early) / 2 ** 20} MiB`);
});
