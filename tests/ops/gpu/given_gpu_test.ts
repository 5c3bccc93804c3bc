// A program that has an adapter or a device of WebGPU's already, such as a page that draws with it.
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { full, nn, noGrad, openDevice, optim, tensor, zeros } from "../../../mod.ts";
import { findGpu } from "../../../ops/gpu/find_gpu.ts";

async function newAdapter(): Promise<GPUAdapter> {
  const adapter = await navigator.gpu.requestAdapter();
  assert(adapter);
  return adapter;
}

/** Trains for two steps, so that work is captured, replayed and read. */
async function losses(): Promise<number[]> {
  const net = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 2));
  net.parameters().forEach((p, k) => noGrad(() => p.set([], full(p.shape, 0.1 * (k + 1)))));
  const opt = new optim.SGD(net.parameters(), { lr: 0.5 }), loss = new nn.CrossEntropyLoss();
  const x = tensor([[1, 2, 3], [4, 5, 6]]), y = tensor([0, 1], { dtype: "int32" }), found: number[] = [];
  for (let step = 0; step < 2; step++) {
    opt.zeroGrad();
    const l = loss.forward(net.forward(x), y);
    l.backward();
    opt.step();
    found.push(await l.item());
  }
  return found;
}

Deno.test("openDevice() asks an adapter that is given for its device", async () => {
  const device = await openDevice(), want = await losses();
  device.close();
  const adapter = await newAdapter(), given = await openDevice({ adapter });
  assertStrictEquals(given.adapter, adapter);
  assertEquals([given.isBorrowed, given.name], [false, device.name]);
  assertStrictEquals(await openDevice({ adapter }), given);
  assertEquals(await losses(), want);
  const other = await newAdapter();
  await assertRejects(
    () => openDevice({ adapter: other }),
    Error,
    "Cannot open a device as adapter must be that of the one that is open: it is another (close() it first)",
  );
  given.close();
});

Deno.test("openDevice() works on a device that is given, with its limits, and leaves it open", async () => {
  const gpu = await (await newAdapter()).requestDevice(); // the limits that every adapter has
  const given = await openDevice({ device: gpu });
  assertStrictEquals(given.gpu, gpu);
  assertEquals([given.isBorrowed, given.limits.maxStorageBuffersPerShaderStage], [true, 8]);
  assertEquals(typeof given.name, "string");
  assertEquals((await losses()).length, 2);
  const held = zeros([1000]), made = given.memory().bytesInUse;
  assert(made >= 4000);
  given.close();
  assertEquals([given.closed, given.memory().bytesPooled], [true, 0]);
  held.dispose(); // its memory goes at once, as there is no next use
  assertEquals(given.memory().bytesPooled, 0);
  gpu.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE }).destroy();
  assertEquals(await Promise.race([gpu.lost.then(() => "lost"), Promise.resolve("open")]), "open");
  const next = await openDevice();
  assert(next.gpu !== gpu);
  await assertRejects(
    () => openDevice({ device: gpu }),
    Error,
    "device must be that of the one that is open",
  );
  next.close();
  gpu.destroy();
});

Deno.test("openDevice() refuses both, and what is neither", async () => {
  const adapter = await newAdapter(), device = await adapter.requestDevice();
  await assertRejects(
    () => openDevice({ adapter, device }),
    TypeError,
    "Cannot open a device as adapter or device must be given: found both",
  );
  for (const wrong of [{ adapter: device }, { device: adapter }, { device: {} }]) {
    // deno-lint-ignore no-explicit-any
    await assertRejects(() => openDevice(wrong as any), TypeError, "must be a GPU");
  }
  device.destroy();
});

/** The message with which an adapter is not found where these globals are. */
async function messageWith(globals: Record<string, unknown>): Promise<string> {
  const before = Object.entries(globals).map(([name]) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
  );
  const define = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  for (const [name, value] of Object.entries(globals)) define(name, value);
  try {
    return await findGpu({}).then(() => "found", (error) => error.message);
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  }
}

Deno.test("a page without WebGPU is told what to do, and so is Node", async () => {
  const page = { Deno: undefined, document: {}, process: undefined };
  assertEquals(
    await messageWith({ ...page, navigator: {}, isSecureContext: false }),
    "Cannot open a device as the runtime must have WebGPU: navigator.gpu is missing. " +
      "A browser gives it to pages of https: and of localhost alone",
  );
  assertEquals(
    await messageWith({ ...page, navigator: {}, isSecureContext: true }),
    "Cannot open a device as the runtime must have WebGPU: navigator.gpu is missing. " +
      "Chrome and Edge have it from 113 on, Safari from 26, Firefox from 141 on Windows and from 145 on macOS",
  );
  assertEquals(
    await messageWith({ ...page, navigator: { gpu: { requestAdapter: () => Promise.resolve(null) } } }),
    "Cannot open a device as a WebGPU adapter must be there: none was found. " +
      "Let the browser use the graphics card (hardware acceleration in its settings) and restart it",
  );
  assertEquals(
    await messageWith({
      Deno: undefined,
      WorkerGlobalScope: undefined,
      navigator: undefined,
      process: { versions: { node: "20.20.2" } },
    }),
    "Cannot open a device as the runtime must have WebGPU: navigator.gpu is missing. " +
      "In Node, `npm install webgpu` and give openDevice({ adapter }) an adapter of that package",
  );
});

Deno.test("an adapter that gives no device is told of with its words", async () => {
  const { info, limits, features } = await newAdapter();
  const requestDevice = () => Promise.reject(new TypeError("it was used up"));
  await assertRejects(
    () => findGpu({ adapter: { info, limits, features, requestDevice } as unknown as GPUAdapter }),
    Error,
    "Cannot open a device as its adapter must give one: it was used up",
  );
});
