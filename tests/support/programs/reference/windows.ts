/**
 * Operations over images, as mathematics defines them.
 *
 * @module
 */
import { addTerm, choose, contract, mix, sizeOf, terms, UNIT, type Value } from "../tape.ts";
import { add } from "./pointwise.ts";
import { mean } from "./reductions.ts";
import { coordinates, placeOf } from "./shapes.ts";

type Two = number | readonly number[];
const two = (v: Two): number[] => (typeof v === "number" ? [v, v] : [...v]);

interface Conv {
  bias?: Value;
  stride?: Two;
  padding?: Two | "same" | "valid";
  outputPadding?: Two;
  dilation?: Two;
  groups?: number;
}

/** Adds one number to each channel. */
function addBias(y: Value, bias: Value | undefined): Value {
  return bias ? add(y, bias.view([y.shape[1], 1, 1])) : y;
}

/** Zeros before the image; "same" puts the odd one behind it. */
function before(padding: Conv["padding"], span: number[]): number[] {
  return padding === "valid"
    ? [0, 0]
    : padding === "same"
    ? span.map((s) => Math.floor(s / 2))
    : two(padding ?? 0);
}

export const conv2d = (x: Value, weight: Value, options: Conv = {}): Value => {
  const [n, , ...size] = x.shape, [out, perGroup, ...kernel] = weight.shape;
  const stride = two(options.stride ?? 1),
    dilation = two(options.dilation ?? 1),
    { groups = 1, padding } = options;
  const span = kernel.map((k, d) => dilation[d] * (k - 1)), first = before(padding, span);
  const both = padding === "same" ? span : first.map((p) => 2 * p);
  const result = size.map((s, d) => Math.floor((s + both[d] - span[d] - 1) / stride[d]) + 1);
  const shape = [n, out, ...result], taps = [perGroup, ...kernel];
  const to: number[] = [], left: number[] = [], right: number[] = [];
  for (let i = 0; i < sizeOf(shape); i++) {
    const [b, o, ...at] = coordinates(i, shape), channel = Math.floor(o / (out / groups)) * perGroup;
    for (let t = 0; t < sizeOf(taps); t++) {
      const [c, ...step] = coordinates(t, taps);
      const from = at.map((v, d) => v * stride[d] + step[d] * dilation[d] - first[d]);
      if (from.some((v, d) => v < 0 || v >= size[d])) continue;
      to.push(i);
      left.push(placeOf([b, channel + c, ...from], x.shape));
      right.push(placeOf([o, c, ...step], weight.shape));
    }
  }
  return addBias(contract([x, weight], shape, { to, left, right }), options.bias);
};

export const convTranspose2d = (x: Value, weight: Value, options: Conv = {}): Value => {
  const [n, c, ...size] = x.shape, [, perGroup, ...kernel] = weight.shape, { groups = 1 } = options;
  const stride = two(options.stride ?? 1), dilation = two(options.dilation ?? 1);
  const padding = two((options.padding ?? 0) as Two), more = two(options.outputPadding ?? 0);
  const result = size.map((s, d) =>
    (s - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernel[d] - 1) + more[d] + 1
  );
  const shape = [n, perGroup * groups, ...result], taps = [perGroup, ...kernel];
  const to: number[] = [], left: number[] = [], right: number[] = [];
  for (let i = 0; i < x.size; i++) {
    const [b, channel, ...at] = coordinates(i, x.shape), group = Math.floor(channel / (c / groups));
    for (let t = 0; t < sizeOf(taps); t++) {
      const [o, ...step] = coordinates(t, taps);
      const into = at.map((v, d) => v * stride[d] + step[d] * dilation[d] - padding[d]);
      if (into.some((v, d) => v < 0 || v >= result[d])) continue;
      to.push(placeOf([b, group * perGroup + o, ...into], shape));
      left.push(i);
      right.push(placeOf([channel, o, ...step], weight.shape));
    }
  }
  return addBias(contract([x, weight], shape, { to, left, right }), options.bias);
};

interface Pool {
  kernelSize: Two;
  stride?: Two;
  padding?: Two;
  dilation?: Two;
  ceilMode?: boolean;
  countIncludePad?: boolean;
  returnIndices?: boolean;
}

