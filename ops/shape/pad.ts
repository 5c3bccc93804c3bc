/**
 * Padding: more elements before and after, along the last dimensions.
 *
 * The gradient of padding by a constant is what lies inside; of padding by what is there, the sum over the places that
 * an element was copied to.
 *
 * @module
 */
import { differentiable } from "../core/autograd/autograd.ts";
import { expectDType } from "../core/families/elementwise.ts";
import { putSlice, type StridedSlice, takeSlice } from "../core/families/movement.ts";
import { resample, type ResampledAxis } from "../core/families/resample.ts";
import { show } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { viewAs } from "./view_as.ts";
import { listOf, NUMBER, oneOf, whole } from "../core/kinds.ts";

/** Options of {@linkcode pad}. */
export interface PadOptions {
  /**
   * What is added: "constant" adds `value`, "reflect" mirrors at the first and last element without repeating it,
   * "replicate" repeats it. "constant" unless given.
   */
  mode?: "constant" | "reflect" | "replicate";
  /** What "constant" adds, 0 unless given. */
  value?: number;
}

const takes = signature<PadOptions>("apply pad", { x: TENSOR, pad: listOf(whole(), "whole numbers") }, {
  mode: oneOf("constant", "reflect", "replicate"),
  value: NUMBER,
}, "mode");

/**
 * Adds elements before and after, along the last dimensions.
 *
 * @param x A tensor of any shape; float32 for "reflect" and "replicate".
 * @param pad How many elements, last dimension first: `[before, after]` of the last, then of the one before it, and so
 *   on. Negative numbers cut off. "reflect" and "replicate" take at most the last two dimensions.
 * @param options What is added. `mode` may stand alone.
 * @returns A new tensor.
 * @throws {RangeError} If `pad` is not pairs of whole numbers for dimensions that there are, if "reflect" would need
 *   more elements than there are, or if no element of a dimension would be left.
 *
 * @example Usage
 * ```ts
 * import { openDevice, pad, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 2, 3]);
 * assertEquals(await pad(x, [1, 2]).toArray(), [0, 1, 2, 3, 0, 0]);
 * assertEquals(await pad(x, [1, 2], { mode: "reflect" }).toArray(), [2, 1, 2, 3, 2, 1]);
 * assertEquals(await pad(x, [1, 2], { mode: "replicate" }).toArray(), [1, 1, 2, 3, 3, 3]);
 * ```
 */
export function pad(
  x: Tensor,
  pad: readonly number[],
  options: PadOptions | PadOptions["mode"] = {},
): Tensor {
  options = takes(arguments);
  const { mode = "constant", value = 0 } = options, rank = x.shape.length;
  if (pad.length % 2 !== 0 || pad.length > 2 * rank) {
    throw new RangeError(
      `Cannot apply pad as pad must be two whole numbers for each of the last dimensions: ${
        show(pad)
      }, x has shape ${show(x.shape)}`,
    );
  }
  const sides = x.shape.map((_, d) => {
    const k = 2 * (rank - 1 - d);
    return [pad[k] ?? 0, pad[k + 1] ?? 0] as const;
  });
  return mode === "constant" ? padConstant(x, sides, value) : padByOwn(x, pad, sides, mode);
}

type Sides = readonly (readonly [before: number, after: number])[];

function padConstant(x: Tensor, sides: Sides, value: number): Tensor {
  const shape = x.shape.map((size, d) => size + sides[d]![0] + sides[d]![1]);
  const kept = x.shape.map((size, d) => size + Math.min(sides[d]![0], 0) + Math.min(sides[d]![1], 0));
  if (kept.some((size) => size < 0) || shape.some((size, d) => size === 0 && x.shape[d]! > 0)) {
    throw new RangeError(
      `Cannot apply pad as an element of each dimension must be left: [before, after] ${
        sides.map(show).join(", ")
      } of x of shape ${show(x.shape)}`,
    );
  }
  const step = shape.map(() => 1);
  const inX: StridedSlice = { start: sides.map(([before]) => Math.max(-before, 0)), step, shape: kept };
  const inY: StridedSlice = { start: sides.map(([before]) => Math.max(before, 0)), step, shape: kept };
  const cuts = kept.some((size, d) => size !== x.shape[d]);
  const inner = cuts ? takeSlice("pad", x, inX) : x;
  const y = putSlice("pad", inner, shape, inY, value);
  if (cuts) inner.dispose();
  return differentiable("pad", y, [x], {
    gradient: (dy) => {
      const inside = takeSlice("pad gradient", dy, inY);
      return [cuts ? putSlice("pad gradient", inside, x.shape, inX) : inside];
    },
  });
}

/** Pads the last two dimensions by elements of x. */
function padByOwn(x: Tensor, pad: readonly number[], sides: Sides, mode: "reflect" | "replicate"): Tensor {
  expectDType("pad", x, "float32");
  const fits = sides.every(([before, after], d) => {
    const size = x.shape[d]!, most = mode === "reflect" ? size - 1 : size === 0 ? 0 : Infinity;
    if (before === 0 && after === 0) return true;
    return before <= most && after <= most && size + before + after >= 1;
  });
  if (pad.length > 4 || !fits) {
    const limit = mode === "reflect" ? "less than the size" : "an element to repeat";
    throw new RangeError(
      `Cannot apply pad as ${mode} takes the last two dimensions, ${limit}, and an element must be left: ${
        show(pad)
      }, x has shape ${show(x.shape)}`,
    );
  }
  const plan = (d: number): ResampledAxis => {
    const size = x.shape[d] ?? 1, [before, after] = sides[d] ?? [0, 0];
    return {
      key: `${mode} ${size} ${before} ${after}`,
      size: size + before + after,
      axis: () =>
        Array.from({ length: size + before + after }, (_, j) => [{
          place: inside(j - before, size, mode),
          weight: 1,
        }]),
    };
  };
  const rank = x.shape.length;
  if (rank >= 2) return resample("pad", x, [plan(rank - 2), plan(rank - 1)]);
  const columns = plan(rank - 1);
  const y = resample("pad", viewAs("pad", x, [1, x.size]), [plan(-1), columns]);
  return viewAs("pad", y, rank === 0 ? [] : [columns.size]);
}

/** The element that stands at place `j`, which may lie before or after all of them. */
function inside(j: number, size: number, mode: "reflect" | "replicate"): number {
  if (mode === "replicate") return Math.min(Math.max(j, 0), size - 1);
  return j < 0 ? -j : j >= size ? 2 * (size - 1) - j : j;
}
