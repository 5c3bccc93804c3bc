// A device that is lost, as `gpu.destroy()` has it: everybody is told, and another takes its place.
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  compile,
  type Device,
  full,
  manualSeed,
  nn,
  openDevice,
  optim,
  rand,
  scope,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { assertRefuses } from "../../support/values.ts";

const LOST =
  "Cannot use the GPU as its device was lost: destroyed, device was lost. What lay on it is gone; " +
  "`await openDevice()` opens another";
/** Before the reason is known, which it is at the end of the turn. */
const LOST_NOW = LOST.replace("destroyed, device was lost", "destroyed, or given up by its driver");

/** Loses the open device, and waits until that is known. */
async function lose(device: Device): Promise<void> {
  device.gpu.destroy();
  await device.gpu.lost;
  await Promise.resolve();
}

const messageOf = async (promise: Promise<unknown>) => (await assertRejects(() => promise, Error)).message;

Deno.test("reads and waits that are on their way when the device is lost say so, and why", async () => {
  const device = await openDevice(), x = rand([500, 500]);
  const pending = [x.data(), x.matmul(x).sum().item(), x.add(1).toArray(), device.sync()];
  device.gpu.destroy();
  for (const read of pending) assertEquals(await messageOf(read), LOST);
  assertEquals([device.lost, device.closed], [true, false]);
  assertMatch(String(device), /^Device\(.*, lost \(destroyed, device was lost\)\)$/);
});

Deno.test("what begins in the turn in which the device is lost is told as well", async () => {
  const device = await openDevice(), x = tensor([1, 2, 3]), y = x.add(1);
  device.trim();
  device.gpu.destroy();
  assertEquals(await messageOf(y.data()), LOST_NOW);
  const next = await openDevice();
  assert(next !== device);
  const z = tensor([1, 2]);
  next.trim();
  next.gpu.destroy();
  assertRefuses(() => z.add(1), Error, LOST_NOW); // as no buffer can be made
  await next.gpu.lost;
  assertRefuses(
    () => tensor([1]),
    Error,
    "Cannot make a tensor as a device must be open: the last one was lost (destroyed, device was lost), " +
      "call `await openDevice()` first",
  );
});

Deno.test("openDevice() gives a fresh device in the place of a lost one, at once and to all that ask", async () => {
  const device = await openDevice();
  device.gpu.destroy();
  const [a, b] = await Promise.all([openDevice(), openDevice()]);
  assertStrictEquals(a, b);
  assert(a !== device);
  assertEquals([a.lost, device.lost], [false, true]);
  assertEquals(await tensor([1, 2]).add(1).toArray(), [2, 3]);
  await lose(a);
  const other = a.kernels === "cpu" ? "gpu" : "cpu";
  const third = await openDevice({ kernels: other }); // the options of one that is lost bind nobody
  assertEquals(third.kernels, other);
  assertEquals(await tensor([1, 2]).add(1).toArray(), [2, 3]);
  third.close();
});

Deno.test("tensors of a lost device are refused by name, beside those of the fresh one too", async () => {
  const device = await openDevice(), x = tensor([[1, 2, 3]]), net = new nn.Linear(3, 2);
  await lose(device);
  await openDevice();
  const refused = (name: string) =>
    `Cannot apply ${name} as its tensors must be on one open device: one was lost (destroyed, device was lost)`;
  assertRefuses(() => x.add(1), Error, refused("add"));
  assertRefuses(() => tensor([[1, 2, 3]]).add(x), Error, refused("add"));
  assertRefuses(() => net.forward(tensor([[1, 2, 3]])), Error, refused("linear"));
  assertEquals(await messageOf(x.data()), LOST);
  assertEquals(await messageOf(device.sync()), LOST);
  x.dispose();
  net.dispose();
  device.close();
  assertEquals([device.closed, device.memory().tensors], [true, 0]);
});

/** Five steps of a small network from the same beginning, on whatever device is open; `onStep` is called within each. */
function training(onStep: (k: number) => void = () => {}) {
  manualSeed(3);
  const net = new nn.Sequential(new nn.Linear(8, 16), new nn.Tanh(), new nn.Linear(16, 2));
  const opt = new optim.Adam(net.parameters(), { lr: 0.01 });
  const run = (k: number) => {
    using _ = scope();
    opt.zeroGrad();
    const loss = net.forward(full([32, 8], 0.1 * k)).square().mean();
    onStep(k);
    loss.backward();
    opt.step();
  };
  const weights = () => Promise.all(net.parameters().map((p) => p.data()));
  return { net, run, weights };
}

Deno.test("a training whose device is lost within a step ends with the right bits on a fresh one", async () => {
  await openDevice();
  const straight = training();
  for (let k = 0; k < 5; k++) straight.run(k);
  const wanted = await straight.weights();
  for (const isWarm of [false, true]) {
    const device = await openDevice();
    if (isWarm) training().run(0); // buffers wait in the pool: the loss is seen at the read only
    const first = training((k) => k === 3 && device.gpu.destroy());
    for (let k = 0; k < 3; k++) first.run(k);
    const saved = await first.weights();
    const error = await assertRejects(async () => {
      first.run(3);
      await first.weights();
    }, Error);
    assert([LOST, LOST_NOW].includes(error.message), error.message);
    await openDevice();
    const again = training();
    for (let k = 0; k < 5; k++) {
      again.run(k);
      if (k === 2) assertEquals(await again.weights(), saved);
    }
    assertEquals(await again.weights(), wanted);
  }
});

Deno.test("a compiled step goes over to the fresh device with what it is given there", async () => {
  const device = await openDevice(), step = compile((x: Tensor) => x.mul(2).add(1).exp());
  const values = [0, 1, -1], wanted = await step(tensor(values)).data();
  const x = tensor(values), pending = step(x).data();
  device.gpu.destroy();
  assertEquals(await messageOf(pending), LOST);
  assertThrows(() => step(x), Error, "as a device must be open: the last one was lost");
  await openDevice();
  assertThrows(() => step(x), Error, "one was lost");
  assertEquals(await step(tensor(values)).data(), wanted);
  step.dispose();
});

Deno.test("a profile ends with the loss", async () => {
  const device = await openDevice();
  const profile = device.profileKernels(() => {
    rand([10]).mul(3.25).add(0.125);
    device.gpu.destroy();
  });
  assertEquals(await messageOf(profile), LOST);
  await openDevice();
  assertEquals(await tensor([1, 2]).mul(3.25).toArray(), [3.25, 6.5]);
});
