// The book's chapter 7.6: ResNet-18, blocks whose input is added to their output.
// deno run -P examples/book/resnet.ts --epochs 5 --width 0.25
import { Accumulator, compile, manualSeed, nn, noGrad, optim, type Tensor } from "../../mod.ts";
import { accuracy, evaluateAccuracyGpu, initWeights, loadDataFashionMnist, tryGpu } from "../d2l.ts";
import { options } from "../terminal/options.ts";
import { runScript } from "../terminal/run_script.ts";
import { networkOptions, scaled } from "./_options.ts";
import { printEpoch, printShapes, shown } from "./_show.ts";

/** Two convolutions whose output is added to their input, or to a projection of it where channels or size change. */
class Residual extends nn.Module {
  conv1: nn.Conv2d;
  bn1: nn.BatchNorm2d;
  conv2: nn.Conv2d;
  bn2: nn.BatchNorm2d;
  projection: nn.Module;

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    this.conv1 = new nn.Conv2d(inputs, outputs, 3, { stride, padding: 1 });
    this.bn1 = new nn.BatchNorm2d(outputs);
    this.conv2 = new nn.Conv2d(outputs, outputs, 3, { padding: 1 });
    this.bn2 = new nn.BatchNorm2d(outputs);
    const isSame = inputs === outputs && stride === 1;
    this.projection = isSame ? new nn.Identity() : new nn.Conv2d(inputs, outputs, 1, { stride });
  }

  override forward(x: Tensor): Tensor {
    const y = this.bn1.forward(this.conv1.forward(x)).relu();
    return this.bn2.forward(this.conv2.forward(y)).add(this.projection.forward(x)).relu();
  }
}

/** ResNet-18 for gray images and ten classes; `width` is the share of its channels. */
export function resnet18(width = 1): nn.Sequential {
  const w = (channels: number) => scaled(channels, width);
  const stage = (inputs: number, outputs: number, stride: number) =>
    new nn.Sequential(new Residual(w(inputs), w(outputs), stride), new Residual(w(outputs), w(outputs), 1));
  return new nn.Sequential(
    new nn.Sequential(
      new nn.Conv2d(1, w(64), 7, { stride: 2, padding: 3 }),
      new nn.BatchNorm2d(w(64)),
      new nn.ReLU(),
      new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
    ),
    stage(64, 64, 1),
    stage(64, 128, 2),
    stage(128, 256, 2),
    stage(256, 512, 2),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(w(512), 10),
  );
}

async function main(): Promise<void> {
  const args = options("Trains ResNet-18 on Fashion-MNIST.", networkOptions({ lr: 0.05, size: 32 }));
  const device = await tryGpu();
  manualSeed(args.seed);
  const net = resnet18(args.width);
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
