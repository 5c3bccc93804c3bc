/**
 * Further operations over sequences and images, as mathematics defines them.
 *
 * @module
 */
import { addTerm, choose, mix, sizeOf, terms, type Value } from "../tape.ts";
import { lerp } from "./elementary.ts";
import { scatter } from "./arranged.ts";
import { embedding, matmul } from "./indexing.ts";
import { add, div, mul, pow, rsqrt, square } from "./pointwise.ts";
import { mean } from "./reductions.ts";
import { groupNorm } from "./rows.ts";
import { cat, coordinates, permute, placeOf, select } from "./shapes.ts";
import { avgPool2d, conv2d, convTranspose2d, maxPool2d } from "./windows.ts";
import { leafValue, pointwise } from "../tape.ts";

type Two = number | readonly number[];
const two = (v: Two): number[] => (typeof v === "number" ? [v, v] : [...v]);

// deno-lint-ignore no-explicit-any
type Options = Record<string, any>;
const high = (x: Value) => x.view([x.shape[0], x.shape[1], 1, x.shape[2]]);
const low = (y: Value) => y.view(y.shape.toSpliced(2, 1));
/** The options of a row's window. */
function inRow(options: Options): Options {
  return Object.fromEntries(
    Object.entries(options).map(([name, v]) => {
      if (typeof v !== "number" || name === "groups") return [name, v];
      return [name, [name === "padding" || name === "outputPadding" ? 0 : 1, v]];
    }),
  );
}
export const conv1d = (x: Value, weight: Value, options: Options = {}): Value =>
  low(conv2d(high(x), high(weight), inRow(options)));
export const convTranspose1d = (x: Value, weight: Value, options: Options = {}): Value =>
  low(convTranspose2d(high(x), high(weight), inRow(options)));
export const maxPool1d = (x: Value, options: Options): Value =>
  low(maxPool2d(high(x), inRow(options) as never) as Value);
export const avgPool1d = (x: Value, options: Options): Value =>
  low(avgPool2d(high(x), inRow(options) as never));

