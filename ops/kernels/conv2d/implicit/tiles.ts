/**
 * Where a convolution on a GPU is a matrix product, and which tile that takes.
 *
 * @module
 */
import type { Adapter } from "../../adapter.ts";
import type { MatmulTile } from "../../matmul/pass.ts";
import { quickestTiles } from "../../matmul/workgroup_tiles.ts";
import type { Conv2dGeometry, Convolution } from "../geometry.ts";
import { quadLayout } from "./patches.ts";
import { gradientSize } from "./weight_gradient.ts";

/** Fewer result channels of a group than this leave too much of a tile idle. */
export const LEAST_RESULTS = 12;
/** So few products are not worth a tile's turns. */
const LEAST_PRODUCTS = 9;
/** Images of which tiles are thought to be shared out: the batch plays no part in the choice. */
const IMAGES = 64;

/** Whether a convolution is a product on this adapter. A transposed one of a larger stride would multiply zeros. */
export function prefersImplicit({ rows, cols, weights }: Convolution, adapter: Adapter): boolean {
  const { results, sources, kh, kw } = weights;
  const skips = [rows, cols].some(({ transposed, stride }) => transposed && stride > 1);
  return adapter.kernels === "gpu" && !skips && results >= LEAST_RESULTS &&
    sources * kh * kw >= LEAST_PRODUCTS;
}

/** The tiles that a convolution may take, by the estimate's order. */
export function implicitTiles({ rows, cols, weights, pooling }: Convolution): readonly MatmulTile[] {
  const { quads } = quadLayout(rows.out, cols.out, pooling !== undefined);
  return quickestTiles((r, c) =>
    Math.ceil(weights.results / r) * weights.groups * Math.ceil(IMAGES * quads * 4 / c)
  );
}

/** Whether a weight gradient is a product on this adapter. */
export function prefersImplicitGradient(g: Conv2dGeometry, adapter: Adapter): boolean {
  const { rows, columns } = gradientSize(g);
  return adapter.kernels === "gpu" && rows >= LEAST_RESULTS && columns >= LEAST_PRODUCTS;
}

/** The tiles that a weight gradient may take, by the estimate's order; its sum is cut until there is enough to do. */
export function implicitGradientTiles(g: Conv2dGeometry): readonly MatmulTile[] {
  const { rows, columns } = gradientSize(g);
  return quickestTiles((r, c) => Math.ceil(rows / r) * Math.ceil(columns / c) * g.groups * IMAGES);
}
