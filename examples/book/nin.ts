// The book's chapter 7.3: NiN, a small network at every pixel in place of fully connected layers.
// deno run -P examples/book/nin.ts --epochs 5 --width 0.25
import { Accumulator, compile, manualSeed, nn, noGrad, optim, type Tensor } from "../../mod.ts";
import { accuracy, evaluateAccuracyGpu, initWeights, loadDataFashionMnist, tryGpu } from "../d2l.ts";
import { options } from "../terminal/options.ts";
import { runScript } from "../terminal/run_script.ts";
import { networkOptions, scaled } from "./_options.ts";
import { printEpoch, printShapes, shown } from "./_show.ts";

/** A convolution and two of 1 by 1, which are fully connected layers at every pixel. */
function block(
  inputs: number,
  outputs: number,
  size: number,
  stride: number,
  padding: number,
): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(inputs, outputs, size, { stride, padding }),
    new nn.ReLU(),
    new nn.Conv2d(outputs, outputs, 1),
    new nn.ReLU(),
    new nn.Conv2d(outputs, outputs, 1),
    new nn.ReLU(),
  );
}

/** NiN for gray images and ten classes, each of which is the mean of a channel; `width` is the share of the others. */
export function nin(width = 1): nn.Sequential {
  const w = (channels: number) => scaled(channels, width);
  return new nn.Sequential(
    block(1, w(96), 11, 4, 0),
    new nn.MaxPool2d(3, { stride: 2 }),
    block(w(96), w(256), 5, 1, 2),
    new nn.MaxPool2d(3, { stride: 2 }),
    block(w(256), w(384), 3, 1, 1),
    new nn.MaxPool2d(3, { stride: 2 }),
    new nn.Dropout(0.5),
    block(w(384), 10, 3, 1, 1),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
  );
}

async function main(): Promise<void> {
  const args = options(
    "Trains a network in networks (NiN) on Fashion-MNIST.",
    networkOptions({ lr: 0.1, size: 96 }),
  );
  const device = await tryGpu();
  manualSeed(args.seed);
  const net = nin(args.width);
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
