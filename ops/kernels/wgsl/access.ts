/**
 * Affine access: where in a buffer the element of an iteration space lies.
 *
 * Broadcasting is a stride of 0, a permutation another order of strides, a flip a negative stride, a slice an offset.
 *
 * @module
 */

import type { NumberDecl } from "./source.ts";

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
    stride *= shape[d]!;
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
  return {
    offset: 0,
    strides: space.map((_, d) => (d < lead || shape[d - lead] === 1 ? 0 : own[d - lead]!)),
  };
}

/** Merges neighbouring dimensions that every access walks through alike, and drops those of size 1. */
export function collapse(space: Space): Space {
  const dims: number[] = [],
    accesses = space.accesses.map(({ strides, offset }) => ({
      strides: [] as number[],
      offset,
      own: strides,
    }));
  space.dims.forEach((size, d) => {
    if (size === 1) return;
    const last = dims.length - 1;
    const mergeable = last >= 0 && accesses.every(({ strides, own }) => strides[last] === own[d]! * size);
    if (mergeable) dims[last]! *= size;
    else dims.push(size);
    for (const { strides, own } of accesses) strides[dims.length - 1] = own[d]!;
  });
  return { dims, accesses: accesses.map(({ strides, offset }) => ({ strides, offset })) };
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
 * The first dimension's size does not appear, so that a batch may be of any size. An offset is a number of the dispatch,
 * `u.` and what `offsetName` says, as each start would be a text of its own.
 */
export function indexExpression(
  access: AffineAccess,
  dims: readonly number[],
  i: string,
  offsetName?: string,
): string {
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
  const isNumber = access.offset !== 0 && offsetName !== undefined;
  if (terms.length === 0) return isNumber ? `u.${offsetName}` : `${access.offset}u`;
  return `u32(${isNumber ? `i32(u.${offsetName})` : access.offset} ${terms.join(" ")})`;
}

/** Walks over an iteration space of which the text knows only how many dimensions it has. */
export interface NumberedWalks {
  /** Sizes, strides and offsets, for the dispatch. */
  readonly numbers: readonly NumberDecl[];
  readonly values: readonly number[];
  /** Statements that declare the coordinates of element `i`, a u32 expression, under the names of `tag`. */
  coordinates(i: string, tag: string): string;
  /** Statements that declare the coordinates of the element after that of `before`. */
  next(before: string, tag: string): string;
  /** Where access `k` has the element whose coordinates are named by `tag`, as a u32 expression. */
  at(k: number, tag: string): string;
}

/**
 * Makes the text of walks whose sizes, strides and offsets are numbers of the dispatch: one text serves all of them.
 * A division by a number is dear on a CPU adapter, so neighbours are counted on from their first.
 */
export function numberedWalks({ dims, accesses }: Space): NumberedWalks {
  const inner = dims.map((_, d) => d).slice(1).reverse();
  const numbers: NumberDecl[] = [], values: number[] = [];
  const number = (name: string, value: number) => {
    numbers.push({ name, type: "u32" });
    values.push(value);
  };
  dims.slice(1).forEach((size, d) => number(`size${d + 1}`, size));
  accesses.forEach(({ strides, offset }, k) => {
    number(`offset${k}`, offset);
    strides.forEach((stride, d) => number(`stride${k}_${d}`, stride)); // a negative one wraps, and so do the sums
  });
  const name = (d: number, tag: string) => `c${d}_${tag}`;
  return {
    numbers,
    values,
    coordinates: (i, tag) => {
      let rest = i;
      const lines = inner.map((d) => {
        const over = `r${d}_${tag}`,
          line = `let ${over} = ${rest} / u.size${d}; ` +
            `let ${name(d, tag)} = ${rest} - ${over} * u.size${d};`;
        rest = over;
        return line;
      });
      return [...lines, ...(dims.length > 0 ? [`let ${name(0, tag)} = ${rest};`] : [])].join("\n");
    },
    next: (before, tag) => {
      let carry = "1u";
      const lines = inner.map((d) => {
        const step = `n${d}_${tag}`, isOver = `o${d}_${tag}`;
        const line = `let ${step} = ${name(d, before)} + ${carry}; let ${isOver} = ${step} == u.size${d}; ` +
          `let ${name(d, tag)} = select(${step}, 0u, ${isOver});`;
        carry = `select(0u, 1u, ${isOver})`;
        return line;
      });
      const first = `let ${name(0, tag)} = ${name(0, before)} + ${carry};`;
      return [...lines, ...(dims.length > 0 ? [first] : [])].join("\n");
    },
    at: (k, tag) =>
      [`u.offset${k}`, ...dims.map((_, d) => `${name(d, tag)} * u.stride${k}_${d}`)].join(" + "),
  };
}
