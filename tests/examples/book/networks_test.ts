// The book's networks at full width have the parameters and the shapes that PyTorch's have, layer by layer.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { alexnet } from "../../../examples/book/alexnet.ts";
import { BatchNorm, batchNormLenet } from "../../../examples/book/batch_norm.ts";
import { convolve } from "../../../examples/book/convolution.ts";
import { densenet } from "../../../examples/book/densenet.ts";
import { googlenet } from "../../../examples/book/googlenet.ts";
import { nin } from "../../../examples/book/nin.ts";
import { resnet18 } from "../../../examples/book/resnet.ts";
import { vgg11 } from "../../../examples/book/vgg.ts";
import { corr2d } from "../../../examples/d2l.ts";
import { compile, manualSeed, nn, openDevice, randn, type Tensor, zeros } from "../../../mod.ts";
import wanted from "../../fixtures/book_networks.json" with { type: "json" };

const device = await openDevice();

const NETWORKS = {
  alexnet,
  vgg11,
  nin,
  googlenet,
  batch_norm_lenet: batchNormLenet,
  resnet18,
  densenet,
};

/** The shapes behind each layer. They are those of a step that is captured and given up, so that nothing is computed. */
function shapesOf(net: nn.Sequential, size: number): number[][] {
  const shapes: number[][] = [], done = new Error("all shapes are known");
  net.eval();
  try {
    compile((x: Tensor) => {
      for (const layer of net) shapes.push([...(x = layer.forward(x)).shape]);
      throw done;
    })(zeros([1, 1, size, size]));
  } catch (error) {
    if (error !== done) throw error;
  }
  return shapes;
}

const parameters = (net: nn.Module) => net.parameters().reduce((sum, { size }) => sum + size, 0);

for (const [name, make] of Object.entries(NETWORKS)) {
  if (name === "vgg11") continue; // see below
  const { size, parameters: count, shapes } = wanted[name as keyof typeof NETWORKS];
  Deno.test(`${name} at full width has PyTorch's parameters and shapes, layer by layer`, () => {
    const net = (make as (width: number, size: number) => nn.Sequential)(1, size);
    assertEquals(parameters(net), count);
    assertEquals(shapesOf(net, size), shapes);
    net.dispose();
    device.trim();
  });
}

Deno.test("vgg11 at full width has PyTorch's parameters and shapes, layer by layer", () => {
  // A matrix of 25,088 by 4,096 is more than many adapters bind. That of images of 32 pixels has 512 columns, and its
  // convolutions take those of 224.
  const { size, parameters: count, shapes } = wanted.vgg11, net = vgg11(1, 32), isWhole = 6;
  assertEquals(parameters(net) + (512 * 49 - 512) * 4096, count);
  assertEquals(shapesOf(new nn.Sequential(...[...net].slice(0, isWhole)), size), shapes.slice(0, isWhole));
  assertEquals(shapesOf(net, 32).slice(isWhole), shapes.slice(isWhole));
  net.dispose();
});

Deno.test("the counts are the published ones, but for gray images, ten classes and what the book leaves out", () => {
  // torchvision's vgg11: two more input channels, 990 more classes
  assertEquals(wanted.vgg11.parameters + 2 * 64 * 9 + 990 * 4097, 132_863_336);
  // its resnet18: no biases of convolutions, which are 64, four of 64, and five each of 128, 256 and 512 with the
  // projection's; but a normalisation of each projection, which has twice as many parameters
  const biases = 64 + 4 * 64 + 5 * (128 + 256 + 512), norms = 2 * (128 + 256 + 512);
  assertEquals(wanted.resnet18.parameters + 2 * 64 * 49 + 990 * 513 - biases + norms, 11_689_512);
});

Deno.test("a quarter of the width keeps the classes, and about a sixteenth of the parameters", () => {
  for (
    const [name, size] of [["vgg11", 32], ["nin", 96], ["googlenet", 48], ["resnet18", 32], [
      "densenet",
      32,
    ]] as const
  ) {
    const net = (NETWORKS[name] as (width: number, size: number) => nn.Sequential)(0.25, size);
    assertEquals(shapesOf(net, size).at(-1), [1, 10]);
    const share = parameters(net) / wanted[name].parameters;
    assert(share < 1 / 10 && share > (name === "vgg11" ? 1 / 500 : 1 / 20), `${name}: ${share}`);
    net.dispose();
  }
});

Deno.test("convolve() and corr2d() are the same, and both PyTorch's cross-correlation", async () => {
  const image = [[0, 1, 2], [3, 4, 5], [6, 7, 8]], kernel = [[0, 1], [2, 3]];
  assertEquals(convolve(image, kernel), [[19, 25], [37, 43]]);
  manualSeed(1);
  const X = randn([9, 7]), K = randn([3, 2]);
  const own = convolve(await X.toArray() as number[][], await K.toArray() as number[][]).flat();
  (await corr2d(X, K).data()).forEach((v, k) => assertAlmostEquals(v, own[k], 1e-5));
});

Deno.test("BatchNorm from scratch is nn.BatchNorm2d, in training and after it", async () => {
  const own = new BatchNorm(3, 4),
    other = new nn.BatchNorm2d(3),
    same = async (x: Tensor) => {
      const [a, b] = await Promise.all([own.forward(x).data(), other.forward(x).data()]);
      a.forEach((v, k) => assertAlmostEquals(v, b[k], 1e-5));
    };
  for (let step = 0; step < 3; step++) await same(randn([64, 3, 5, 5]).mul(2).add(1));
  own.eval();
  other.eval();
  // running variances differ by n / (n - 1), n being 1,600: the book's is the biased one
  const [a, b] = await Promise.all([own.movingVar.data(), other.runningVar!.data()]);
  a.forEach((v, k) => assertAlmostEquals(v, b[k], 1e-3 * v));
  const [mean, theirs] = await Promise.all([own.movingMean.data(), other.runningMean!.data()]);
  mean.forEach((v, k) => assertAlmostEquals(v, theirs[k], 1e-5));
});