/** The places in the images of each element of the columns; -1 outside. */
function windows(shape: readonly number[], options: Options): { columns: number[]; places: number[] } {
  const [n, c, h, w] = shape, kernel = two(options.kernelSize), stride = two(options.stride ?? 1);
  const padding = two(options.padding ?? 0), dilation = two(options.dilation ?? 1);
  const out = [h, w].map((s, d) =>
    Math.floor((s + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1
  );
  const form = [n, c, ...kernel, ...out], places: number[] = [];
  for (let i = 0; i < sizeOf(form); i++) {
    const [b, channel, ky, kx, oy, ox] = coordinates(i, form);
    const y = oy * stride[0] + ky * dilation[0] - padding[0],
      x = ox * stride[1] + kx * dilation[1] - padding[1];
    places.push(y < 0 || y >= h || x < 0 || x >= w ? -1 : placeOf([b, channel, y, x], shape));
  }
  return { columns: [n, c * kernel[0] * kernel[1], out[0] * out[1]], places };
}
export const unfold = (x: Value, options: Options): Value => {
  const { columns, places } = windows(x.shape, options), all = terms();
  places.forEach((from, i) => from >= 0 && addTerm(all, i, from));
  return mix([x], columns, all);
};
export const fold = (x: Value, options: Options): Value => {
  const [kh, kw] = two(options.kernelSize),
    shape = [x.shape[0], x.shape[1] / (kh * kw), ...two(options.outputSize)];
  const all = terms();
  windows(shape, options).places.forEach((into, i) => into >= 0 && addTerm(all, into, i));
  return mix([x], shape, all);
};

export const adaptiveMaxPool2d = (
  x: Value,
  { outputSize }: { outputSize: Two | null | (number | null)[] },
): Value => {
  const asked = Array.isArray(outputSize) ? outputSize : [outputSize, outputSize], size = x.shape.slice(2);
  const result = size.map((s, d) => (asked[d] as number | null) ?? s),
    shape = [...x.shape.slice(0, 2), ...result];
  const candidates = Array.from({ length: sizeOf(shape) }, (_, i) => {
    const [b, c, ...at] = coordinates(i, shape), list: number[] = [];
    const [rows, columns] = at.map((v, d) => [
      Math.floor(v * size[d] / result[d]),
      Math.ceil((v + 1) * size[d] / result[d]),
    ]);
    for (let r = rows[0]; r < rows[1]; r++) {
      for (let k = columns[0]; k < columns[1]; k++) list.push(placeOf([b, c, r, k], x.shape));
    }
    return list;
  });
  return choose(x, shape, { candidates, sign: 1 }).values;
};
export const maxUnpool2d = (x: Value, indices: Value, options: Options): Value => {
  const [n, c, h, w] = x.shape, kernel = two(options.kernelSize), out = [h * kernel[0], w * kernel[1]];
  const zero = leafValue(
    [n, c, out[0] * out[1]],
    new Float64Array(n * c * out[0] * out[1]),
    "float32",
    false,
  );
  return scatter(zero, indices.view([n, c, h * w]), x.view([n, c, h * w]), { dim: 2 }).view([n, c, ...out]);
};

export const affineGrid = (theta: Value, size: readonly number[], { alignCorners = false } = {}): Value => {
  const [n, , h, w] = size;
  const along = (k: number, count: number) =>
    count < 2 ? 0 : (-1 + 2 * k / (count - 1)) * (alignCorners ? 1 : (count - 1) / count);
  const points = Array.from({ length: h * w }, (_, i) => [along(i % w, w), along(Math.floor(i / w), h), 1])
    .flat();
  const base = leafValue([h * w, 3], points.map(Math.fround), "float32", false);
  return matmul(base, permute(theta, [0, 2, 1])).view([n, h, w, 2]);
};
export const gridSample = (
  x: Value,
  grid: Value,
  { paddingMode = "zeros", alignCorners = false }: { paddingMode?: string; alignCorners?: boolean } = {},
): Value => {
  const [n, c, h, w] = x.shape, [, outH, outW] = grid.shape, count = n * outH * outW;
  const rows = permute(x, [0, 2, 3, 1]).view([n * h * w, c]);
  const table = cat([rows, leafValue([1, c], new Float64Array(c), "float32", false)]);
  const [px, py] = [w, h].map((size, k) => {
    const slope = alignCorners ? (size - 1) / 2 : size / 2, start = (size - 1) / 2;
    const inside = (v: number) => v > 0 && v < size - 1;
    return pointwise([select(grid, 3, k).view([count])], {
      f: (v) => {
        const p = v * slope + start;
        return paddingMode === "zeros" ? p : Math.min(Math.max(p, 0), size - 1);
      },
      slopes: [(v) => paddingMode === "zeros" || inside(v * slope + start) ? slope : 0],
      ulps: 8,
      terms: size,
    });
  });
  const share = (p: Value) =>
    pointwise([p], { f: (v) => v - Math.floor(v), slopes: [() => 1], ulps: 1 }).view([count, 1]);
  const neighbour = (right: number, down: number) => {
    const places = Array.from({ length: count }, (_, i) => {
      const column = Math.floor(px.data[i]) + right, row = Math.floor(py.data[i]) + down;
      const isInside = column >= 0 && column < w && row >= 0 && row < h;
      return isInside ? (Math.floor(i / (outH * outW)) * h + row) * w + column : n * h * w;
    });
    return embedding(leafValue([count], places, "int32", false), table);
  };
  const across = share(px), down = share(py);
  const row = (k: number) => lerp(neighbour(0, k), neighbour(1, k), across);
  return permute(lerp(row(0), row(1), down).view([n, outH, outW, c]), [0, 3, 1, 2]);
};

export const localResponseNorm = (
  x: Value,
  size: number,
  { alpha = 1e-4, beta = 0.75, k = 1 } = {},
): Value => {
  const [n, c] = x.shape, inner = x.size / (n * c), planes = square(x), all = terms();
  for (let i = 0; i < x.size; i++) {
    const [b, channel, at] = coordinates(i, [n, c, inner]);
    for (let d = -Math.floor(size / 2); d <= Math.floor((size - 1) / 2); d++) {
      if (channel + d >= 0 && channel + d < c) {
        addTerm(all, i, placeOf([b, channel + d, at], [n, c, inner]), 1 / size);
      }
    }
  }
  return div(x, pow(add(mul(mix([planes], x.shape, all), alpha), k), beta));
};
export const instanceNorm = (x: Value, options: Options = {}): Value => groupNorm(x, x.shape[1], options);
export const rmsNorm = (x: Value, { normalizedShape, weight, eps = 2 ** -23 }: Options): Value => {
  const dim = [normalizedShape].flat().map((_, k) => -1 - k);
  const y = mul(x, rsqrt(add(mean(square(x), { dim, keepdim: true }), eps)));
  return weight ? mul(y, weight) : y;
};
