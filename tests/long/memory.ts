// 20,000 steps of LeNet, as written and captured, and 2,000 of batches whose size changes: memory stays where it was.
import { assert, assertEquals } from "@std/assert";
import type { MemoryReport } from "../../mod.ts";
import { runScript } from "../support/subprocess.ts";

/** What malloc and V8 may keep beyond what they kept when a tenth of the steps was done; 500 bytes a step are still seen. */
const RSS_MARGIN = 8 * 2 ** 20;
/** The same with changing sizes, where the pool and the driver's own caches fill up to their bounds. */
const CHANGING_MARGIN = 64 * 2 ** 20;

/** Lets the script collect, and keeps V8 from enlarging its nursery as it goes. */
const V8_FLAGS = "--v8-flags=--expose-gc,--max-semi-space-size=2";

const MOD = new URL("../../mod.ts", import.meta.url).href;
const LENET = new URL("../../examples/lenet.ts", import.meta.url).href;

interface Plan {
  readonly steps: number;
  /** Batches of 1 to so many; all of so many unless `isChanging`. */
  readonly batch: number;
  readonly isChanging: boolean;
  readonly isCompiled: boolean;
}

type Measure = MemoryReport & { rss: number; loss: number };

const script = (plan: Plan) => `
import { compile, crossEntropy, manualSeed, openDevice, optim, rand, scope, tensor } from "${MOD}";
import { lenet } from "${LENET}";
const { steps, batch, isChanging, isCompiled } = ${JSON.stringify(plan)};
const device = await openDevice();
manualSeed(0);
const net = lenet();
const opt = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
const train = (x, y) => {
  opt.zeroGrad();
  const loss = crossEntropy(net.forward(x), y);
  loss.backward();
  opt.step();
  return loss.detach();
};
const step = isCompiled ? compile(train) : train;
let state = 1;
const isMeasured = (k) => k % (steps / 10) === 0; // by a whole batch, as it is in memory then
const sizeOf = (k) => isChanging && !isMeasured(k) ? 1 + (state = state * 48271 % 2147483647) % batch : batch;
const measures = [];
for (let k = 1; k <= steps; k++) {
  using _ = scope();
  const n = sizeOf(k), loss = step(rand([n, 1, 28, 28]), tensor(Int32Array.from({ length: n }, (_, i) => i % 10)));
  if (!isMeasured(k)) continue;
  const last = await loss.item();
  await device.sync();
  for (let i = 0; i < 2; i++) {
    globalThis.gc();
    await new Promise((done) => setTimeout(done, 20)); // the collector's own clean-up comes after it
  }
  measures.push({ ...device.memory(), rss: Deno.memoryUsage().rss, loss: last });
}
console.log(JSON.stringify(measures));
`;

async function run(plan: Plan): Promise<Measure[]> {
  const { code, stdout, stderr } = await runScript(script(plan), {
    args: ["--no-check", "--allow-env", V8_FLAGS],
    env: { XDG_RUNTIME_DIR: "/" },
  });
  assertEquals(code, 0, stderr);
  const measures: Measure[] = JSON.parse(stdout);
  assertEquals(measures.length, 10);
  assert(measures.every(({ loss }) => Number.isFinite(loss)));
  return measures;
}

for (const isCompiled of [false, true]) {
  const how = isCompiled ? "captured" : "as written";
  Deno.test(`20,000 steps of LeNet, ${how}, end with the memory they had after step 2,000`, async () => {
    const measures = await run({ steps: 20_000, batch: 8, isChanging: false, isCompiled });
    const { rss: early, loss: _, ...before } = measures[0], { rss: late, loss: __, ...after } = measures[9];
    assertEquals(after, before);
    assertEquals(after.forgotten, 0);
    assert(late - early < RSS_MARGIN, `the process grew by ${(late - early) / 2 ** 20} MiB`);
  });

  Deno.test(`2,000 steps of batches of 1 to 64, ${how}, end with the memory they had after step 200`, async () => {
    const measures = await run({ steps: 2000, batch: 64, isChanging: true, isCompiled });
    const { rss: early, ...before } = measures[0], { rss: late, ...after } = measures[9];
    assertEquals([after.tensors, after.forgotten], [before.tensors, 0]);
    if (!isCompiled) assertEquals(after.bytesInUse, before.bytesInUse);
    const most = 64 * 2 ** 20 + 2 * after.peakBytes;
    for (const { bytesInUse, bytesPooled } of measures) assert(bytesInUse + bytesPooled < most);
    assert(late - early < CHANGING_MARGIN, `the process grew by ${(late - early) / 2 ** 20} MiB`);
  });
}
