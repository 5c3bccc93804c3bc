/**
 * Images read at any places of their planes, and the places of an affine map. Jaderberg et al.: Spatial
 * transformer networks (arXiv 1506.02025).
 *
 * The pixels are rows of a table with a row of zeros behind them, which is what lies outside. Each place
 * picks its four neighbours, and the shares of these are its distances from them: so gradients flow to
 * the images by the rows, and to the places by the shares.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { defineUnary } from "../core/families/elementwise.ts";
import type { Program } from "../kernels/wgsl/program.ts";
import { BOOLEAN, listOf, oneOf, whole } from "../core/kinds.ts";
import { show, type Sizes3, type Sizes4 } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { compute } from "../core/tensor/compute.ts";
import { expectRoom, full, tensor } from "../core/tensor/create.ts";
import { FLOAT_TENSOR } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { lerp } from "../elementary/lerp.ts";
import { embedding } from "../indexing/embedding.ts";
import { matmul } from "../matrix/matmul.ts";
import { cat } from "../shape/cat.ts";
import { permute } from "../shape/permute.ts";
import { select } from "../shape/select.ts";
import { viewAs } from "../shape/view_as.ts";

/** Options of {@linkcode gridSample}. */
export interface GridSampleOptions {
  /** How values between pixels come about, "bilinear" unless given. */
  mode?: "bilinear" | "nearest";
  /** What lies outside: zeros unless given, the nearest pixel, or the image mirrored. */
  paddingMode?: "zeros" | "border" | "reflection";
  /** Whether -1 and 1 are the centres of the corner pixels rather than their outer edges, false unless given. */
  alignCorners?: boolean;
}

/** A coordinate from -1 to 1 in pixels; beyond the ends it is led back by `mode`: 0 not, 1 to the end, 2 mirrored. */
const inPixels = defineUnary({
  name: "gridSample",
  forward: /* wgsl */ `
    var p = select(((x + 1.0) * size - 1.0) * 0.5, (x + 1.0) * 0.5 * (size - 1.0), align > 0.0);
    if (mode < 1.0) { return p; }
    if (mode > 1.0) {
      let low = select(-0.5, 0.0, align > 0.0);
      let span = max(select(size, size - 1.0, align > 0.0), 1.0);
      let away = abs(p - low);
      let turns = floor(away / span);
      let rest = away - turns * span;
      p = select(rest, span - rest, turns % 2.0 == 1.0) + low;
    }
    return clamp(p, 0.0, size - 1.0);`,
  gradient: /* wgsl */ `
    let slope = 0.5 * select(size, size - 1.0, align > 0.0);
    var p = select(((x + 1.0) * size - 1.0) * 0.5, (x + 1.0) * 0.5 * (size - 1.0), align > 0.0);
    if (mode < 1.0) { return dy * slope; }
    var sign = 1.0;
    if (mode > 1.0) {
      let low = select(-0.5, 0.0, align > 0.0);
      let span = max(select(size, size - 1.0, align > 0.0), 1.0);
      let away = abs(p - low);
      let turns = floor(away / span);
      let rest = away - turns * span;
      let isOdd = turns % 2.0 == 1.0;
      sign = select(1.0, -1.0, isOdd) * select(1.0, -1.0, p < low);
      p = select(rest, span - rest, isOdd) + low;
    }
    return select(0.0, dy * slope * sign, p > 0.0 && p < size - 1.0);`,
  numbers: ["size", "align", "mode"],
});

const share = defineUnary({ name: "gridSample", forward: "x - floor(x)", gradient: "dy" });

/** The row of the pixel at a place, or of one of its neighbours; the last row where there is none. */
const ROW: Program = {
  inputs: ["float32", "float32"],
  numbers: ["int32", "int32", "int32", "int32", "int32", "int32", "int32"],
  steps: [{
    fn: {
      name: "row",
      args: [
        ["x", "float32"],
        ["y", "float32"],
        ...["n", "places", "h", "w", "total", "right", "down", "nearest"].map((name) =>
          [name, "int32"] as const
        ),
      ],
      result: "int32",
      body: /* wgsl */ `
        let column = i32(clamp(select(floor(x), round(x), nearest == 1), -2.0, f32(w) + 1.0)) + right;
        let row = i32(clamp(select(floor(y), round(y), nearest == 1), -2.0, f32(h) + 1.0)) + down;
        let isInside = isfinitef(x) && isfinitef(y) && column >= 0 && column < w && row >= 0 && row < h;
        return select(total, (n / places * h + row) * w + column, isInside);`,
    },
    args: ["i0", "i1", "n", "p0", "p1", "p2", "p3", "p4", "p5", "p6"],
  }],
  outputs: ["s0"],
};

const PADDING = { zeros: 0, border: 1, reflection: 2 } as const;

const takesSample = signature<GridSampleOptions>(
  "apply gridSample",
  { x: FLOAT_TENSOR, grid: FLOAT_TENSOR },
  {
    mode: oneOf("bilinear", "nearest"),
    paddingMode: oneOf("zeros", "border", "reflection"),
    alignCorners: BOOLEAN,
  },
);

