/**
 * Images of another size, by bilinear interpolation.
 *
 * @module
 */
import { type Pair, pair, show } from "../../ops/core/shape.ts";
import { expectImages, mapPixels, type Transform } from "./transform.ts";
import { signature } from "../../ops/core/signature.ts";
import { required, wholeOrTwo } from "../../ops/core/kinds.ts";

/** Options of {@linkcode resize}. */
export interface ResizeOptions {
  /** Height and width of the result, or one number for both. */
  size: number | Pair;
}

/** The place of an output pixel lies between two of the input, a share of the way to the second; in whole numbers, as that is exact. */
const TAP = /* wgsl */ `
struct Tap { low: u32, high: u32, share: f32 }
fn tap(at: u32, size: u32, out: u32) -> Tap {
  let place = u32(max(i32((2u * at + 1u) * size) - i32(out), 0)); // in units of 1 / (2 out) pixels
  let low = place / (2u * out);
  return Tap(low, min(low + 1u, size - 1u), f32(place % (2u * out)) / f32(2u * out));
}`;

function resizeFunctions([h, w]: readonly number[], [outH, outW]: Pair): string {
  return /* wgsl */ `${TAP}
fn mix_row(plane: u32, row: u32, t: Tap) -> f32 {
  return (1.0 - t.share) * pixel(plane, row, t.low) + t.share * pixel(plane, row, t.high);
}
fn bilinear(plane: u32, row: u32, column: u32) -> f32 {
  let r = tap(row, ${h}u, ${outH}u);
  let c = tap(column, ${w}u, ${outW}u);
  return (1.0 - r.share) * mix_row(plane, r.low, c) + r.share * mix_row(plane, r.high, c);
}`;
}

const takes = signature<ResizeOptions>("make resize", {}, { size: required(wholeOrTwo(1)) }, "size");

/**
 * Makes a transform that brings images to another size by bilinear interpolation.
 *
 * It computes what PyTorch's `interpolate` does with `mode="bilinear"` and `align_corners=False`: the centre of output
 * pixel `i` lies at `(i + 0.5) in / out - 0.5` of the input. There is no antialiasing: a much smaller image is made of
 * a few of the pixels. One number gives height and width, also where the image is not square.
 *
 * @param options The size. `size` may stand alone.
 * @returns A transform of images `[n, c, h, w]`, float32, to `[n, c, height, width]`.
 * @throws {RangeError} If the size is not of whole numbers from 1 up. The transform: if an image has no pixels.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, transforms } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([0, 4], { shape: [1, 1, 1, 2] });
 * const y = transforms.resize({ size: [1, 4] })(x);
 * assertEquals(await y.toArray(), [[[[0, 1, 3, 4]]]]);
 * ```
 */
export function resize(options: ResizeOptions | number | Pair): Transform {
  options = takes(arguments);
  const size = pair(options.size);
  return (x) => {
    expectImages("resize", x);
    const image = x.shape.slice(2);
    if (image.includes(0)) {
      throw new RangeError(
        `Cannot apply resize as the images must have pixels: x has shape ${show(x.shape)}`,
      );
    }
    return mapPixels("resize", x, size, {
      declarations: resizeFunctions(image, size),
      value: "bilinear(plane, row, column)",
    });
  };
}
