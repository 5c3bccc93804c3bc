/**
 * Resizing images.
 *
 * Output j lies at `(j + 1/2) s - 1/2` of the input, where s is the ratio of the sizes; with aligned corners at
 * `j (in - 1) / (out - 1)`. "nearest" takes the element at the whole part of `j s`. The arithmetic is PyTorch's, float32
 * step by step, so that ties fall alike (https://pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html).
 *
 * @module
 */
import type { Tap, TapTable } from "../kernels/resample.ts";
import { resample, type ResampledAxis } from "../core/families/resample.ts";
import { type Pair, pair, show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { expectOneSize } from "./one_size.ts";
import { BOOLEAN, either, listOf, NUMBER, oneOf, wholeOrTwo } from "../core/kinds.ts";

/** Options of {@linkcode interpolate}. Exactly one of `size` and `scaleFactor` is given. */
export interface InterpolateOptions {
  /** Height and width of the result; a number for both. */
  size?: number | Pair;
  /** How many times as high and wide the result is, rounded down to whole sizes; a number for both. */
  scaleFactor?: number | Pair;
  /** How values between elements come about, "nearest" unless given. */
  mode?: "nearest" | "bilinear" | "bicubic" | "area";
  /** Whether the centres of the corner elements stay in the corners, for "bilinear" and "bicubic"; false unless given. */
  alignCorners?: boolean;
}

const takes = signature<InterpolateOptions>("apply interpolate", { x: FLOAT_TENSOR }, {
  size: wholeOrTwo(1),
  scaleFactor: either(NUMBER, listOf(NUMBER, "numbers", 2)),
  mode: oneOf("nearest", "bilinear", "bicubic", "area"),
  alignCorners: BOOLEAN,
}, ["size", "scaleFactor"]);

/**
 * Resizes images.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param options The new size and how it is reached.
 * @returns `[n, c, h', w']`.
 * @throws {RangeError} If x has another rank or is empty, or the options do not make a size.
 *
 * @example Usage
 * ```ts
 * import { interpolate, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[[[1, 2]]]]);
 * assertEquals(await interpolate(x, { size: [1, 4] }).toArray(), [[[[1, 1, 2, 2]]]]);
 * assertEquals(await interpolate(x, { size: [1, 4], mode: "bilinear" }).toArray(), [[[[1, 1.25, 1.75, 2]]]]);
 * ```
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  takes(arguments);
  expectOneSize("apply interpolate", options);
  const { mode = "nearest", alignCorners = false } = options;
  if (alignCorners && (mode === "nearest" || mode === "area")) {
    throw new RangeError(
      `Cannot apply interpolate as alignCorners goes with mode "bilinear" or "bicubic": mode "${mode}"`,
    );
  }
  if (x.shape.length !== 4 || x.shape[2] === 0 || x.shape[3] === 0) {
    throw new RangeError(
      `Cannot apply interpolate as x must be images [n, c, h, w] of one element or more: x has shape ${
        show(x.shape)
      }`,
    );
  }
  const { sizes, scales } = sizesOf(x, options);
  const plan = (d: 0 | 1): ResampledAxis => {
    const from = x.shape[d + 2]!, size = sizes[d], scale = scales?.[d];
    return {
      key: `${mode} ${alignCorners} ${from} ${size} ${scale}`,
      size,
      axis: () => {
        if (size === from) return unchanged(size);
        if (mode === "area") return areas(from, size);
        if (mode === "nearest") return nearest(from, size, ratio(from, size, scale));
        const by = alignCorners ? cornerRatio(from, size) : ratio(from, size, scale);
        return (mode === "bicubic" ? bicubic : bilinear)(from, size, by, alignCorners);
      },
    };
  };
  return resample("interpolate", x, [plan(0), plan(1)]);
}

function sizesOf(x: Tensor, { size, scaleFactor }: InterpolateOptions): { sizes: Pair; scales?: Pair } {
  if (scaleFactor === undefined) return { sizes: pair(size!) };
  const scales: Pair = typeof scaleFactor === "number" ? [scaleFactor, scaleFactor] : scaleFactor;
  const sizes: Pair = [Math.floor(x.shape[2]! * scales[0]), Math.floor(x.shape[3]! * scales[1])];
  if (!sizes.every((s) => Number.isInteger(s) && s >= 1)) {
    throw new RangeError(
      `Cannot apply interpolate as scaleFactor must make sizes from 1 up: ${
        JSON.stringify(scaleFactor)
      } of x of shape ${show(x.shape)}`,
    );
  }
  return { sizes, scales };
}

const f32 = Math.fround;

/** Input elements for one of the output; the factor that a user gave counts, not the one that rounding left. */
function ratio(from: number, size: number, scale: number | undefined): number {
  return scale === undefined ? f32(from / size) : f32(1 / scale);
}

function cornerRatio(from: number, size: number): number {
  return size > 1 ? f32((from - 1) / (size - 1)) : 0;
}

/** A size that stays is copied, though the factor that a user gave may be a little more than 1. */
function unchanged(size: number): TapTable {
  return Array.from({ length: size }, (_, place) => [{ place, weight: 1 }]);
}

/** PyTorch takes each element twice where the size doubles, whatever the factor. */
function nearest(from: number, size: number, by: number): TapTable {
  const step = size === 2 * from ? 0.5 : by;
  return Array.from(
    { length: size },
    (_, j) => [{ place: Math.min(Math.floor(f32(j * step)), from - 1), weight: 1 }],
  );
}

function bilinear(from: number, size: number, by: number, alignCorners: boolean): TapTable {
  return Array.from({ length: size }, (_, j): Tap[] => {
    const at = alignCorners ? f32(by * j) : Math.max(f32(f32(by * f32(j + 0.5)) - 0.5), 0);
    const place = Math.min(Math.floor(at), from - 1);
    const weight = Math.min(f32(at - place), 1);
    if (place === from - 1) return [{ place, weight: 1 }];
    return [{ place, weight: f32(1 - weight) }, { place: place + 1, weight }];
  });
}

/** The mean of what lies under each element, as adaptive pooling takes it. */
function areas(from: number, size: number): TapTable {
  return Array.from({ length: size }, (_, j): Tap[] => {
    const start = Math.floor(j * from / size), count = Math.ceil((j + 1) * from / size) - start;
    return Array.from({ length: count }, (_, k) => ({ place: start + k, weight: f32(1 / count) }));
  });
}

/** Weights of cubic convolution at distance `t` from 0 to 2. Keys: Cubic convolution interpolation (1981), with a = -0.75. */
function cubic(t: number): number {
  const a = -0.75;
  return t <= 1 ? ((a + 2) * t - (a + 3)) * t * t + 1 : ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
}

/** Four elements for each; beyond an end the last one counts again. */
function bicubic(from: number, size: number, by: number, alignCorners: boolean): TapTable {
  return Array.from({ length: size }, (_, j): Tap[] => {
    const at = alignCorners ? f32(by * j) : f32(f32(by * f32(j + 0.5)) - 0.5),
      first = Math.floor(at),
      t = f32(at - first);
    const taps = new Map<number, number>();
    for (const [k, distance] of [1 + t, t, 1 - t, 2 - t].entries()) {
      const place = Math.min(Math.max(first - 1 + k, 0), from - 1);
      taps.set(place, (taps.get(place) ?? 0) + cubic(distance));
    }
    return [...taps].map(([place, weight]) => ({ place, weight: f32(weight) }));
  });
}