/** The windows of a pooling: the elements in each, and how many places it has with those of the padding. */
function windows(x: Value, options: Pool): { shape: number[]; lists: number[][]; places: number[] } {
  const kernel = two(options.kernelSize), stride = two(options.stride ?? options.kernelSize);
  const padding = two(options.padding ?? 0), dilation = two(options.dilation ?? 1), size = x.shape.slice(2);
  const result = size.map((s, d) => {
    const room = (s + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d];
    if (!options.ceilMode) return Math.floor(room) + 1;
    const most = Math.ceil(room) + 1; // a last window must begin in the image or in the padding before it
    return (most - 1) * stride[d] >= s + padding[d] ? most - 1 : most;
  });
  const shape = [...x.shape.slice(0, 2), ...result], lists: number[][] = [], places: number[] = [];
  for (let i = 0; i < sizeOf(shape); i++) {
    const [b, c, ...at] = coordinates(i, shape), list: number[] = [];
    let count = 0;
    for (let t = 0; t < sizeOf(kernel); t++) {
      const step = coordinates(t, kernel);
      const from = at.map((v, d) => v * stride[d] + step[d] * dilation[d] - padding[d]);
      if (from.every((v, d) => v < size[d] + padding[d])) count++;
      if (from.every((v, d) => v >= 0 && v < size[d])) list.push(placeOf([b, c, ...from], x.shape));
    }
    lists.push(list);
    places.push(count);
  }
  return { shape, lists, places };
}

export const maxPool2d = (x: Value, options: Pool): Value | { values: Value; indices: Value } => {
  const { shape, lists } = windows(x, options),
    { values, places } = choose(x, shape, { candidates: lists, sign: 1 });
  if (!options.returnIndices) return values;
  const plane = x.shape[2] * x.shape[3];
  places.data.forEach((k, i) => places.data[i] = lists[i][k] % plane);
  return { values, indices: places };
};
export const avgPool2d = (x: Value, options: Pool): Value => {
  const { shape, lists, places } = windows(x, options), all = terms();
  lists.forEach((list, i) => {
    const n = options.countIncludePad ?? true ? places[i] : list.length;
    list.forEach((j) => addTerm(all, i, j, 1 / n));
  });
  return mix([x], shape, all);
};
export const adaptiveAvgPool2d = (
  x: Value,
  { outputSize }: { outputSize: Two | null | (number | null)[] },
): Value => {
  const asked = Array.isArray(outputSize) ? outputSize : [outputSize, outputSize];
  const size = x.shape.slice(2), result = size.map((s, d) => (asked[d] as number | null) ?? s);
  if (result.every((n) => n === 1)) return mean(x, { dim: [2, 3], keepdim: true });
  const bounds = (i: number, d: number) => [
    Math.floor(i * size[d] / result[d]),
    Math.ceil((i + 1) * size[d] / result[d]),
  ];
  const shape = [...x.shape.slice(0, 2), ...result], all = terms();
  for (let i = 0; i < sizeOf(shape); i++) {
    const [b, c, ...at] = coordinates(i, shape), [rows, columns] = at.map(bounds);
    const n = (rows[1] - rows[0]) * (columns[1] - columns[0]);
    for (let r = rows[0]; r < rows[1]; r++) {
      for (let k = columns[0]; k < columns[1]; k++) addTerm(all, i, placeOf([b, c, r, k], x.shape), 1 / n);
    }
  }
  return mix([x], shape, all);
};

interface Interpolate {
  size?: Two;
  scaleFactor?: Two;
  mode?: string;
  alignCorners?: boolean;
}

/** Which elements of a line of `from` an element of a line of `to` takes, and with which weights. */
function taps(
  i: number,
  from: number,
  to: number,
  scale: number | undefined,
  options: Interpolate,
): [number, number][] {
  if (from === to) return [[i, 1]];
  const ratio = scale === undefined ? from / to : 1 / scale;
  if (options.mode !== "bilinear") { // PyTorch counts in float32
    return [[Math.min(Math.floor(Math.fround(i * Math.fround(ratio))), from - 1), 1]];
  }
  const at = options.alignCorners
    ? (to > 1 ? i * (from - 1) / (to - 1) : 0)
    : Math.max(0, (i + 0.5) * ratio - 0.5);
  const low = Math.min(Math.floor(at), from - 1), share = Math.min(at - low, 1);
  // the element before takes part where float32 finds itself a little before this one
  return [[Math.max(low - 1, 0), 0], [low, 1 - share], [Math.min(low + 1, from - 1), share]];
}

export const interpolate = (x: Value, options: Interpolate): Value => {
  const from = x.shape.slice(2), scales = options.scaleFactor === undefined ? [] : two(options.scaleFactor);
  const to = options.size === undefined ? from.map((n, d) => Math.floor(n * scales[d])) : two(options.size);
  const shape = [...x.shape.slice(0, 2), ...to], all = terms();
  for (let i = 0; i < sizeOf(shape); i++) {
    const [b, c, ...at] = coordinates(i, shape);
    const [rows, columns] = at.map((v, d) => taps(v, from[d], to[d], scales[d], options));
    for (const [r, w] of rows) {
      for (const [k, v] of columns) addTerm(all, i, placeOf([b, c, r, k], x.shape), w * v);
    }
  }
  // where an element lies is off by some units of how far it lies from the corner
  return mix([x], shape, all, { off: 8 * UNIT * Math.max(...from) });
};
