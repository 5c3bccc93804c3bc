// The book's chapter 7.5: batch normalisation, written out, in LeNet.
// deno run -P examples/book/batch_norm.ts --epochs 5
import { Accumulator, compile, manualSeed, nn, noGrad, ones, optim, type Tensor, zeros } from "../../mod.ts";
import { accuracy, evaluateAccuracyGpu, initWeights, loadDataFashionMnist, tryGpu } from "../d2l.ts";
import { options } from "../terminal/options.ts";
import { runScript } from "../terminal/run_script.ts";
import { networkOptions, scaled } from "./_options.ts";
import { printEpoch, printShapes, shown } from "./_show.ts";

/** Brings each channel to mean 0 and variance 1, then to a mean and a deviation that are learnt. */
export class BatchNorm extends nn.Module {
  gamma: nn.Parameter;
  beta: nn.Parameter;
  movingMean: Tensor;
  movingVar: Tensor;

  /** Takes the number of channels, and of dimensions: 2 behind a fully connected layer, 4 behind a convolution. */
  constructor(channels: number, readonly dims: 2 | 4, readonly momentum = 0.1, readonly eps = 1e-5) {
    super();
    const shape = dims === 2 ? [1, channels] : [1, channels, 1, 1];
    this.gamma = new nn.Parameter(ones(shape));
    this.beta = new nn.Parameter(zeros(shape));
    this.movingMean = this.registerBuffer("movingMean", zeros(shape));
    this.movingVar = this.registerBuffer("movingVar", ones(shape));
  }

  override forward(x: Tensor): Tensor {
    let [mean, variance]: Tensor[] = [this.movingMean, this.movingVar];
    if (this.training) {
      const over = { dim: this.dims === 2 ? [0] : [0, 2, 3], keepdim: true };
      mean = x.mean(over);
      variance = x.sub(mean).square().mean(over);
      this.follow(this.movingMean, mean);
      this.follow(this.movingVar, variance);
    }
    return x.sub(mean).div(variance.add(this.eps).sqrt()).mul(this.gamma).add(this.beta);
  }

  /** Moves what is used without training a part of the way to a batch's. */
  private follow(moving: Tensor, current: Tensor): void {
    noGrad(() => moving.copy(moving.mul(1 - this.momentum).add(current.mul(this.momentum))));
  }
}

/** LeNet with a normalisation before each sigmoid; `width` is the share of its channels. */
export function batchNormLenet(width = 1, size = 28): nn.Sequential {
  const w = (channels: number) => scaled(channels, width);
  const side = Math.floor((Math.floor((size - 4) / 2) - 4) / 2);
  return new nn.Sequential(
    new nn.Conv2d(1, w(6), 5),
    new BatchNorm(w(6), 4),
    new nn.Sigmoid(),
    new nn.AvgPool2d(2),
    new nn.Conv2d(w(6), w(16), 5),
    new BatchNorm(w(16), 4),
    new nn.Sigmoid(),
    new nn.AvgPool2d(2),
    new nn.Flatten(),
    new nn.Linear(w(16) * side * side, w(120)),
    new BatchNorm(w(120), 2),
    new nn.Sigmoid(),
    new nn.Linear(w(120), w(84)),
    new BatchNorm(w(84), 2),
    new nn.Sigmoid(),
    new nn.Linear(w(84), 10),
  );
}

async function main(): Promise<void> {
  const args = options(
    "Trains LeNet with batch normalisation from scratch on Fashion-MNIST.",
    networkOptions({ lr: 1, size: 28, width: 1 }),
  );
  const device = await tryGpu();
  manualSeed(args.seed);
  const net = batchNormLenet(args.width, args.size);
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
