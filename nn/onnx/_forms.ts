/**
 * The operations' forms in ONNX, opset 17: https://onnx.ai/onnx/operators.
 *
 * An operation that has none is refused by its name, and so is one of its options that ONNX lacks.
 *
 * @module
 */
import type { Padding } from "../../ops/convolution/conv2d.ts";
import { outputSize } from "../../ops/core/families/pool_window.ts";
import { eachOf, normalDim, normalDims, type Pair, pair } from "../../ops/core/shape.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { binary, first, type Form, refuseCall, unary } from "./_form.ts";
import { FUNCTION_FORMS } from "./_function_forms.ts";
import type { Graph } from "./_graph.ts";
import { type TracedCall, where } from "./_trace.ts";

/** A tensor in another shape; sizes that stay are copied, so that the batch is free. */
function reshaped(g: Graph, name: string, from: readonly number[], to: readonly number[]): string {
  const sizes = to.map((size, d) => (size === from[d] ? 0 : d === 0 ? -1 : size));
  return g.node("Reshape", [name, g.int64(sizes)]);
}

const reshape: Form = (g, call) => reshaped(g, g.value(first(call)), first(call).shape, call.y.shape);

function reduction(type: string): Form {
  return (g, call) => {
    const x = first(call),
      { dim, keepdim = false } = call.options as { dim?: number | number[]; keepdim?: boolean };
    const axes = normalDims(call.op, dim, x.shape.length), keepdims = Number(keepdim);
    if (type === "ReduceSum") return g.node(type, [g.value(x, call.y.dtype), g.int64(axes)], { keepdims });
    return g.node(type, [g.value(x)], { axes, keepdims });
  };
}

/** Zeros above, left, below and right. */
function padsOf(padding: Padding, kernel: Pair, dilation: Pair): number[] {
  if (padding === "valid") return [0, 0, 0, 0];
  const total = eachOf(kernel, (k, d) => dilation[d] * (k - 1));
  const before = padding === "same" ? eachOf(total, (t) => Math.floor(t / 2)) : pair(padding);
  const after = padding === "same" ? eachOf(total, (t, d) => t - before[d]) : before;
  return [...before, ...after];
}

interface ConvCallOptions {
  bias?: Tensor;
  stride?: number | Pair;
  padding?: Padding;
  outputPadding?: number | Pair;
  dilation?: number | Pair;
  groups?: number;
}

function convolution(type: "Conv" | "ConvTranspose"): Form {
  return (g, { args, options }) => {
    const [x, weight] = args as [Tensor, Tensor], { bias, groups = 1, ...rest } = options as ConvCallOptions;
    const kernel = weight.shape.slice(2) as [number, number], dilation = pair(rest.dilation ?? 1);
    return g.node(type, [x, weight, ...bias ? [bias] : []].map((t) => g.value(t)), {
      kernel_shape: kernel,
      strides: pair(rest.stride ?? 1),
      dilations: dilation,
      pads: padsOf(rest.padding ?? 0, kernel, dilation),
      group: groups,
      ...type === "ConvTranspose" ? { output_padding: pair(rest.outputPadding ?? 0) } : {},
    });
  };
}

interface PoolCallOptions {
  kernelSize: number | Pair;
  stride?: number | Pair;
  padding?: number | Pair;
  dilation?: number | Pair;
  countIncludePad?: boolean;
  divisorOverride?: number;
}

function pooling(type: "MaxPool" | "AveragePool"): Form {
  return (g, call) => {
    const options = call.options as unknown as PoolCallOptions,
      x = first(call),
      kernel = pair(options.kernelSize);
    if (options.divisorOverride !== undefined) refuseCall(call, " with divisorOverride");
    const stride = pair(options.stride ?? kernel), padding = pair(options.padding ?? 0);
    const dilation = pair(options.dilation ?? 1), sizes = x.shape.slice(2) as [number, number];
    const whole = eachOf(
      sizes,
      (n, d) => outputSize(n, kernel[d], stride[d], padding[d], padding[d], dilation[d]),
    );
    if (whole.some((n, d) => n !== call.y.shape[2 + d])) refuseCall(call, " with a last, incomplete window"); // readers differ
    return g.node(type, [g.value(x)], {
      kernel_shape: kernel,
      strides: stride,
      pads: [...padding, ...padding],
      ...type === "MaxPool"
        ? { dilations: dilation }
        : { count_include_pad: Number(options.countIncludePad ?? true) },
    });
  };
}

