/**
 * How many elements fall where: on whole numbers, or into ranges of one width.
 *
 * @module
 */
import { programOf } from "../kernels/wgsl/program.ts";
import { FINITE, whole } from "../core/kinds.ts";
import { Scope } from "../core/scope.ts";
import { show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast, compute } from "../core/tensor/compute.ts";
import { full, zeros } from "../core/tensor/create.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import { FLOAT_TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { max, min } from "../reduction/max.ts";
import { countsUpTo } from "./_counts.ts";
import { scatterAdd } from "../indexing/scatter.ts";

/** Options of {@linkcode bincount}. */
export interface BincountOptions {
  /** What each element counts, float32, of the shape of `x`; 1 unless given. */
  weights?: Tensor;
  /** The least size of the result, 0 unless given. */
  minlength?: number;
}

const takesBincount = signature<BincountOptions>("apply bincount", { x: tensorOf("int32") }, {
  weights: FLOAT_TENSOR,
  minlength: whole(0),
});

const NEXT = programOf({ name: "next", args: [["x", "int32"]], result: "int32", body: "x + 1" });

/**
 * Counts how often each whole number occurs. It waits for the GPU, as the largest says how many there
 * are, so it cannot be captured.
 *
 * @param x Whole numbers from 0 up, int32, `[n]`.
 * @param options What each counts, and the least size of the result.
 * @returns `[largest + 1]`, or `[minlength]` if that is more: int32, or float32 with `weights`.
 * @throws {RangeError} If `x` is no vector, has a negative element, or `weights` another shape.
 * @throws {TypeError} If `x` is not int32.
 *
 * @example Usage
 * ```ts
 * import { bincount, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 3, 1], { dtype: "int32" });
 * assertEquals(await (await bincount(x)).toArray(), [0, 2, 0, 1]);
 * ```
 */
export async function bincount(x: Tensor, options: BincountOptions = {}): Promise<Tensor> {
  takesBincount(arguments);
  const { weights, minlength = 0 } = options, shape = x.shape;
  if (shape.length !== 1 || (weights && (weights.shape.length !== 1 || weights.size !== x.size))) {
    throw new RangeError(
      `Cannot apply bincount as x and weights must be vectors of one size: x has shape ${show(shape)}${
        weights ? `, weights ${show(weights.shape)}` : ""
      }`,
    );
  }
  const n = Math.max(minlength, x.size === 0 ? 0 : await largest(x) + 1);
  using inner = new Scope();
  if (weights) return inner.keep(scatterAdd(zeros([n]), x, weights, { dim: 0 }));
  return inner.keep(countsUpTo("bincount", compute("bincount", NEXT, [x.size], [x], [], "int32"), n));
}

/** The largest element; refuses negative ones. */
async function largest(x: Tensor): Promise<number> {
  const ends = endsOf(x);
  try {
    const [low, high] = await Promise.all(ends.map((t) => t.item())) as [number, number];
    if (low < 0) throw new RangeError(`Cannot apply bincount as x must have whole numbers from 0 up: ${low}`);
    return high;
  } finally {
    for (const t of ends) t.dispose();
  }
}

function endsOf(x: Tensor): [Tensor, Tensor] {
  return [min(x), max(x)];
}

/** Options of {@linkcode histc}. */
export interface HistcOptions {
  /** How many ranges, 100 unless given. */
  bins?: number;
  /** Where the first begins, 0 unless given. */
  min?: number;
  /** Where the last ends, 0 unless given; if both are equal, the least and the largest element count. */
  max?: number;
}

const takesHistc = signature<HistcOptions>("apply histc", { x: FLOAT_TENSOR }, {
  bins: whole(1),
  min: FINITE,
  max: FINITE,
}, "bins");

/** The number of the range of an element, from 1 up; 0 outside. The last one has its end. */
const RANGE_OF = programOf({
  name: "range_of",
  args: [["x", "float32"], ["low", "float32"], ["high", "float32"], ["bins", "int32"]],
  result: "int32",
  body: /* wgsl */ `
    let first = select(low, low - 1.0, low == high);
    let last = select(high, high + 1.0, low == high);
    let k = i32(floor((x - first) * f32(bins) / (last - first)));
    return select(0, min(k, bins - 1) + 1, !isnanf(x) && x >= first && x <= last);`,
}, 1);

/**
 * Counts how many elements fall into each of some ranges of one width. What lies outside, and NaN, is
 * not counted.
 *
 * @param x A tensor of any shape, float32.
 * @param options How many ranges, from where to where. `bins` may stand alone.
 * @returns `[bins]`, float32; no gradient flows.
 * @throws {RangeError} If `max` is below `min`.
 *
 * @example Usage
 * ```ts
 * import { histc, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await histc(tensor([1, 2, 1]), { bins: 4, min: 0, max: 4 }).toArray(), [0, 2, 1, 0]);
 * ```
 */
export function histc(x: Tensor, options: HistcOptions | number = {}): Tensor {
  options = takesHistc(arguments);
  const { bins = 100, min: low = 0, max: high = 0 } = options;
  if (high < low) throw new RangeError(`Cannot apply histc as max must not be below min: ${low} and ${high}`);
  using inner = new Scope();
  const flat = aliasOf(x, [x.size]);
  if (x.size === 0) return inner.keep(zeros([bins]));
  const ends = low === high ? [min(flat), max(flat)] : [full([], low), full([], high)];
  const places = compute("histc", RANGE_OF, [x.size], [flat, ...ends], [bins], "int32");
  return inner.keep(cast(countsUpTo("histc", places, bins), "float32"));
}
