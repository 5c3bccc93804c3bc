/**
 * Affine access: where in a buffer the element of an iteration space lies.
 *
 * Broadcasting is a stride of 0, a permutation another order of strides, a flip a negative stride, a slice an offset.
 *
 * @module
 */

/** Strides in elements for each dimension of the iteration space, and the offset of its first element. */
export interface AffineAccess {
  readonly strides: readonly number[];
  readonly offset: number;
}

/** An iteration space, with the accesses that go with it. */
export interface Space {
  readonly dims: readonly number[];
  readonly accesses: readonly AffineAccess[];
}

/** Row-major strides of `shape`. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

/** Access to all of a contiguous tensor, one element after the other. */
export function contiguous(shape: readonly number[]): AffineAccess {
  return { strides: rowMajor(shape), offset: 0 };
}

/** Access to a contiguous tensor of `shape` that is broadcast to `space`. */
export function broadcastAccess(shape: readonly number[], space: readonly number[]): AffineAccess {
  const own = rowMajor(shape), lead = space.length - shape.length;
  return { offset: 0, strides: space.map((_, d) => (d < lead || shape[d - lead] === 1 ? 0 : own[d - lead])) };
}

/** Merges neighbouring dimensions that every access walks through alike, and drops those of size 1. */
export function collapse(space: Space): Space {
  const dims: number[] = [], strides: number[][] = space.accesses.map(() => []);
  for (let d = 0; d < space.dims.length; d++) {
    const size = space.dims[d];
    if (size === 1) continue;
    const last = dims.length - 1;
    const mergeable = last >= 0 &&
      space.accesses.every((a, k) => strides[k][last] === a.strides[d] * size);
    if (mergeable) {
      dims[last] *= size;
      space.accesses.forEach((a, k) => strides[k][last] = a.strides[d]);
    } else {
      dims.push(size);
      space.accesses.forEach((a, k) => strides[k].push(a.strides[d]));
    }
  }
  return { dims, accesses: space.accesses.map((a, k) => ({ strides: strides[k], offset: a.offset })) };
}

/** Whether the access is that of a contiguous buffer whose elements are numbered as the iteration space's are. */
export function isIdentity(access: AffineAccess, dims: readonly number[]): boolean {
  const own = rowMajor(dims);
  return access.offset === 0 && access.strides.every((s, d) => s === own[d]);
}

/** Whether the access always reads the same element. */
export function isConstant(access: AffineAccess): boolean {
  return access.strides.every((s) => s === 0);
}

/** Whether four neighbouring elements, the first at a multiple of four, are always one and the same. */
export function sharesFour(access: AffineAccess, dims: readonly number[]): boolean {
  return isConstant(access) || (access.strides.at(-1) === 0 && dims.at(-1)! % 4 === 0);
}

/**
 * WGSL for the element's place in its buffer, as a u32 expression of the row-major index `i`.
 *
 * The first dimension's size does not appear, so that a batch may be of any size.
 */
export function indexExpression(access: AffineAccess, dims: readonly number[], i: string): string {
  if (isIdentity(access, dims)) return i;
  const own = rowMajor(dims), terms: string[] = [];
  access.strides.forEach((stride, d) => {
    if (stride === 0) return;
    const coordinate = d === 0
      ? (own[0] === 1 ? i : `${i} / ${own[0]}u`)
      : own[d] === 1
      ? `${i} % ${dims[d]}u`
      : `${i} / ${own[d]}u % ${dims[d]}u`;
    terms.push(stride < 0 ? `- i32(${coordinate}) * ${-stride}` : `+ i32(${coordinate}) * ${stride}`);
  });
  return terms.length === 0 ? `${access.offset}u` : `u32(${access.offset} ${terms.join(" ")})`;
}
