/**
 * Random chains of operations, for comparing ways of running them.
 *
 * @module
 */
import { cat, type Tensor, where } from "../../mod.ts";
import { noise } from "./oracle.ts";
import { sizeOf } from "./reference.ts";
import { noiseTensor } from "./values.ts";

/** What a link may use beside its input. */
interface Around {
  /** A leaf of this shape. */
  leaf(...shape: number[]): Tensor;
  /** An earlier value of the shape of x, or x itself. */
  earlier(x: Tensor): Tensor;
  /** A whole number below n. */
  pick(n: number): number;
}

type Link = [
  name: string,
  fits: (shape: readonly number[]) => boolean,
  apply: (x: Tensor, around: Around) => Tensor,
];

const any = () => true;
const some = (s: readonly number[]) => s.length > 0;
const deep = (s: readonly number[]) => s.length > 2;
const images = (s: readonly number[]) => s.length === 4 && s[2] >= 4 && s[3] >= 4 && s[1] <= 12;
const long = (s: readonly number[]) => some(s) && s.every((n) => n > 3);
const rows = (s: readonly number[]) => s.length >= 2 && s.at(-1)! <= 64;
const manyOf = (n: number) => (s: readonly number[]) => sizeOf(s) % n === 0;
const last = (x: Tensor) => x.shape.at(-1)!;

const LINKS: readonly Link[] = [
  ["relu", any, (x) => x.relu()],
  ["tanh", any, (x) => x.tanh()],
  ["sigmoid", any, (x) => x.sigmoid()],
  ["gelu", any, (x) => x.gelu()],
  ["exp", any, (x) => x.neg().clamp({ max: 1 }).exp()],
  ["number", any, (x) => x.mul(0.7)],
  ["clamp", any, (x) => x.clamp({ min: -0.8, max: 0.9 })],
  ["row", some, (x, { leaf }) => x.add(leaf(last(x)))],
  ["column", some, (x, { leaf }) => x.mul(leaf(...x.shape.slice(0, -1), 1))],
  ["whole", any, (x, { leaf }) => x.add(leaf(...x.shape))],
  ["residual", any, (x, { earlier }) => x.add(earlier(x))],
  ["square", any, (x) => x.mul(x)],
  ["maximum", any, (x, { earlier }) => x.maximum(earlier(x))],
  ["where", any, (x, { earlier }) => where(x.gt(0.1), x, earlier(x).mul(0.5))],
  ["mask", any, (x) => x.mul(x.gt(0).to("float32"))],
  ["integers", any, (x) => x.add(x.mul(3).to("int32").mul(2).to("float32"))],
  ["minus mean", some, (x) => x.sub(x.mean({ dim: -1, keepdim: true }))],
  ["plus sum", some, (x) => x.add(x.sum({ dim: 0, keepdim: true }).mul(0.2))],
  ["sum", deep, (x) => x.sum({ dim: 1 })],
  ["amax", deep, (x) => x.amax({ dim: -1 })],
  ["deviation", some, (x) => x.div(x.var({ dim: -1, unbiased: false, keepdim: true }).add(1).sqrt())],
  ["logsumexp", some, (x) => x.sub(x.logsumexp({ dim: 0, keepdim: true }))],
  ["softmax", some, (x) => x.softmax({ dim: -1 }).mul(2)],
  ["norm", any, (x) => x.div(x.norm().add(1))],
  ["cumsum", some, (x) => x.cumsum({ dim: 0 }).mul(0.3)],
  ["matmul", rows, (x, { leaf, pick }) => x.matmul(leaf(last(x), 4 + pick(3)))],
  ["linear", rows, (x, { leaf }) => x.linear(leaf(5, last(x)), { bias: leaf(5) })],
  ["conv", images, (x, { leaf, pick }) => x.conv2d(leaf(2 + pick(4), x.shape[1], 3, 3), { padding: 1 })],
  ["conv with bias", images, (x, { leaf, pick }) => {
    const bias = leaf(1 + pick(4)), weight = leaf(bias.size, x.shape[1], 3, 3);
    return x.conv2d(weight, { bias, padding: pick(2), stride: 1 + pick(2) });
  }],
  ["max pool", images, (x) => x.maxPool2d({ kernelSize: 2 })],
  ["avg pool", images, (x) => x.avgPool2d({ kernelSize: 2 })],
  ["wide max pool", images, (x) => x.maxPool2d({ kernelSize: 3, stride: 1, padding: 1 })],
  ["interpolate", images, (x) => x.interpolate({ size: [5, 6] })],
  ["batch norm", images, (x, { leaf }) => {
    return x.batchNorm2d({ weight: leaf(x.shape[1]), bias: leaf(x.shape[1]), training: true });
  }],
  ["layer norm", some, (x, { leaf }) => {
    return x.layerNorm({ normalizedShape: last(x), weight: leaf(last(x)), bias: leaf(last(x)) });
  }],
  ["cat", some, (x, { earlier, pick }) => cat([x, earlier(x)], { dim: pick(x.shape.length) })],
  ["slice", long, (x, { pick }) => x.slice({ dim: pick(x.shape.length), start: 1 })],
  ["every second", long, (x, { pick }) => x.slice({ dim: pick(x.shape.length), end: -1, step: 2 })],
  ["pad", some, (x, { pick }) => x.pad([pick(2), pick(3)], { value: 0.5 })],
  ["pad first", some, (x, { pick }) => x.pad([...x.shape.slice(1).flatMap(() => [0, 0]), pick(2), pick(2)])],
  ["flip", some, (x) => x.flip(0)],
  ["transpose", rows, (x) => x.transpose(-1, -2)],
  ["flatten", deep, (x) => x.flatten({ startDim: 1 })],
  ["reshape", any, (x) => x.reshape([-1])],
  ["images of 36", manyOf(36), (x) => x.reshape([1, -1, 6, 6])],
  ["images of 16", manyOf(32), (x) => x.reshape([-1, 2, 4, 4])],
  ["split", long, (x) => cat(x.split(2, { dim: -1 }).toReversed(), { dim: -1 })],
];