/**
 * Reads images at places of their planes, such as `affineGrid` gives.
 *
 * @param x Images `[n, c, h, w]`, float32.
 * @param grid Places `[n, outH, outW, 2]`, float32: x then y, from -1 at the left or top to 1 at the
 *   right or bottom.
 * @param options What lies between pixels, and outside.
 * @returns `[n, c, outH, outW]`.
 * @throws {RangeError} If the shapes do not fit.
 *
 * @example Usage
 * ```ts
 * import { gridSample, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[[[1, 3]]]]), grid = tensor([[[[0, 0]]]]);
 * assertEquals(await gridSample(x, grid).toArray(), [[[[2]]]]);
 * ```
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  takesSample(arguments);
  const [n, c, h, w] = x.shape as Sizes4, [batch, outH, outW, two] = grid.shape as Sizes4;
  if (x.shape.length !== 4 || grid.shape.length !== 4 || batch !== n || two !== 2 || h === 0 || w === 0) {
    throw new RangeError(
      `Cannot apply gridSample as x must be [n, c, h, w] with pixels and grid [n, outH, outW, 2]: x has shape ${
        show(x.shape)
      }, grid ${show(grid.shape)}`,
    );
  }
  return composed(() => {
    const rows = viewAs("gridSample", permute(x, [0, 2, 3, 1]), [n * h * w, c]);
    const y = sampled(cat([rows, full([1, c], 0)]), grid, h, w, options);
    return permute(viewAs("gridSample", y, [n, outH, outW, c]), [0, 3, 1, 2]);
  });
}

/** The rows of the table at all places, `[places, c]`. */
function sampled(table: Tensor, grid: Tensor, h: number, w: number, options: GridSampleOptions): Tensor {
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = false } = options;
  const [n, outH, outW] = grid.shape as Sizes3, places = n * outH * outW, total = table.shape[0]! - 1;
  const along = (k: number, size: number) => {
    const at = viewAs("gridSample", select(grid, 3, k), [places]);
    return inPixels(at, size, Number(alignCorners), PADDING[paddingMode]);
  };
  const px = along(0, w), py = along(1, h);
  const neighbour = (right: number, down: number) => {
    const numbers = [Math.max(outH * outW, 1), h, w, total, right, down, Number(mode === "nearest")];
    return embedding(compute("gridSample", ROW, [places], [px, py], numbers, "int32"), table);
  };
  if (mode === "nearest") return neighbour(0, 0);
  const shareOf = (p: Tensor) => viewAs("gridSample", share(p), [places, 1]);
  const across = shareOf(px), down = shareOf(py);
  const row = (k: number) => lerp(neighbour(0, k), neighbour(1, k), across);
  return lerp(row(0), row(1), down);
}

/** Options of {@linkcode affineGrid}. */
export interface AffineGridOptions {
  /** Whether -1 and 1 are the centres of the corner pixels rather than their outer edges, false unless given. */
  alignCorners?: boolean;
}

const takesGrid = signature<AffineGridOptions>("apply affineGrid", {
  theta: FLOAT_TENSOR,
  size: listOf(whole(0), "whole numbers from 0 up", 4),
}, { alignCorners: BOOLEAN });

/**
 * Makes the places at which `gridSample` reads images that an affine map turns, moves or stretches.
 *
 * @param theta The maps `[n, 2, 3]`, float32, from places of the result to places of the image.
 * @param size Shape of the result, `[n, c, h, w]`.
 * @param options What -1 and 1 are.
 * @returns `[n, h, w, 2]`.
 * @throws {RangeError} If the shapes do not fit.
 *
 * @example Usage
 * ```ts
 * import { affineGrid, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const same = tensor([[[1, 0, 0], [0, 1, 0]]]);
 * assertEquals(await affineGrid(same, [1, 1, 1, 2]).toArray(), [[[[-0.5, 0], [0.5, 0]]]]);
 * ```
 */
export function affineGrid(theta: Tensor, size: readonly number[], options: AffineGridOptions = {}): Tensor {
  takesGrid(arguments);
  const [n, , h, w] = size as Sizes4, { alignCorners = false } = options;
  if (theta.shape.length !== 3 || theta.shape[0] !== n || theta.shape[1] !== 2 || theta.shape[2] !== 3) {
    throw new RangeError(
      `Cannot apply affineGrid as theta must be [n, 2, 3] for the n of size: theta has shape ${
        show(theta.shape)
      }, size is ${show(size)}`,
    );
  }
  expectRoom([h * w * 3]);
  const along = (k: number, count: number) => {
    if (count < 2) return 0;
    const at = -1 + 2 * k / (count - 1);
    return alignCorners ? at : at * (count - 1) / count;
  };
  const points = Float64Array.from({ length: h * w * 3 }, (_, i) => {
    const place = Math.floor(i / 3), kind = i % 3;
    return kind === 2 ? 1 : kind === 0 ? along(place % w, w) : along(Math.floor(place / w), h);
  });
  return composed(() => {
    const y = matmul(tensor(points, { shape: [h * w, 3] }), permute(theta, [0, 2, 1]));
    return viewAs("affineGrid", y, [n, h, w, 2]);
  });
}
