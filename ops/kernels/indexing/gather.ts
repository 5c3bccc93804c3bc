/**
 * Gathering rows of a table by indices.
 *
 * One invocation copies one element of the result, or four where rows are whole vec4s. An index outside the table reads
 * nothing: it gives NaN, or 0 where there is no NaN. Of the sizes only a row's width is in the text.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import { type AffineAccess, collapse, numberedWalks } from "../wgsl/access.ts";
import { type DType, STORED_AS } from "../wgsl/dtype.ts";
import { mathFunctions } from "../wgsl/math.ts";
import { dispatch } from "../wgsl/source.ts";
import { read, u32s, vectorOf, write } from "../wgsl/text.ts";

/**
 * Which row of a table each item is: row `base(item) + index[item] * step`, of `width` elements.
 *
 * For an embedding the items are the tokens and the base is 0. For a gather along a dimension a row is one element, the
 * base is where its line of the table begins, and the step is the dimension's stride.
 */
export interface GatherShape {
  /** Shape of the indices; they are the items, row-major. */
  readonly items: readonly number[];
  /** Walk of the items over the table at index 0. */
  readonly base: AffineAccess;
  /** Dimension of `items` that the base does not depend on. */
  readonly dim: number;
  /** Rows from one index to the next. */
  readonly step: number;
  /** How many indices there are: those from 0 to `limit - 1` are inside. */
  readonly limit: number;
  /** Elements of a row. */
  readonly width: number;
  /** Rows of the table. */
  readonly tableRows: number;
  /** An index without a gradient, -1 for none. */
  readonly skip: number;
}

/** Rows in the largest pieces that fill them, four elements or one: `WIDTH` pieces a row. */
export function piecesOf({ width }: GatherShape, word: "f32" | "i32" | "u32") {
  const lanes = width % 4 === 0 ? 4 : 1;
  return {
    pieces: width / lanes,
    type: vectorOf(word, lanes),
    constants: `const WIDTH = ${width / lanes}u;\n`,
  };
}

const OUTSIDE: Readonly<Record<DType, string>> = { float32: "nanf()", int32: "0", bool: "0u" };

/** A gathering of rows of `x`, of type `dtype`, into `y`. */
export interface GatherCall {
  readonly name: string;
  readonly shape: GatherShape;
  readonly x: Storage;
  readonly dtype: DType;
  readonly index: Storage;
  readonly y: Storage;
}

/** Makes the dispatch that gathers rows. */
export function gather({ name, shape, x, dtype, index, y }: GatherCall, adapter: Adapter): Work {
  const { pieces, type, constants } = piecesOf(shape, STORED_AS[dtype]);
  const n = shape.items.reduce((a, b) => a * b, 1) * pieces;
  const walks = numberedWalks(collapse({ dims: shape.items, accesses: [shape.base] }));
  const body = /* wgsl */ `
  let item = id / WIDTH;
  ${walks.coordinates("item", "0")}
  if (id < u.n) {
    let k = index[item];
    if (k >= 0 && u32(k) < u.limit) {
      y[id] = x[(${walks.at(0, "0")} + u32(k) * u.step) * WIDTH + id % WIDTH];
    } else {
      y[id] = ${type}(${OUTSIDE[dtype]});
    }
  }`;
  const gathered = dispatch(
    {
      name,
      bindings: [read("x", type), read("index", "i32"), write("y", type)],
      numberDecls: [...u32s("n", "limit", "step"), ...walks.numbers],
      declarations: constants + mathFunctions(body),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [x, index, y],
    [n, shape.limit, shape.step, ...walks.values],
    n,
  );
  return { dispatches: [gathered], temporaries: [] };
}
