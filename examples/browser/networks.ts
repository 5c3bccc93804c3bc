/**
 * The networks that the page trains: the study's LeNet, and what its exercises change in it.
 *
 * @module
 */
import { nn } from "../../mod.ts";

/** A network of the page. */
export interface Variant {
  /** The learning rate that the page begins with. */
  readonly lr: number;
  /** How many layers at the front make the pictures that are shown: the first convolution and what follows it directly. */
  readonly front: number;
  make(): nn.Sequential;
}

/** LeNet around an activation and a pooling, with what a convolution and a linear layer are followed by. */
function lenet(
  activation: () => nn.Module,
  pool: () => nn.Module,
  norm: { maps: (n: number) => nn.Module[]; features: (n: number) => nn.Module[] } = {
    maps: () => [],
    features: () => [],
  },
): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    ...norm.maps(6),
    activation(),
    pool(),
    new nn.Conv2d(6, 16, 5),
    ...norm.maps(16),
    activation(),
    pool(),
    new nn.Flatten(),
    new nn.Linear(16 * 5 * 5, 120),
    ...norm.features(120),
    activation(),
    new nn.Linear(120, 84),
    ...norm.features(84),
    activation(),
    new nn.Linear(84, 10),
  );
}

const sigmoid = () => new nn.Sigmoid(), relu = () => new nn.ReLU();
const average = () => new nn.AvgPool2d(2, { stride: 2 }), maximum = () => new nn.MaxPool2d(2, { stride: 2 });

/** The networks by the names that the page and its reference have for them. */
export const VARIANTS: Readonly<Record<string, Variant>> = {
  "relu-max": { lr: 0.05, front: 2, make: () => lenet(relu, maximum) },
  "batch-norm": {
    lr: 1,
    front: 3,
    make: () =>
      lenet(sigmoid, average, {
        maps: (n) => [new nn.BatchNorm2d(n)],
        features: (n) => [new nn.BatchNorm1d(n)],
      }),
  },
  "lenet": { lr: 0.9, front: 2, make: () => lenet(sigmoid, average) },
  "lenet-max": { lr: 0.9, front: 2, make: () => lenet(sigmoid, maximum) },
};
