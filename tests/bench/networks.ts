/**
 * The networks that are measured, as data: every contender builds the same ones from it.
 *
 * @module
 */
import { mulberry32 } from "../support/random_numbers.ts";

/** A layer that has no others in it. */
export type SimpleLayer =
  | { kind: "conv"; in: number; out: number; kernel: number; padding: number; stride: number; bias: boolean }
  | { kind: "linear"; in: number; out: number }
  | { kind: "batchNorm"; channels: number }
  | { kind: "sigmoid" | "relu" | "leakyRelu" | "flatten" | "globalAvgPool" }
  | { kind: "avgPool" | "maxPool"; size: number };

/** A layer. A residual block is `relu(main(x) + shortcut(x))`; an empty shortcut passes x. */
export type Layer = SimpleLayer | { kind: "residual"; main: Layer[]; shortcut: Layer[] };

/** A network and the batch that it is measured at; its input is `[batch, 1, 28, 28]`, its output `[batch, 10]`. */
export interface Network {
  /** What the tables call it. */
  title: string;
  batch: number;
  layers: Layer[];
}

/** Height and width of the images. */
export const IMAGE = 28;
/** Number of classes. */
export const CLASSES = 10;

type Activation = "sigmoid" | "relu" | "leakyRelu";
type Pool = "avgPool" | "maxPool";

function conv(inChannels: number, out: number, kernel: number, padding: number): Layer {
  return { kind: "conv", in: inChannels, out, kernel, padding, stride: 1, bias: true };
}

/** Fully connected layers of these sizes, with an activation between them. */
function linears(sizes: readonly number[], activation: Activation): Layer[] {
  return sizes.slice(1).flatMap((out, i): Layer[] => {
    const linear: Layer = { kind: "linear", in: sizes[i], out };
    return i + 2 < sizes.length ? [linear, { kind: activation }] : [linear];
  });
}

function lenet(activation: Activation, pool: Pool): Layer[] {
  return [
    conv(1, 6, 5, 2),
    { kind: activation },
    { kind: pool, size: 2 },
    conv(6, 16, 5, 0),
    { kind: activation },
    { kind: pool, size: 2 },
    { kind: "flatten" },
    ...linears([16 * 5 * 5, 120, 84, 10], activation),
  ];
}

function threeConvolutions([a, b, c]: readonly number[], activation: Activation): Layer[] {
  return [
    ...[conv(1, a, 5, 2), conv(a, b, 3, 1), conv(b, c, 3, 1)].flatMap((layer): Layer[] => [
      layer,
      { kind: activation },
      { kind: "maxPool", size: 2 },
    ]),
    { kind: "flatten" },
    ...linears([c * 3 * 3, 120, 84, 10], activation),
  ];
}

function deep(sizes: readonly number[]): Layer[] {
  return [
    conv(1, 32, 3, 1),
    { kind: "relu" },
    conv(32, 64, 3, 1),
    { kind: "relu" },
    { kind: "maxPool", size: 2 },
    conv(64, 128, 3, 1),
    { kind: "relu" },
    conv(128, 256, 3, 1),
    { kind: "relu" },
    { kind: "maxPool", size: 2 },
    { kind: "flatten" },
    ...linears([256 * 7 * 7, ...sizes, 10], "relu"),
  ];
}

function normalized(inChannels: number, out: number, kernel: number, stride = 1): Layer[] {
  return [
    { kind: "conv", in: inChannels, out, kernel, padding: kernel >> 1, stride, bias: false },
    { kind: "batchNorm", channels: out },
  ];
}

function block(inChannels: number, out: number, stride = 1): Layer {
  return {
    kind: "residual",
    main: [...normalized(inChannels, out, 3, stride), { kind: "relu" }, ...normalized(out, out, 3)],
    shortcut: inChannels === out ? [] : normalized(inChannels, out, 1, stride),
  };
}

/** The network of `examples/modern_lenet.ts`. */
function residual(): Layer[] {
  return [
    ...normalized(1, 16, 3),
    { kind: "relu" },
    block(16, 16),
    block(16, 16),
    { kind: "maxPool", size: 2 },
    block(16, 32, 2),
    block(32, 32),
    { kind: "globalAvgPool" },
    { kind: "linear", in: 32, out: 10 },
  ];
}

