import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { compile, nn, ones, openDevice, optim, tensor } from "../../../mod.ts";
import { assertClose, assertRefuses } from "../../support/values.ts";

await openDevice();
const { AveragedModel, updateBn } = optim.swaUtils;

const single = () => new nn.Linear(1, 1, { bias: false });

Deno.test("AveragedModel averages all updates alike, or keeps a share of itself", async () => {
  for (const [decay, want] of [[undefined, [1, 2, 3]], [0.75, [1, 1.5, 2.375]]] as const) {
    const net = single(), average = new AveragedModel(net, { decay }), found: number[] = [];
    for (const value of [1, 3, 5]) {
      nn.init.constant(net.weight, value);
      average.updateParameters();
      found.push(await average.forward(ones([1, 1])).item());
    }
    assertClose(found, want, { rtol: 1e-6 });
    assertEquals([average.nAveraged, await net.weight.item()], [3, 5]);
  }
});

Deno.test("AveragedModel averages in a captured step too", async () => {
  const net = single(), opt = new optim.SGD(net.parameters(), { lr: 1 }), average = new AveragedModel(net);
  nn.init.constant(net.weight, 0);
  const step = compile(() => {
    opt.zeroGrad();
    net.forward(ones([1, 1])).sum().backward();
    opt.step();
    average.updateParameters();
  });
  for (let t = 0; t < 4; t++) step();
  assertEquals([await net.weight.item(), average.nAveraged], [-4, 4]);
  assertClose([await average.forward(ones([1, 1])).item()], [-2.5], { rtol: 1e-6 });
});

Deno.test("AveragedModel gives weights back, whatever happens meanwhile, and goes on from its state", async () => {
  const net = single(), average = new AveragedModel(net);
  nn.init.constant(net.weight, 2);
  average.updateParameters();
  nn.init.constant(net.weight, 8);
  assertThrows(
    () =>
      average.apply(() => {
        throw new Error("stop");
      }),
    Error,
    "stop",
  );
  assertEquals(await average.apply(async () => await net.weight.item()), 2);
  await assertRejects(() => average.apply(() => Promise.reject(new Error("later"))), Error, "later");
  assertEquals(await net.weight.item(), 8);
  const other = new AveragedModel(single());
  other.loadStateDict(average.stateDict());
  assertEquals([other.nAveraged, await other.forward(ones([1, 1])).item()], [1, 2]);
  assertRefuses(
    () => other.loadStateDict({ nAveraged: 1, averages: { weight: ones([2]) } }),
    RangeError,
    "Cannot load the state of an AveragedModel as its averages must be those of the network: they are weight [2]",
  );
  other.dispose();
  average.copyTo();
  assertEquals(await net.weight.item(), 2);
});

Deno.test("updateBn() takes the mean over all batches, and leaves mode and momentum as they were", async () => {
  const norm = new nn.BatchNorm1d(2, { momentum: 0.3 }), net = new nn.Sequential(norm).eval();
  updateBn([tensor([[1, 0], [3, 0]]), [tensor([[5, 2], [7, 2]])]], net);
  assertEquals(await norm.runningMean!.toArray(), [4, 1]);
  assertEquals(await norm.runningVar!.toArray(), [2, 0]);
  assertEquals([norm.momentum, norm.training, await norm.numBatchesTracked!.item()], [0.3, false, 2]);
});

Deno.test("clipGradNorm() with errorIfNonfinite refuses gradients that are none, and changes nothing", async () => {
  const w = tensor([3, 4], { requiresGrad: true });
  w.grad = tensor([6, 8]);
  assertEquals(await (await nn.utils.clipGradNorm(w, 5, { errorIfNonfinite: true })).item(), 10);
  assertClose(await w.grad!.data(), [3, 4], { rtol: 1e-5 });
  w.grad = tensor([NaN, 8]);
  const error = await assertRejects(
    () => nn.utils.clipGradNorm(w, 5, { errorIfNonfinite: true }),
    RangeError,
  );
  assertEquals(error.message, "Cannot apply clipGradNorm as the norm of the gradients must be finite: NaN");
  assertEquals(await w.grad!.toArray(), [NaN, 8]);
});
