/**
 * Parts of images, at random places.
 *
 * @module
 */
import { eachOf, type Pair, pair, show } from "../../ops/core/shape.ts";
import { expectImages, mapPixels, type Transform } from "./transform.ts";
import { signature } from "../../ops/core/signature.ts";
import { rand } from "../../ops/core/tensor/random.ts";
import { required, wholeOrTwo } from "../../ops/core/kinds.ts";

/** Options of {@linkcode randomCrop}. */
export interface RandomCropOptions {
  /** Height and width of the part, or one number for both. */
  size: number | Pair;
  /** Rows and columns of zeros around the image on each side, or one number for both; 0 unless given. */
  padding?: number | Pair;
}

/** `places` are the numbers of rows and of columns at which the part can begin. */
function cropFunctions([padH, padW]: Pair, [h, w]: readonly number[], places: Pair): string {
  return /* wgsl */ `
fn start(r: f32, places: u32) -> u32 { return min(u32(r * f32(places)), places - 1u); }
fn crop(image: u32, plane: u32, row: u32, column: u32) -> f32 {
  let r = row + start(offsets[2u * image], ${
    places[0]
  }u) - ${padH}u; // wraps around to huge in the padding before 0
  let c = column + start(offsets[2u * image + 1u], ${places[1]}u) - ${padW}u;
  if (r >= ${h}u || c >= ${w}u) { return 0.0; }
  return pixel(plane, r, c);
}`;
}

const takes = signature<RandomCropOptions>("make randomCrop", {}, {
  size: required(wholeOrTwo(1)),
  padding: wholeOrTwo(0),
}, "size");

/**
 * Makes a transform that cuts a part out of each image, after padding it with zeros, as torchvision's `RandomCrop`
 * does.
 *
 * Each image has its own place, anew at each call, all places being as likely; the numbers follow `manualSeed`.
 *
 * @param options Size of the part, and padding. `size` may stand alone.
 * @returns A transform of images `[n, c, h, w]`, float32.
 * @throws {RangeError} If a number is out of range. The transform: if a part is larger than the padded image.
 *
 * @example Usage
 * ```ts
 * import { ones, openDevice, transforms } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const crop = transforms.randomCrop({ size: 28, padding: 2 });
 * assertEquals(crop(ones([256, 1, 28, 28])).shape, [256, 1, 28, 28]);
 * ```
 */
export function randomCrop(options: RandomCropOptions | number | Pair): Transform {
  options = takes(arguments);
  const size = pair(options.size);
  const padding = pair(options.padding ?? 0);
  return (x) => {
    expectImages("randomCrop", x);
    const image = x.shape.slice(2) as [number, number];
    const [rows, columns] = eachOf(image, (v, d) => v + 2 * padding[d] - size[d] + 1);
    if (rows < 1 || columns < 1) {
      throw new RangeError(
        `Cannot apply randomCrop as size ${show(size)} must fit into the image with padding ${
          show(padding)
        }: x has shape ${show(x.shape)}`,
      );
    }
    if (Math.max(...eachOf(image, (v, d) => v + 2 * padding[d])) >= 2 ** 31) {
      throw new RangeError(
        `Cannot apply randomCrop as padded images must have less than 2^31 rows and columns: padding ${
          show(padding)
        }`,
      );
    }
    using offsets = rand([x.shape[0]!, 2]);
    return mapPixels("randomCrop", x, size, {
      declarations: cropFunctions(padding, image, [rows, columns]),
      value: "crop(image, plane, row, column)",
      inputs: { offsets },
    });
  };
}
