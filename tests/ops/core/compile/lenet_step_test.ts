// What the captured LeNet step at batch 256 may take: kernels, memory.
import { assert, assertEquals } from "@std/assert";
import { compile, nn, openDevice, optim, rand, type Tensor, tensor } from "../../../../mod.ts";
import { lenet } from "../../../../examples/lenet.ts";

const device = await openDevice();

/** Dispatches that the update of ten parameters needs beyond one where few buffers can be bound: two are, for each. */
const MORE = Math.ceil(10 / Math.floor(Math.min(20, device.limits.maxStorageBuffersPerShaderStage) / 2)) - 1;
/** On a GPU the gradients of two more of the linear layers' weights are sums of chunks. */
const MOST = { cpu: 24, gpu: 26 }[device.kernels] + MORE;

Deno.test(`the captured LeNet step takes ${MOST} kernels and 25 MB beside data and parameters at most`, async () => {
  const net = lenet(), opt = new optim.SGD(net.parameters(), { lr: 0.9 }), loss = new nn.CrossEntropyLoss();
  const x = rand([256, 1, 28, 28]), y = tensor(Int32Array.from({ length: 256 }, (_, i) => i % 10));
  const step = compile((x: Tensor, y: Tensor) => {
    opt.zeroGrad();
    const l = loss.forward(net.forward(x), y);
    l.backward();
    opt.step();
    return l;
  });
  const before = device.memory().bytesInUse;
  step(x, y).dispose();
  const bytes = device.memory().bytesInUse - before;
  assert(step.dispatches <= MOST, `${step.dispatches} kernels`);
  assert(bytes <= 25e6, `${bytes} bytes`);
  step(x, y).dispose();
  assertEquals(device.memory().bytesInUse - before, bytes);
  await device.sync(); // Deno panics where a process ends long before its work on a slow adapter does
});
