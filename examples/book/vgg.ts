// The book's chapter 7.2: VGG-11, blocks of convolutions that each halve the image.
// deno run -P examples/book/vgg.ts --epochs 5 --width 0.25
import { Accumulator, compile, manualSeed, nn, noGrad, optim, type Tensor } from "../../mod.ts";
import { accuracy, evaluateAccuracyGpu, initWeights, loadDataFashionMnist, tryGpu } from "../d2l.ts";
import { options } from "../terminal/options.ts";
import { runScript } from "../terminal/run_script.ts";
import { networkOptions, scaled } from "./_options.ts";
import { printEpoch, printShapes, shown } from "./_show.ts";

/** Convolutions of 3 by 3, and a pooling that halves height and width. */
function block(count: number, inputs: number, outputs: number): nn.Sequential {
  const layers: nn.Module[] = [];
  for (let k = 0; k < count; k++) {
    layers.push(new nn.Conv2d(k === 0 ? inputs : outputs, outputs, 3, { padding: 1 }), new nn.ReLU());
  }
  return new nn.Sequential(...layers, new nn.MaxPool2d(2));
}

/** The convolutions and the channels of each block: eight, which with three fully connected layers make eleven. */
const BLOCKS = [[1, 64], [1, 128], [2, 256], [2, 512], [2, 512]];

/** VGG-11 for gray images of `size` pixels a side and ten classes; `width` is the share of its channels. */
export function vgg11(width = 1, size = 224): nn.Sequential {
  let inputs = 1;
  const blocks = BLOCKS.map(([count, channels]) => {
    const outputs = scaled(channels, width), made = block(count, inputs, outputs);
    inputs = outputs;
    return made;
  });
  const side = Math.floor(size / 2 ** BLOCKS.length), features = scaled(4096, width);
  return new nn.Sequential(
    ...blocks,
    new nn.Flatten(),
    new nn.Linear(inputs * side * side, features),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(features, features),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(features, 10),
  );
}

async function main(): Promise<void> {
  const args = options("Trains VGG-11 on Fashion-MNIST.", networkOptions({ lr: 0.05, size: 32 }));
  const device = await tryGpu();
  manualSeed(args.seed);
  const net = vgg11(args.width, args.size);
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
