// The book's chapter 7.7: DenseNet, layers that see what all before them made.
// deno run -P examples/book/densenet.ts --epochs 5 --width 0.25
import { Accumulator, cat, compile, manualSeed, nn, noGrad, optim, type Tensor } from "../../mod.ts";
import { accuracy, evaluateAccuracyGpu, initWeights, loadDataFashionMnist, tryGpu } from "../d2l.ts";
import { options } from "../terminal/options.ts";
import { runScript } from "../terminal/run_script.ts";
import { networkOptions, scaled } from "./_options.ts";
import { printEpoch, printShapes, shown } from "./_show.ts";

/** Convolutions of which each sees the input and what all before it made, and adds channels to it. */
class DenseBlock extends nn.Module {
  layers: nn.ModuleList;

  constructor(count: number, inputs: number, growth: number) {
    super();
    this.layers = new nn.ModuleList(
      Array.from({ length: count }, (_, k) => {
        const channels = inputs + k * growth;
        return new nn.Sequential(
          new nn.BatchNorm2d(channels),
          new nn.ReLU(),
          new nn.Conv2d(channels, growth, 3, { padding: 1 }),
        );
      }),
    );
  }

  override forward(x: Tensor): Tensor {
    for (const layer of this.layers) x = cat([x, layer.forward(x)], { dim: 1 });
    return x;
  }
}

/** Brings channels to half their number, and halves height and width. */
function transition(inputs: number, outputs: number): nn.Sequential {
  return new nn.Sequential(
    new nn.BatchNorm2d(inputs),
    new nn.ReLU(),
    new nn.Conv2d(inputs, outputs, 1),
    new nn.AvgPool2d(2),
  );
}

/** DenseNet for gray images and ten classes: four blocks of four layers; `width` is the share of its channels. */
export function densenet(width = 1): nn.Sequential {
  const growth = scaled(32, width), layers: nn.Module[] = [];
  let channels = scaled(64, width);
  layers.push(
    new nn.Sequential(
      new nn.Conv2d(1, channels, 7, { stride: 2, padding: 3 }),
      new nn.BatchNorm2d(channels),
      new nn.ReLU(),
      new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
    ),
  );
  for (let block = 0; block < 4; block++) {
    layers.push(new DenseBlock(4, channels, growth));
    channels += 4 * growth;
    if (block === 3) break;
    const half = Math.floor(channels / 2);
    layers.push(transition(channels, half));
    channels = half;
  }
  return new nn.Sequential(
    ...layers,
    new nn.BatchNorm2d(channels),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(channels, 10),
  );
}

async function main(): Promise<void> {
  const args = options("Trains DenseNet on Fashion-MNIST.", networkOptions({ lr: 0.1, size: 32 }));
  const device = await tryGpu();
  manualSeed(args.seed);
  const net = densenet(args.width);
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
