/**
 * The measured networks in our own words, and a training step of each.
 *
 * @module
 */
import { compile, type Device, nn, optim, scope, type Tensor, tensor } from "../../mod.ts";
import {
  eachConvolution,
  IMAGE,
  type Layer,
  type Network,
  simpleLayers,
  type StartingPoint,
  startingPoint,
} from "./networks.ts";
import type { Work } from "./timing.ts";

/** A step as written, or captured and replayed. */
export type Mode = "eager" | "compiled";

/** A network with the step that trains it. */
export interface Training extends Work {
  readonly net: nn.Module;
  /** Bytes of the batch and the parameters. */
  readonly bytes: number;
  /** The loss of the last step. */
  loss(): Promise<number>;
  /** Frees what it holds. */
  dispose(): void;
}

class Residual extends nn.Module {
  readonly relu = new nn.ReLU();

  constructor(readonly main: nn.Module, readonly shortcut: nn.Module) {
    super();
  }

  override forward(x: Tensor): Tensor {
    return this.relu.forward(this.main.forward(x).add(this.shortcut.forward(x)));
  }
}

function layer(spec: Layer): nn.Module {
  switch (spec.kind) {
    case "conv":
      return new nn.Conv2d(spec.in, spec.out, spec.kernel, {
        padding: spec.padding,
        stride: spec.stride,
        bias: spec.bias,
      });
    case "linear":
      return new nn.Linear(spec.in, spec.out);
    case "batchNorm":
      return new nn.BatchNorm2d(spec.channels);
    case "sigmoid":
      return new nn.Sigmoid();
    case "relu":
      return new nn.ReLU();
    case "leakyRelu":
      return new nn.LeakyReLU();
    case "flatten":
      return new nn.Flatten();
    case "globalAvgPool":
      return new nn.Sequential(new nn.AdaptiveAvgPool2d(1), new nn.Flatten());
    case "avgPool":
      return new nn.AvgPool2d(spec.size);
    case "maxPool":
      return new nn.MaxPool2d(spec.size);
    case "residual":
      return new Residual(build(spec.main), build(spec.shortcut));
  }
}

/** Builds a network from its layers. */
export function build(layers: readonly Layer[]): nn.Sequential {
  return new nn.Sequential(...layers.map(layer));
}

/** Makes a network and the step that trains it by plain SGD on the cross-entropy of one batch, again and again. */
export function training(
  device: Device,
  network: Network,
  mode: Mode,
  lr: number,
  from: StartingPoint = startingPoint(network),
): Training {
  const net = build(network.layers), criterion = new nn.CrossEntropyLoss();
  load(net, from.parameters);
  const optimizer = new optim.SGD(net.parameters(), { lr });
  const x = tensor(from.x, { shape: [network.batch, 1, IMAGE, IMAGE] }), y = tensor(from.y);
  let last: Tensor | null = null;

  function train(x: Tensor, y: Tensor): Tensor {
    optimizer.zeroGrad();
    const loss = criterion.forward(net.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  }

  const compiled = compile(train);
  return {
    net,
    bytes: 4 * [x, y, ...net.parameters()].reduce((sum, t) => sum + t.size, 0),
    step() {
      last?.dispose();
      if (mode === "compiled") {
        last = compiled(x, y);
      } else {
        using step = scope();
        last = step.keep(train(x, y));
      }
    },
    wait: () => device.sync(),
    loss: () => last!.item(),
    dispose() {
      compiled.dispose();
      for (const t of [x, y, last, ...net.parameters()]) t?.dispose();
    },
  };
}

/** Puts values into the parameters, one after the other in their order. */
function load(net: nn.Module, values: Float32Array<ArrayBuffer>): void {
  let at = 0;
  const record = Object.fromEntries(
    net.namedParameters().map(([name, p]) => {
      const own = values.subarray(at, at += p.size);
      return [name, tensor(own, { shape: p.shape })];
    }),
  );
  if (at !== values.length) throw new RangeError(`Cannot load ${values.length} values: there are ${at}`);
  net.loadStateDict(record, { strict: false });
  for (const t of Object.values(record)) t.dispose();
}

/** Floating-point operations of the convolutions and products of one training step, a multiply-add counting as two. */
export function stepFlops({ layers, batch }: Network): number {
  const forward: number[] = [];
  eachConvolution(layers, (spec, _size, out) => forward.push(spec.in * spec.out * (spec.kernel * out) ** 2));
  for (const spec of simpleLayers(layers)) if (spec.kind === "linear") forward.push(spec.in * spec.out);
  const [first, ...others] = forward; // the first layer has no input gradient
  return 2 * batch * (2 * first + 3 * others.reduce((a, b) => a + b, 0));
}