const STARTS = [[2, 3, 6, 6], [4, 8], [5, 7], [3, 4, 5], [8], [2, 2, 4, 4], [1, 1, 8, 8], [6, 6]];
/** Elements beyond which a value is cut. */
const MOST = 3000;

/** A chain that is always the same for a seed. */
export class Chain {
  /** The names of its links. */
  readonly names: string[] = [];
  /** The leaves that it uses. */
  readonly leaves: Tensor[] = [];
  readonly #seed: number;
  readonly #length: number;

  /** Makes a chain and its leaves. */
  constructor(seed: number, length: number) {
    this.#seed = seed;
    this.#length = length;
    this.run(this.leaves, this.names);
  }

  /** Runs it forward and back; returns its value and the gradients of the leaves, of which those that lack are added. */
  run(leaves: Tensor[], names: string[] = []): Tensor[] {
    const numbers = noise(this.#seed, 200), values: Tensor[] = [];
    let nextNumber = 0, nextLeaf = 0;
    const pick = (n: number) => Math.min(n - 1, Math.floor((numbers[nextNumber++] + 0.5) * n));
    const leaf = (...shape: number[]) =>
      leaves[nextLeaf++] ??= noiseTensor(shape, { seed: this.#seed + nextLeaf });
    const earlier = (x: Tensor) => {
      const alike = values.filter((v) => v.shape.join() === x.shape.join());
      return alike[pick(alike.length)];
    };
    let x = leaf(...STARTS[pick(STARTS.length)]);
    for (let k = 0; k < this.#length; k++) {
      values.push(x);
      const fitting = LINKS.filter(([, fits]) => fits(x.shape));
      const [name, , apply] = fitting[pick(fitting.length)];
      names.push(`${name} [${x.shape}]`);
      x = apply(x, { leaf, earlier, pick });
      if (x.size > MOST) x = x.reshape([-1]).slice({ dim: 0, end: 500 });
    }
    const loss = x.mul(leaf(...x.shape)).sum();
    for (const t of leaves) t.clearGrad();
    loss.backward();
    return [x.detach(), ...leaves.map((t) => t.grad ?? t)];
  }
}
