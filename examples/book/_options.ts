/**
 * The options that the book's networks have in common, for `options()`.
 *
 * @module
 */

/** What differs from network to network. */
interface Defaults<Rate extends number, Size extends number> {
  /** The learning rate. */
  readonly lr: Rate;
  /** Height and width of the images. */
  readonly size: Size;
  /** The share of the book's channels, a quarter unless given. */
  readonly width?: number;
}

/** The options of a network: how it is trained, on what, and how wide it is. */
export function networkOptions<const Rate extends number, const Size extends number>(
  { lr, size, width = 0.25 }: Defaults<Rate, Size>,
) {
  return {
    epochs: { help: "passes over the training images", default: 5, least: 1, integer: true },
    lr: { help: "learning rate", default: lr },
    width: { help: "channels, as a share of the book's", default: width, most: 4 },
    size: {
      help: "height and width that images are brought to",
      default: size,
      least: 1,
      most: 512,
      integer: true,
    },
    "batch-size": { help: "images in a step", default: 128, least: 1, integer: true },
    seed: { help: "seed of weights and order", default: 3, most: Number.MAX_SAFE_INTEGER, integer: true },
    limit: { help: "use only the first N images of each split", number: true, least: 1, integer: true },
    root: { help: "folder of the data set, which must be there", folder: true },
  } as const;
}

/** A number of channels at a width, which is a share of the book's. */
export function scaled(channels: number, width: number): number {
  return Math.max(1, Math.round(channels * width));
}
