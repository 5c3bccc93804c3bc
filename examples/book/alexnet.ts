// The book's chapter 7.1: AlexNet, five convolutions and three wide fully connected layers.
// deno run -P examples/book/alexnet.ts --epochs 5 --width 0.25
import { Accumulator, compile, manualSeed, nn, noGrad, optim, type Tensor } from "../../mod.ts";
import { accuracy, evaluateAccuracyGpu, initWeights, loadDataFashionMnist, tryGpu } from "../d2l.ts";
import { options } from "../terminal/options.ts";
import { runScript } from "../terminal/run_script.ts";
import { networkOptions, scaled } from "./_options.ts";
import { printEpoch, printShapes, shown } from "./_show.ts";

/** AlexNet for gray images of `size` pixels a side and ten classes; `width` is the share of its channels. */
export function alexnet(width = 1, size = 224): nn.Sequential {
  const w = (channels: number) => scaled(channels, width);
  const convolutions = [
    new nn.Conv2d(1, w(96), 11, { stride: 4, padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(3, { stride: 2 }),
    new nn.Conv2d(w(96), w(256), 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(3, { stride: 2 }),
    new nn.Conv2d(w(256), w(384), 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.Conv2d(w(384), w(384), 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.Conv2d(w(384), w(256), 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(3, { stride: 2 }),
    new nn.Flatten(),
  ];
  const half = (pixels: number) => Math.floor((pixels - 3) / 2) + 1; // what a pooling leaves
  const side = half(half(half(Math.floor((size + 2 - 11) / 4) + 1)));
  return new nn.Sequential(
    ...convolutions,
    new nn.Linear(w(256) * side * side, w(4096)),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(w(4096), w(4096)),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(w(4096), 10),
  );
}

async function main(): Promise<void> {
  const args = options("Trains AlexNet on Fashion-MNIST.", networkOptions({ lr: 0.01, size: 96 }));
  const device = await tryGpu();
  manualSeed(args.seed);
  const net = alexnet(args.width, args.size);
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