/** Every network by the name that options give it; the numbers are those of the study's exercises. */
export const NETWORKS: Readonly<Record<string, Network>> = {
  "lenet": { title: "LeNet", batch: 256, layers: lenet("sigmoid", "avgPool") },
  "lenet-max": { title: "LeNet, max pooling, ReLU", batch: 256, layers: lenet("relu", "maxPool") },
  "2.1": { title: "2.1: convolutions 6, 16, 32", batch: 256, layers: threeConvolutions([6, 16, 32], "relu") },
  "2.2": {
    title: "2.2: convolutions 10, 20, 40",
    batch: 256,
    layers: threeConvolutions([10, 20, 40], "relu"),
  },
  "2.3": { title: "2.3: leaky ReLU", batch: 256, layers: threeConvolutions([6, 16, 32], "leakyRelu") },
  "2.4": { title: "2.4: four convolutions", batch: 64, layers: deep([512, 256]) },
  "2.5": { title: "2.5: four fully connected", batch: 64, layers: deep([512, 256, 128]) },
  "residual": { title: "residual, batch norm", batch: 128, layers: residual() },
};

/** A parameter: its shape in PyTorch's layout, and how many inputs each output has; 0 for batch norm's. */
export interface ParameterShape {
  shape: number[];
  fanIn: number;
}

/** All layers in the order in which PyTorch lists their parameters, those of residual blocks too. */
export function simpleLayers(layers: readonly Layer[]): SimpleLayer[] {
  return layers.flatMap((layer) =>
    layer.kind === "residual" ? simpleLayers([...layer.main, ...layer.shortcut]) : [layer]
  );
}

/** Calls `visit` with every convolution, the size of its input and of its output; returns the size behind the layers. */
export function eachConvolution(
  layers: readonly Layer[],
  visit: (layer: SimpleLayer & { kind: "conv" }, size: number, out: number) => void,
  size = IMAGE,
): number {
  for (const layer of layers) {
    if (layer.kind === "residual") {
      eachConvolution(layer.shortcut, visit, size);
      size = eachConvolution(layer.main, visit, size);
    } else if (layer.kind === "avgPool" || layer.kind === "maxPool") size = Math.floor(size / layer.size);
    else if (layer.kind === "conv") {
      const out = Math.floor((size + 2 * layer.padding - layer.kernel) / layer.stride) + 1;
      visit(layer, size, out);
      size = out;
    }
  }
  return size;
}

/** The parameters of layers in PyTorch's order. */
export function parametersOf(layers: readonly Layer[]): ParameterShape[] {
  return simpleLayers(layers).flatMap((layer): ParameterShape[] => {
    if (layer.kind === "conv") {
      const fanIn = layer.in * layer.kernel ** 2;
      const weight = { shape: [layer.out, layer.in, layer.kernel, layer.kernel], fanIn };
      return layer.bias ? [weight, { shape: [layer.out], fanIn }] : [weight];
    }
    if (layer.kind === "linear") {
      return [{ shape: [layer.out, layer.in], fanIn: layer.in }, { shape: [layer.out], fanIn: layer.in }];
    }
    if (layer.kind === "batchNorm") return [1, 0].map(() => ({ shape: [layer.channels], fanIn: 0 }));
    return [];
  });
}

/** What a contender starts from, so that all compute the same: parameters one after the other, images, labels. */
export interface StartingPoint {
  parameters: Float32Array<ArrayBuffer>;
  x: Float32Array<ArrayBuffer>;
  y: Int32Array<ArrayBuffer>;
}

/** Makes the values that every contender starts from; they are the same at each call. */
export function startingPoint({ layers, batch }: Network): StartingPoint {
  const random = mulberry32(1);
  let isScale = false; // batch norm's two parameters begin as 1 and 0, in turn
  const parameters = parametersOf(layers).flatMap(({ shape, fanIn }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    if (fanIn === 0) isScale = !isScale;
    const bound = Math.sqrt(3 / fanIn); // a variance of 1 / fanIn
    const value = fanIn === 0 ? () => Number(isScale) : () => (2 * random() - 1) * bound;
    return [Float32Array.from({ length: size }, value)];
  });
  return {
    parameters: concatenated(parameters),
    x: Float32Array.from({ length: batch * IMAGE * IMAGE }, random),
    y: Int32Array.from({ length: batch }, (_, i) => (7 * i) % CLASSES),
  };
}

function concatenated(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
