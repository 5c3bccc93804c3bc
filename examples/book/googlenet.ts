// The book's chapter 7.4: GoogLeNet, blocks of four paths side by side.
// deno run -P examples/book/googlenet.ts --epochs 5 --width 0.25
import { Accumulator, cat, compile, manualSeed, nn, noGrad, optim, type Tensor } from "../../mod.ts";
import { accuracy, evaluateAccuracyGpu, initWeights, loadDataFashionMnist, tryGpu } from "../d2l.ts";
import { options } from "../terminal/options.ts";
import { runScript } from "../terminal/run_script.ts";
import { networkOptions, scaled } from "./_options.ts";
import { printEpoch, printShapes, shown } from "./_show.ts";

/** Four paths whose channels are put together: 1 by 1, 3 by 3 and 5 by 5 behind a 1 by 1, and pooling before one. */
class Inception extends nn.Module {
  path1: nn.Sequential;
  path2: nn.Sequential;
  path3: nn.Sequential;
  path4: nn.Sequential;

  constructor(inputs: number, c1: number, [c2, c3]: number[], [c4, c5]: number[], c6: number) {
    super();
    const conv = (from: number, to: number, size: number, padding = 0) => [
      new nn.Conv2d(from, to, size, { padding }),
      new nn.ReLU(),
    ];
    this.path1 = new nn.Sequential(...conv(inputs, c1, 1));
    this.path2 = new nn.Sequential(...conv(inputs, c2, 1), ...conv(c2, c3, 3, 1));
    this.path3 = new nn.Sequential(...conv(inputs, c4, 1), ...conv(c4, c5, 5, 2));
    this.path4 = new nn.Sequential(new nn.MaxPool2d(3, { stride: 1, padding: 1 }), ...conv(inputs, c6, 1));
  }

  override forward(x: Tensor): Tensor {
    const paths = [this.path1, this.path2, this.path3, this.path4];
    return cat(paths.map((path) => path.forward(x)), { dim: 1 });
  }
}

/** GoogLeNet for gray images and ten classes; `width` is the share of its channels. */
export function googlenet(width = 1): nn.Sequential {
  const w = (channels: number) => scaled(channels, width);
  const pool = () => new nn.MaxPool2d(3, { stride: 2, padding: 1 });
  let inputs = w(192);
  const inception = (a: number, b: [number, number], c: [number, number], d: number) => {
    const block = new Inception(inputs, w(a), b.map(w), c.map(w), w(d));
    inputs = w(a) + w(b[1]) + w(c[1]) + w(d);
    return block;
  };
  return new nn.Sequential(
    new nn.Sequential(new nn.Conv2d(1, w(64), 7, { stride: 2, padding: 3 }), new nn.ReLU(), pool()),
    new nn.Sequential(
      new nn.Conv2d(w(64), w(64), 1),
      new nn.ReLU(),
      new nn.Conv2d(w(64), w(192), 3, { padding: 1 }),
      new nn.ReLU(),
      pool(),
    ),
    new nn.Sequential(
      inception(64, [96, 128], [16, 32], 32),
      inception(128, [128, 192], [32, 96], 64),
      pool(),
    ),
    new nn.Sequential(
      inception(192, [96, 208], [16, 48], 64),
      inception(160, [112, 224], [24, 64], 64),
      inception(128, [128, 256], [24, 64], 64),
      inception(112, [144, 288], [32, 64], 64),
      inception(256, [160, 320], [32, 128], 128),
      pool(),
    ),
    new nn.Sequential(
      inception(256, [160, 320], [32, 128], 128),
      inception(384, [192, 384], [48, 128], 128),
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
    ),
    new nn.Linear(inputs, 10),
  );
}

async function main(): Promise<void> {
  const args = options("Trains GoogLeNet on Fashion-MNIST.", networkOptions({ lr: 0.1, size: 48 }));
  const device = await tryGpu();
  manualSeed(args.seed);
  const net = googlenet(args.width);
  printShapes(net, args.size);
  net.apply(initWeights);
  const data = { resize: args.size, seed: args.seed, limit: args.limit, root: args.root };
  const [train, test] = await loadDataFashionMnist(args["batch-size"], data);
  const optimizer = new optim.SGD(net.parameters(), { lr: args.lr }), loss = new nn.CrossEntropyLoss();
  const metric = new Accumulator(3),
    step = compile((X: Tensor, y: Tensor) => {
      optimizer.zeroGrad();
      const yHat: Tensor = net.forward(X), l = loss.forward(yHat, y);
      l.backward();
      optimizer.step();
      noGrad(() => metric.add(l.mul(y.size), accuracy(yHat, y), y.size));
    });
  for (let epoch = 1; epoch <= args.epochs; epoch++) {
    net.train();
    for await (const [X, y] of shown(train, epoch, device)) step(X, y);
    printEpoch(epoch, args.epochs, await metric.values(), await evaluateAccuracyGpu(net, test));
    metric.reset();
  }
}

if (import.meta.main) await runScript(main);
