import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  compile,
  crossEntropy,
  nn,
  ones,
  openDevice,
  optim,
  type Profile,
  profile,
  rand,
  type Tensor,
  tensor,
} from "../../../mod.ts";
import { checkpoint } from "../../../mod.ts";

const device = await openDevice({ merging: false }); // so that it is the same on every adapter
const hasTimestamps = device.gpu.features.has("timestamp-query");

/** Runs `fn` on an adapter that has no timestamps. */
async function withoutTimestamps<T>(fn: () => Promise<T>): Promise<T> {
  Object.defineProperty(device.gpu, "features", { value: new Set(), configurable: true });
  try {
    return await fn();
  } finally {
    Reflect.deleteProperty(device.gpu, "features");
  }
}

Deno.test("profile() counts and measures kernels, of plain and of compiled work", async () => {
  const a = rand([96, 96]), f = compile((x: typeof a) => x.matmul(x).relu());
  f(a);
  const { rows, ms, calls } = await profile(() => {
    f(a);
    a.add(1);
  });
  assertEquals(calls, 2);
  assertEquals(rows.map((r) => r.kernel).toSorted(), ["add", "matmul"]);
  if (!hasTimestamps) return assert(Number.isNaN(ms));
  assert(rows.every((r) => r.ms > 0 && r.share > 0 && r.gbps > 0));
  assert(Math.abs(rows.reduce((sum, r) => sum + r.ms, 0) - ms) < 1e-9);
  assert(rows.find((r) => r.kernel === "matmul")!.gflops! > 0);
});

Deno.test("a profile prints as a table with its sum", async () => {
  const x = ones([8]);
  x.exp();
  const lines = String(await profile(() => x.exp())).split("\n");
  assertMatch(lines[0], /^kernel +calls +ms +share +GFLOP\/s +GB\/s$/);
  assertMatch(lines[1], hasTimestamps ? /^exp +1 +\d+\.\d{3} +100\.0% +\d+\.\d$/ : /^exp +1$/);
  assertMatch(lines[2], hasTimestamps ? /^all +1 +\d+\.\d{3}$/ : /^all +1$/);
  assertEquals(lines.length, 3); // no layers
});

Deno.test("a profile without timestamps has all but the times, and says so by NaN", async () => {
  const net = new nn.Sequential(new nn.Linear(4, 2)), x = rand([3, 4]);
  const result = await withoutTimestamps(() => profile(() => net.forward(x)));
  const [row] = result.rows;
  assertEquals([row.kernel, row.calls, row.gflops, row.layers], ["linear", 1, null, ["0 (Linear)"]]);
  assertEquals([row.ms, row.share, row.gbps, result.ms], [NaN, NaN, NaN, NaN]);
  assertMatch(
    String(result),
    /^kernel[^]*\nlinear +1\nall +1\n\nlayer +part +calls +ms +share\n0 \(Linear\) +forward +1$/,
  );
});

/** A block whose first layers lie deeper than it. */
class Net extends nn.Module {
  features = new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.Sigmoid(), new nn.AvgPool2d(2));
  fc = new nn.Linear(4 * 3 * 3, 3);

  override forward(x: Tensor): Tensor {
    return this.fc.forward(this.features.forward(x).flatten({ startDim: 1 }));
  }
}

/** A step of training, and what it is given. */
function training() {
  const net = new Net(), opt = new optim.SGD(net.parameters(), { lr: 0.1 });
  const x = rand([4, 1, 8, 8]), y = tensor([0, 1, 2, 0], { dtype: "int32" });
  const step = (x: Tensor, y: Tensor) => {
    opt.zeroGrad();
    crossEntropy(net.forward(x), y).backward();
    opt.step();
  };
  return { net, step, x, y };
}

const CONV = "features.0 (Conv2d)", SIGMOID = "features.1 (Sigmoid)", POOL = "features.2 (AvgPool2d)";

/** The layers and parts of a profile, in order. */
const placesOf = ({ layers }: Profile) => layers.map(({ layer, phase }) => `${layer}: ${phase}`);

Deno.test("profile() names the layer and the part of the step of each kernel", async () => {
  const { step, x, y } = training();
  const result = await profile(() => step(x, y));
  assertEquals(placesOf(result), [
    `${CONV}: forward`,
    `${SIGMOID}: forward`,
    `${POOL}: forward`,
    "fc (Linear): forward",
    ": other", // the loss is a function here
    ": backward",
    "fc (Linear): backward",
    `${POOL}: backward`,
    `${SIGMOID}: backward`,
    `${CONV}: backward`,
    "SGD: optimizer",
  ]);
  assertEquals(result.layers.reduce((sum, { calls }) => sum + calls, 0), result.calls);
  const layers = Object.fromEntries(result.rows.map(({ kernel, layers }) => [kernel, layers]));
  assertEquals([layers["sigmoid"], layers["sigmoid gradient"], layers["sgd"]], [[SIGMOID], [SIGMOID], [
    "SGD",
  ]]);
});

Deno.test("a captured step remembers the layers, and a fused kernel names all that it serves", async () => {
  const { step, x, y } = training(), compiled = compile(step);
  compiled(x, y); // nobody profiles yet
  const result = await profile(() => compiled(x, y));
  assertEquals(placesOf(result), [
    `${CONV} + ${SIGMOID} + ${POOL}: forward`,
    "fc (Linear): forward",
    ": other",
    ": backward",
    "fc (Linear): backward",
    `${POOL} + ${SIGMOID}: backward`,
    `${CONV}: backward`,
    "SGD: optimizer",
  ]);
  compiled.dispose();
});

Deno.test("what is computed again in a pass back belongs to it, and to the layer that computes it", async () => {
  const net = new Net(), x = rand([4, 1, 8, 8], { requiresGrad: true });
  class Checkpointed extends nn.Module {
    inner = net;
    override forward(x: Tensor): Tensor {
      return checkpoint((x: Tensor) => this.inner.forward(x), x);
    }
  }
  const outer = new Checkpointed();
  const result = await profile(() => outer.forward(x).sum().backward());
  const calls = result.dispatches.filter(({ kernel }) => kernel === "sigmoid").map(({ purposes: [place] }) =>
    `${place.layer}: ${place.phase}`
  );
  assertEquals(calls, [`inner.${SIGMOID}: forward`, `inner.${SIGMOID}: backward`]);
});

Deno.test("nothing is noted while nobody profiles, and a network that fails leaves no layer behind", async () => {
  const { net, step, x, y } = training();
  const loss = crossEntropy(net.forward(x), y);
  const result = await profile(() => loss.backward());
  assertEquals(new Set(placesOf(result)), new Set([": backward"]));
  await profile(() => net.forward(ones([1]))).catch(() => {});
  assertEquals(placesOf(await profile(() => x.exp())), [": other"]);
  step(x, y);
});
