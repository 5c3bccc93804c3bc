/**
 * The two files of a split of MNIST, or of a set in its format, as images with labels.
 *
 * @module
 */
import { type IdxArray, type IdxDType, parseIdx } from "../formats/idx.ts";

/** Images and their labels, checked. */
export interface LabelledImages {
  readonly images: IdxArray<"uint8">;
  readonly labels: IdxArray<"uint8">;
}

/** A file of a split. */
export interface FileOfSplit {
  /** What errors call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What to do where it is damaged, in brackets, after a space. */
  readonly advice?: string;
}

const IMAGE_SIZE = 28;
const CLASSES = 10;

/** Reads an IDX file whose shape is `[n, …inner]`, of one of these types. */
function readArray<T extends IdxDType>(
  dataset: string,
  { name, bytes, advice = "" }: FileOfSplit,
  inner: readonly number[],
  ...dtypes: readonly T[]
): IdxArray<T> {
  let array: IdxArray;
  try {
    array = parseIdx(bytes);
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof RangeError)) throw cause;
    throw new SyntaxError(
      `Cannot load ${dataset} as ${name} must be a whole IDX file${advice}: ${cause.message}`,
      { cause },
    );
  }
  const { dtype, shape } = array;
  if (
    !dtypes.includes(dtype as T) || shape.length !== 1 + inner.length ||
    inner.some((size, d) => shape[d + 1] !== size)
  ) {
    throw new RangeError(
      `Cannot load ${dataset} as ${name} must hold ${dtypes.join(" or ")} of shape [${
        ["n", ...inner].join(", ")
      }]: ` +
        `it holds ${dtype} of shape [${shape.join(", ")}]`,
    );
  }
  return array as IdxArray<T>;
}

/**
 * Reads and checks a split.
 *
 * @throws {SyntaxError} If a file is damaged.
 * @throws {RangeError} If the files hold something else than images and labels of them.
 */
export function labelledImages(dataset: string, images: FileOfSplit, labels: FileOfSplit): LabelledImages {
  const pixels = readArray(dataset, images, [IMAGE_SIZE, IMAGE_SIZE], "uint8");
  const classes = readArray(dataset, labels, [], "uint8", "int8", "int16", "int32");
  if (pixels.shape[0] !== classes.shape[0]) {
    throw new RangeError(
      `Cannot load ${dataset} as every image must have a label: ` +
        `${images.name} has ${pixels.shape[0]} images, ${labels.name} has ${classes.shape[0]} labels`,
    );
  }
  const wrong = classes.data.findIndex((label) => label < 0 || label >= CLASSES);
  if (wrong >= 0) {
    throw new RangeError(
      `Cannot load ${dataset} as labels must be from 0 to ${CLASSES - 1}: ` +
        `${labels.name} has ${classes.data[wrong]} at ${wrong}`,
    );
  }
  const data = classes.data instanceof Uint8Array ? classes.data : Uint8Array.from(classes.data);
  return { images: pixels, labels: { dtype: "uint8", shape: classes.shape, data } };
}