const batchNorm: Form = (g, call) => {
  const { runningMean, runningVar, weight, bias, training, eps = 1e-5 } = call.options as
    & Record<"runningMean" | "runningVar", Tensor>
    & { weight?: Tensor; bias?: Tensor }
    & {
      training?: boolean;
      eps?: number;
    };
  if (training) refuseCall(call, " by the batch's own statistics");
  const x = first(call), shape = [x.shape[1]!];
  const inputs = [
    g.value(x),
    weight ? g.value(weight) : g.filled(1, shape),
    bias ? g.value(bias) : g.filled(0, shape),
    g.value(runningMean),
    g.value(runningVar),
  ];
  return g.node("BatchNormalization", inputs, { epsilon: { float: eps } });
};

const layerNorm: Form = (g, call) => {
  const { normalizedShape, weight, bias, eps = 1e-5 } = call.options as {
    normalizedShape: number | number[];
    weight?: Tensor;
    bias?: Tensor;
    eps?: number;
  };
  const shape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  const inputs = [
    g.value(first(call)),
    weight ? g.value(weight) : g.filled(1, shape),
    ...bias ? [g.value(bias)] : [],
  ];
  return g.node("LayerNormalization", inputs, { axis: -shape.length, epsilon: { float: eps } });
};

/** As many groups are the channels of an instance normalisation; its factors follow, one for each channel. */
const groupNorm: Form = (g, call) => {
  const [x, groups] = call.args as [Tensor, number], rest = x.shape.slice(2).map((_, k) => k + 1);
  const { weight, bias, eps = 1e-5 } = call.options as { weight?: Tensor; bias?: Tensor; eps?: number };
  const inputs = [
    g.node("Reshape", [g.value(x), g.int64([0, groups, -1])]),
    g.filled(1, [groups]),
    g.filled(0, [groups]),
  ];
  const normalized = g.node("InstanceNormalization", inputs, { epsilon: { float: eps } });
  let y = g.node("Reshape", [normalized, g.int64([-1, ...x.shape.slice(1)])]);
  const ofChannels = (t: Tensor) =>
    rest.length > 0 ? g.node("Unsqueeze", [g.value(t), g.int64(rest)]) : g.value(t);
  if (weight) y = g.node("Mul", [y, ofChannels(weight)]);
  return bias ? g.node("Add", [y, ofChannels(bias)]) : y;
};

const linear: Form = (g, { args, options, y }) => {
  const [x, weight] = args as [Tensor, Tensor], { bias } = options as { bias?: Tensor };
  const added = bias ? [g.value(bias)] : [];
  if (x.shape.length === 2) return g.node("Gemm", [g.value(x), g.value(weight), ...added], { transB: 1 });
  const columns = g.node("Transpose", [g.value(weight)], { perm: [1, 0] });
  const product = g.node("MatMul", [g.value(x, y.dtype), columns]);
  return bias ? g.node("Add", [product, ...added]) : product;
};

const clamp: Form = (g, { args, options, y }) => {
  const { min, max } = options as { min?: number; max?: number };
  const bound = (v?: number) => v === undefined ? "" : g.scalar(v, y.dtype);
  return g.node("Clip", [g.value(args[0] as Tensor, y.dtype), bound(min), bound(max)]);
};

const cat: Form = (g, { args, options, y }) => {
  const parts = (args[0] as Tensor[]).filter((t) => t.shape.length === y.shape.length);
  const axis = normalDim("cat", options.dim as number ?? 0, y.shape.length);
  return g.node("Concat", parts.map((t) => g.value(t, y.dtype)), { axis });
};

