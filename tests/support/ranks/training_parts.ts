/**
 * The training that the tests of several ranks run: images of Fashion-MNIST, and a small network with what is special.
 *
 * @module
 */
import { type Dataset, FashionMNIST, manualSeed, nn, Subset, type Tensor } from "../../../mod.ts";

/** Images of a step of all ranks together. */
export const BATCH = 24;
/** So many that the last batch is a small one, which nothing divides. */
export const IMAGES = 130;

/** The images. */
export async function images(count = IMAGES): Promise<Dataset> {
  const all = await FashionMNIST.load({ split: "train" });
  return new Subset(all, Array.from({ length: count }, (_, i) => i));
}

/** A network with a parameter that no rank uses, and one that only some do. */
export class Net extends nn.Module {
  readonly body = new nn.Sequential(
    new nn.Conv2d(1, 3, 5, { stride: 3 }),
    new nn.Tanh(),
    new nn.Flatten(),
    new nn.Linear(192, 10),
  );
  readonly unused = new nn.Linear(3, 3);
  readonly scale = new nn.Linear(10, 10, { bias: false });

  /** Whether this rank uses the last layer. */
  usesScale = true;

  override forward(x: Tensor): Tensor {
    const y = this.body.forward(x);
    return this.usesScale ? y.add(this.scale.forward(y)) : y;
  }
}

/** The network with its first weights; other ranks have others, which they give up for rank 0's. */
export function makeNet(rank = 0): Net {
  manualSeed(7 + rank);
  return new Net();
}

/** All weights, one after the other, as hexadecimal digits of their bits. */
export async function bits(net: nn.Module): Promise<string> {
  const values = await Promise.all(net.parameters().map((p) => p.data()));
  const all = Float32Array.from(values.flatMap((v) => [...v]));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return [...hash.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
