/**
 * Each kernel family by itself: the calls that an operation and its gradient make, timed one by one.
 *
 * @module
 */
import {
  conv2d,
  crossEntropy,
  type Device,
  linear,
  matmul,
  mul,
  nn,
  rand,
  relu,
  sigmoid,
  softmax,
  type Tensor,
  tensor,
} from "../../mod.ts";
import { type Call, lowerCall } from "../../ops/core/call.ts";
import { capture } from "../../ops/core/compile/capture.ts";
import type { Storage } from "../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../ops/kernels/adapter.ts";
import { type Ceilings, LARGE_COPY, secondsOf, SMALL_COPY } from "./ceilings.ts";
import { eachConvolution, NETWORKS } from "./networks.ts";

/** Calls that touch less than this are left out: they take as long as a dispatch. */
const LEAST_BYTES = 2048;

/** One operation at one size. */
interface Case {
  readonly family: string;
  readonly size: string;
  /** Runs the operation, and its gradient. */
  run(): void;
  /** Floating-point operations of each of its calls, a multiply-add counting as two, where arithmetic is what it is about. */
  readonly flops?: number;
}

/** What one call took. */
export interface KernelRow {
  readonly family: string;
  readonly size: string;
  readonly call: string;
  readonly ms: number;
  readonly gflops: number | null;
  readonly gbps: number;
  /** Share of the ceiling: that of arithmetic where it is counted, else that of a copy of such a size. */
  readonly share: number;
}

function cases(): Case[] {
  return [...products(), ...convolutions(), ...poolings(), ...elementwise(), ...reductions(), ...rows()];
}

/** A leaf that wants a gradient, with random values. */
function leaf(...shape: number[]): Tensor {
  const t = rand(shape);
  t.requiresGrad = true;
  return t;
}

/** A case of `op` on leaves: forward, and backward from a random gradient. */
function withGradient(
  family: string,
  size: string,
  op: (...inputs: Tensor[]) => Tensor,
  inputs: Tensor[],
  outputShape: readonly number[],
  flops?: number,
): Case {
  const dy = outputShape.length > 0 ? rand([...outputShape]) : null;
  return { family, size, flops, run: () => op(...inputs).backward(dy) };
}

function products(): Case[] {
  const squares = [128, 512, 1024].map((n) =>
    withGradient("matmul", `${n}×${n}×${n}`, matmul, [leaf(n, n), leaf(n, n)], [n, n], 2 * n ** 3)
  );
  const layers = [[256, 400, 120], [256, 120, 84], [256, 84, 10], [64, 12544, 512]].map(([m, k, n]) =>
    withGradient(
      "linear",
      `${m}×${k}→${n}`,
      (x, weight, bias) => linear(x, weight, { bias }),
      [leaf(m, k), leaf(n, k), leaf(n)],
      [m, n],
      2 * m * k * n,
    )
  );
  return [...squares, ...layers];
}

/** Every convolution of the networks, at their batches. */
function convolutions(): Case[] {
  const found = new Map<string, Case>();
  for (const { layers, batch } of Object.values(NETWORKS)) {
    eachConvolution(layers, (layer, size, out) => {
      const { kernel, padding, stride } = layer;
      const name = `${batch}×${layer.in}→${layer.out} k${kernel} p${padding} s${stride} ${size}×${size}`;
      const x = layer.in === 1 ? rand([batch, 1, size, size]) : leaf(batch, layer.in, size, size);
      const flops = 2 * batch * layer.in * layer.out * (kernel * out) ** 2;
      const weight = leaf(layer.out, layer.in, kernel, kernel);
      const op = (x: Tensor, weight: Tensor) => conv2d(x, weight, { padding, stride });
      found.set(name, withGradient("conv2d", name, op, [x, weight], [batch, layer.out, out, out], flops));
    });
  }
  return [...found.values()];
}

function poolings(): Case[] {
  return [[256, 6, 28], [256, 16, 10], [64, 64, 28]].flatMap(([n, c, size]) =>
    [new nn.AvgPool2d(2), new nn.MaxPool2d(2)].map((pool) =>
      withGradient(
        "pooling",
        `${n}×${c}×${size}×${size}`,
        (x) => pool.forward(x),
        [leaf(n, c, size, size)],
        [n, c, size / 2, size / 2],
      )
    )
  );
}

function elementwise(): Case[] {
  const shapes = [[256, 6, 28, 28], [64, 64, 28, 28]];
  return shapes.flatMap((shape) => {
    const size = shape.join("×");
    return [
      withGradient("elementwise", size, sigmoid, [leaf(...shape)], shape),
      withGradient("elementwise", size, relu, [leaf(...shape)], shape),
      withGradient("elementwise", size, mul, [leaf(...shape), leaf(...shape)], shape),
    ];
  });
}

function reductions(): Case[] {
  const x = rand([256, 16, 28, 28]), size = x.shape.join("×");
  return [undefined, [0], [0, 2, 3], [3]].map((dim) => ({
    family: "reduction",
    size: `${size} over ${dim?.join() ?? "all"}`,
    run: () => void x.sum({ dim }),
  }));
}

function rows(): Case[] {
  return [[256, 10], [4096, 1000]].flatMap(([n, classes]) => {
    const labels = tensor(Int32Array.from({ length: n }, (_, i) => i % classes)), size = `${n}×${classes}`;
    return [
      withGradient("rows", size, (x) => softmax(x, { dim: 1 }), [leaf(n, classes)], [n, classes]),
      withGradient("rows", size, (x) => crossEntropy(x, labels), [leaf(n, classes)], []),
    ];
  });
}

/** Times the calls of every case, or of the families named. */
export async function* measureKernels(
  device: Device,
  ceilings: Ceilings,
  options: { rounds: number; seconds: number; families?: readonly string[] },
): AsyncGenerator<KernelRow> {
  const { rounds, seconds, families } = options;
  for (const { family, size, flops, run } of cases()) {
    if (families && !families.includes(family)) continue;
    const { calls, storages } = record(run);
    for (const call of calls) {
      const bytes = [...new Set([...call.reads, ...call.writes])].reduce((sum, s) => sum + s.bytes, 0);
      if (bytes < LEAST_BYTES) continue;
      const { dispatches, temporaries } = lowerCall(call, ADAPTERS[device.kernels]);
      const each = await secondsOf(device, dispatches, rounds, seconds);
      for (const storage of temporaries) storage.release();
      const gflops = flops === undefined ? null : flops / each / 1e9, gbps = bytes / each / 1e9;
      const copyGbps = bytes > Math.sqrt(LARGE_COPY * SMALL_COPY) ? ceilings.memoryGbps : ceilings.cacheGbps;
      const share = gflops === null ? gbps / copyGbps : gflops / ceilings.gflops;
      yield { family, size, call: call.name, ms: 1000 * each, gflops, gbps, share };
    }
    for (const storage of storages) storage.release();
  }
}

/** The calls that `run` makes, and all memory that they use, held once. */
function record(run: () => void): { calls: readonly Call[]; storages: Storage[] } {
  return capture(run, ({ calls, storages, outer }) => {
    for (const storage of storages) if (!outer.has(storage)) storage.retain(); // the outer ones are held already
    return { calls, storages: [...storages] };
  });
}