const stack: Form = (g, { args, options, y }) => {
  const axis = normalDim("stack", options.dim as number ?? 0, y.shape.length), axes = g.int64([axis]);
  const parts = (args[0] as Tensor[]).map((t) => g.node("Unsqueeze", [g.value(t, y.dtype), axes]));
  return g.node("Concat", parts, { axis });
};

const permute: Form = (g, call) => {
  const x = first(call), rank = x.shape.length;
  const perm = (call.args[1] as number[]).map((d) => normalDim("permute", d, rank));
  return g.node("Transpose", [g.value(x)], { perm });
};

const transpose: Form = (g, call) => {
  const x = first(call), rank = x.shape.length;
  const [, ...dims] = call.args as [Tensor, number, number];
  const [a, b] = eachOf(dims, (d) => normalDim("transpose", d, rank));
  return g.node("Transpose", [g.value(x)], { perm: x.shape.map((_, d) => (d === a ? b : d === b ? a : d)) });
};

const select: Form = (g, call) => {
  const x = first(call), [, dim, index] = call.args as [Tensor, number, number];
  return g.node("Gather", [g.value(x), g.int64([index], [])], {
    axis: normalDim("select", dim, x.shape.length),
  });
};

const slice: Form = (g, call) => {
  const { dim = 0, start = 0, end, step = 1 } = call.options as Record<string, number>, x = first(call);
  const last = end ?? Number.MAX_SAFE_INTEGER; // beyond every size
  const bounds = [start, last, normalDim("slice", dim, x.shape.length), step].map((v) => g.int64([v]));
  return g.node("Slice", [g.value(x), ...bounds]);
};

const pad: Form = (g, call) => {
  const { mode = "constant", value = 0 } = call.options as { mode?: string; value?: number }, x = first(call);
  const sides = call.args[1] as number[], rank = x.shape.length;
  const at = (side: 0 | 1) => x.shape.map((_, d) => sides[2 * (rank - 1 - d) + side] ?? 0);
  const inputs = [
    g.value(x),
    g.int64([...at(0), ...at(1)]),
    ...mode === "constant" ? [g.scalar(value, x.dtype)] : [],
  ];
  return g.node("Pad", inputs, { mode: mode === "replicate" ? "edge" : mode });
};

const embedding: Form = (g, { args }) => {
  const [input, weight] = args as [Tensor, Tensor];
  return g.node("Gather", [g.value(weight), g.value(input)], { axis: 0 });
};

/** Nothing is done: dropout in evaluation, and copies. */
const same: Form = (g, call) => g.value(first(call));

/** What each operation is in ONNX. */
export const FORMS: Readonly<Record<string, Form>> = {
  ...FUNCTION_FORMS,
  add: binary("Add"),
  amax: reduction("ReduceMax"),
  amin: reduction("ReduceMin"),
  avgPool2d: pooling("AveragePool"),
  batchNorm1d: batchNorm,
  batchNorm2d: batchNorm,
  cat,
  clamp,
  clone: same,
  conv2d: convolution("Conv"),
  convTranspose2d: convolution("ConvTranspose"),
  div: binary("Div"),
  dropout: same,
  embedding,
  flatten: reshape,
  groupNorm,
  layerNorm,
  linear,
  logSoftmax: unary("LogSoftmax", ({ dim }) => ({ axis: dim as number })),
  matmul: binary("MatMul"),
  maxPool2d: pooling("MaxPool"),
  maximum: binary("Max"),
  mean: reduction("ReduceMean"),
  minimum: binary("Min"),
  mul: binary("Mul"),
  pad,
  permute,
  pow: binary("Pow"),
  reshape,
  select,
  slice,
  softmax: unary("Softmax", ({ dim }) => ({ axis: dim as number })),
  squeeze: reshape,
  stack,
  sub: binary("Sub"),
  sum: reduction("ReduceSum"),
  transpose,
  unsqueeze: reshape,
};

/** Adds a call to a graph and names its result; refuses what has no form. */
export function addCall(g: Graph, call: TracedCall): void {
  const { op, args, y, path } = call;
  if (!Object.hasOwn(FORMS, op) || args.length === 0) refuseCall(call);
  g.current = `${op}${where(path)}`;
  g.name(y, FORMS[op]!(g, call));
}
