/**
 * Shapes: sizes, broadcasting, dimensions given from the end.
 *
 * @module
 */

/** The number of elements of `shape`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** A shape as errors show it: `[2, 3]`. */
export function show(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, d) => size === b[d]);
}

/**
 * The shape that all of `shapes` broadcast to, by the rule of NumPy and PyTorch: aligned at the end, sizes are equal or 1.
 *
 * @throws {RangeError} If two sizes differ and neither is 1.
 */
export function broadcastShapes(op: string, ...shapes: (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((size, d) => {
      const at = d + rank - shape.length;
      if (size === result[at] || size === 1) return;
      if (result[at] !== 1) {
        throw new RangeError(
          `Cannot apply ${op} as the shapes must broadcast: ${shapes.map(show).join(" and ")}`,
        );
      }
      result[at] = size;
    });
  }
  return result;
}

/**
 * A dimension counted from 0, where negative ones count from the end.
 *
 * @throws {RangeError} If there is no such dimension. A scalar takes 0 and -1, as in PyTorch.
 */
export function normalDim(op: string, dim: number, rank: number): number {
  const limit = Math.max(rank, 1);
  if (!Number.isInteger(dim) || dim < -limit || dim >= limit) {
    throw new RangeError(
      `Cannot apply ${op} as dim must be a whole number from ${-limit} to ${limit - 1}: ${dim}`,
    );
  }
  return dim < 0 ? dim + limit : dim;
}

/** Dimensions counted from 0, ascending; all of them where none are given. */
export function normalDims(op: string, dim: number | readonly number[] | undefined, rank: number): number[] {
  if (dim === undefined || (typeof dim !== "number" && dim.length === 0)) {
    return Array.from({ length: rank }, (_, d) => d);
  }
  const given = typeof dim === "number" ? [dim] : dim;
  const dims = given.map((d) => normalDim(op, d, rank));
  if (new Set(dims).size !== dims.length) {
    throw new RangeError(`Cannot apply ${op} as dims must not repeat: ${show(given)}`);
  }
  return rank === 0 ? [] : dims.sort((a, b) => a - b);
}

/** The shape left when `dims` are reduced. */
export function reducedShape(shape: readonly number[], dims: readonly number[], keepdim: boolean): number[] {
  return keepdim
    ? shape.map((size, d) => (dims.includes(d) ? 1 : size))
    : shape.filter((_, d) => !dims.includes(d));
}

/** A shape that was seen to have one dimension or more: what is taken apart in places so is there. */
export type Sizes1 = readonly [number, ...number[]];
/** A shape that was seen to have two dimensions or more. */
export type Sizes2 = readonly [number, ...Sizes1];
/** A shape that was seen to have three dimensions or more. */
export type Sizes3 = readonly [number, ...Sizes2];
/** A shape that was seen to have four dimensions or more. */
export type Sizes4 = readonly [number, ...Sizes3];

/** Height and width, in this order. */
export type Pair = readonly [height: number, width: number];

/** A number as a pair of it; a pair as it is. */
export function pair(value: number | Pair): Pair {
  return typeof value === "number" ? [value, value] : [value[0], value[1]];
}

/** A pair out of each value of another, which is given with its place: 0 for the height, 1 for the width. */
export function eachOf(values: Pair, fn: (value: number, d: 0 | 1) => number): Pair {
  return [fn(values[0], 0), fn(values[1], 1)];
}
