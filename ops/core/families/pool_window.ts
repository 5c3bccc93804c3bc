/**
 * Windows that slide over images: their options checked, and the size of what they give.
 *
 * @module
 */
import type { Pool2dGeometry } from "../../kernels/pool2d/windows.ts";
import type { PoolingCall } from "../call.ts";
import { eachOf, type Pair, pair, show, type Sizes4 } from "../shape.ts";
import { storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Options of a sliding window as a user gives them. */
export interface WindowOptions {
  readonly kernelSize: number | Pair;
  readonly stride?: number | Pair;
  readonly padding?: number | Pair;
  readonly dilation?: number | Pair;
  readonly ceilMode?: boolean;
}

/**
 * Checks images and pooling options.
 *
 * @throws {RangeError} If the rank is not 4, padding exceeds half the window, no window fits, or one is too far to count.
 */
export function poolWindow(op: string, x: Tensor, options: WindowOptions): Pool2dGeometry {
  if (x.shape.length !== 4) {
    throw new RangeError(`Cannot apply ${op} as x must be images [n, c, h, w]: x has shape ${show(x.shape)}`);
  }
  const [n, c, h, w] = x.shape as Sizes4;
  const kernel = pair(options.kernelSize);
  const stride = pair(options.stride ?? kernel);
  const padding = pair(options.padding ?? 0);
  const dilation = pair(options.dilation ?? 1);
  if (padding[0] > kernel[0] / 2 || padding[1] > kernel[1] / 2) {
    throw new RangeError(
      `Cannot apply ${op} as padding must be at most half the kernel size ${show(kernel)}: ${show(padding)}`,
    );
  }
  for (const d of [0, 1] as const) {
    expectCountable(op, d === 0 ? h : w, kernel[d], stride[d], 2 * padding[d], dilation[d]);
  }
  const [outH, outW] = eachOf(
    [h, w],
    (size, d) =>
      outputSize(size, kernel[d], stride[d], padding[d], padding[d], dilation[d], options.ceilMode ?? false),
  );
  if (outH < 1 || outW < 1 || h === 0 || w === 0) {
    throw new RangeError(
      `Cannot apply ${op} as the window must fit into the padded input: kernelSize ${show(kernel)}, ` +
        `padding ${show(padding)}, dilation ${show(dilation)}, x ${show(x.shape)}`,
    );
  }
  // A stride beyond the padded input leads nowhere; as a number in a kernel it may be too large.
  const within = ([down, right]: Pair): Pair => [
    Math.min(down, h + 2 * padding[0]),
    Math.min(right, w + 2 * padding[1]),
  ];
  return { n, c, h, w, kernel, stride: within(stride), padding, dilation, outH, outW };
}

/**
 * Refuses a window that slides to places that kernels cannot count, as they do so in int32.
 *
 * @param padding Before and after, together.
 */
export function expectCountable(
  op: string,
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
): void {
  if (size + padding + dilation * kernel + stride < 2 ** 31) return;
  throw new RangeError(
    `Cannot apply ${op} as size, padding, dilated kernel and stride must be less than 2^31 together: ` +
      `${size}, ${padding}, ${dilation} x ${kernel}, ${stride}`,
  );
}

/** The pooling as one by twos, where its windows are two by two and neither overlap nor stick out. */
export function poolingByTwos(
  kind: "max" | "avg",
  x: Tensor,
  y: Tensor,
  indices: Tensor | null,
  { h, w, outH, outW, kernel, stride, padding, dilation = [1, 1] }: Pool2dGeometry,
): PoolingCall | undefined {
  const are = (pair: Pair, value: number) => pair[0] === value && pair[1] === value;
  const isByTwos = are(kernel, 2) && are(stride, 2) && are(padding, 0) && are(dilation, 1) &&
    outH === Math.floor(h / 2) && outW === Math.floor(w / 2);
  if (!isByTwos) return undefined;
  return { kind, x: storageOf(x), y: storageOf(y), indices: indices ? storageOf(indices) : null, h, w };
}

/** How many places a window takes along one dimension. With `ceil` the last may stick out, if it begins inside. */
export function outputSize(
  size: number,
  kernel: number,
  stride: number,
  before: number,
  after: number,
  dilation: number,
  ceil = false,
): number {
  const room = size + before + after - dilation * (kernel - 1) - 1;
  const places = Math.max((ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1, 0);
  return ceil && (places - 1) * stride >= size + before ? places - 1 : places;
}
