/**
 * Writes down the dispatches that calls and training steps make, without running any of them.
 *
 * @module
 */
import {
  compile,
  conv2d,
  type Device,
  linear,
  matmul,
  nn,
  optim,
  scope,
  type Tensor,
  zeros,
} from "../../../mod.ts";
import type { Dispatch } from "../../../ops/gpu/kernel.ts";
import { IMAGE, NETWORKS } from "../networks.ts";
import { build } from "../ours.ts";

/** A kernel, and the dispatches that were made of it. */
export interface Recorded {
  readonly name: string;
  readonly dispatch: Dispatch;
  times: number;
}

/** Runs `work`, whose dispatches are noted and go no further; where it captures a step, those of the step alone. */
export function recordDispatches(device: Device, work: () => unknown): Recorded[] {
  const { queue } = device, { run, prepare } = queue;
  const written: Dispatch[] = [], captured: Dispatch[] = [];
  queue.run = (dispatch) => void written.push(dispatch);
  queue.prepare = (dispatches) => {
    captured.push(...dispatches);
    return prepare.call(queue, []);
  };
  try {
    using _all = scope();
    work();
  } finally {
    Object.assign(queue, { run, prepare });
  }
  return counted(captured.length > 0 ? captured : written);
}

/** Dispatches that run the same kernel over as many workgroups are one. */
function counted(dispatches: readonly Dispatch[]): Recorded[] {
  const found = new Map<string, Recorded>();
  for (const dispatch of dispatches.filter(({ workgroups }) => workgroups > 0)) {
    const key = `${dispatch.kernel.wgsl} ${dispatch.workgroups}`, known = found.get(key);
    if (known) known.times++;
    else found.set(key, { name: dispatch.kernel.name, dispatch, times: 1 });
  }
  return [...found.values()];
}

/** The captured training step of a network of the benchmarks: with `compile`, SGD and cross-entropy. */
function trainingStep(name: string): () => void {
  return () => {
    const { layers, batch } = NETWORKS[name], net = build(layers), criterion = new nn.CrossEntropyLoss();
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
    const step = compile((x: Tensor, y: Tensor) => {
      optimizer.zeroGrad();
      criterion.forward(net.forward(x), y).backward();
      optimizer.step();
    });
    step(zeros([batch, 1, IMAGE, IMAGE]), zeros([batch], { dtype: "int32" }));
    step.dispose();
  };
}

function leaf(...shape: number[]): Tensor {
  return zeros(shape, { requiresGrad: true });
}

/** An operation with its gradients in both operands. */
function withGradients(x: Tensor, w: Tensor, apply: (x: Tensor, w: Tensor) => Tensor): void {
  apply(x, w).sum().backward();
}

const convolution = (n: number, c: number, size: number, oc: number, k: number, padding: number) => () =>
  withGradients(leaf(n, c, size, size), leaf(oc, c, k, k), (x, w) => conv2d(x, w, { padding }));

/** What can be recorded, by name: operations with their gradients, and training steps. */
export const WORKS: Readonly<Record<string, () => void>> = {
  "matmul": () => withGradients(leaf(1024, 1024), leaf(1024, 1024), matmul),
  "matmul-odd": () => withGradients(leaf(509, 1021), leaf(1021, 253), matmul),
  "linear": () => withGradients(leaf(256, 512), leaf(512, 512), (x, w) => linear(x, w)),
  "conv": convolution(64, 64, 14, 128, 3, 1),
  "conv-5x5": convolution(256, 6, 14, 16, 5, 0),
  "conv-1x1": convolution(64, 128, 14, 128, 1, 0),
  "lenet": trainingStep("lenet"),
  "deep": trainingStep("2.4"),
  "residual": trainingStep("residual"),
};
