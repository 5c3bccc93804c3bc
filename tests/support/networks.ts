/**
 * Networks from the oracle's descriptions of them, and the images that they are trained on.
 *
 * @module
 */
import { type ImageDataset, nn, type Tensor } from "../../mod.ts";
import { loadSplit } from "./splits.ts";

/** A layer as the oracle describes it: PyTorch's class and arguments. */
export interface Arch {
  name: string;
  type: string;
  layers?: Arch[];
  // deno-lint-ignore no-explicit-any
  [argument: string]: any;
}

/** Layers under names of their own, called in order. */
class Named extends nn.Module {
  constructor(layers: readonly Arch[]) {
    super();
    for (const layer of layers) Object.assign(this, { [layer.name]: build(layer) });
  }

  override forward(x: Tensor): Tensor {
    return this.children().reduce((x, layer) => layer.forward(x), x);
  }
}

/** Two convolutions with a way around them. */
class BasicBlock extends nn.Module {
  readonly conv1: nn.Conv2d;
  readonly bn1: nn.BatchNorm2d;
  readonly conv2: nn.Conv2d;
  readonly bn2: nn.BatchNorm2d;
  readonly downsample: nn.Sequential | null = null;

  constructor({ inChannels, outChannels, stride, convBias: bias, projection, projectionBn }: Arch) {
    super();
    this.conv1 = new nn.Conv2d(inChannels, outChannels, 3, { stride, padding: 1, bias });
    this.bn1 = new nn.BatchNorm2d(outChannels);
    this.conv2 = new nn.Conv2d(outChannels, outChannels, 3, { padding: 1, bias });
    this.bn2 = new nn.BatchNorm2d(outChannels);
    if (!projection) return;
    const norm = projectionBn ? [new nn.BatchNorm2d(outChannels)] : [];
    this.downsample = new nn.Sequential(new nn.Conv2d(inChannels, outChannels, 1, { stride, bias }), ...norm);
  }

  override forward(x: Tensor): Tensor {
    const y = this.bn1.forward(this.conv1.forward(x)).relu();
    return this.bn2.forward(this.conv2.forward(y)).add(this.downsample?.forward(x) ?? x).relu();
  }
}

const LAYERS: Record<string, (arch: Arch) => nn.Module> = {
  Sequential: ({ layers }) => new Named(layers!),
  BasicBlock: (arch) => new BasicBlock(arch),
  Conv2d: ({ inChannels, outChannels, kernelSize, stride, padding, bias }) =>
    new nn.Conv2d(inChannels, outChannels, kernelSize, { stride, padding, bias }),
  Linear: ({ inFeatures, outFeatures, bias }) => new nn.Linear(inFeatures, outFeatures, { bias }),
  BatchNorm1d: ({ numFeatures, eps, momentum }) => new nn.BatchNorm1d(numFeatures, { eps, momentum }),
  BatchNorm2d: ({ numFeatures, eps, momentum }) => new nn.BatchNorm2d(numFeatures, { eps, momentum }),
  AvgPool2d: ({ kernelSize, stride }) => new nn.AvgPool2d(kernelSize, { stride }),
  MaxPool2d: ({ kernelSize, stride }) => new nn.MaxPool2d(kernelSize, { stride }),
  Sigmoid: () => new nn.Sigmoid(),
  Tanh: () => new nn.Tanh(),
  ReLU: () => new nn.ReLU(),
  LeakyReLU: ({ negativeSlope }) => new nn.LeakyReLU({ negativeSlope }),
  AdaptiveAvgPool2d: ({ outputSize }) => new nn.AdaptiveAvgPool2d(outputSize),
  Flatten: () => new nn.Flatten(),
};

/** Makes the network of a description; its parameters' paths are the oracle's. */
export function build(arch: Arch): nn.Module {
  if (!(arch.type in LAYERS)) {
    throw new Error(`Cannot build a network as its layers must be known: ${arch.type}`);
  }
  return LAYERS[arch.type](arch);
}

const splits = new Map<"train" | "test", Promise<ImageDataset>>();

/** The first `n` images of a split of Fashion-MNIST. */
export async function firstImages(split: "train" | "test", n: number): Promise<ImageDataset> {
  if (!splits.has(split)) splits.set(split, loadSplit(split));
  const { images, labels, classes } = await splits.get(split)!;
  return {
    images: { ...images, shape: [n, 28, 28], data: images.data.subarray(0, n * 28 * 28) },
    labels: { ...labels, shape: [n], data: labels.data.subarray(0, n) },
    classes,
    length: n,
  };
}
