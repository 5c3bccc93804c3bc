/**
 * A network as a table for those who watch it, and what it is tested with.
 *
 * @module
 */
import { DataLoader, type FitBatches, type nn, Subset, type Summary, summary } from "../../mod.ts";
import type { LayerRow } from "./run_feed.ts";

/** The layers of a network, by a pass of one example; none where a pass of zeros cannot be made. */
export function layersOf(net: nn.Module, batches: FitBatches | undefined): LayerRow[] {
  const shape = shapeOf(batches);
  if (shape === undefined) return [];
  try {
    return layerRows(summary(net, [1, ...shape.slice(1)]));
  } catch {
    return []; // it takes something else than numbers of this shape
  }
}

/** The rows of a summary for those who watch. */
export function layerRows({ rows }: Summary): LayerRow[] {
  return rows.map(({ path, type, depth, outputShape: shape, parameters }) => ({
    path,
    type,
    depth,
    shape,
    parameters,
  }));
}

/** The names of a loader's classes, as far as its data set knows them. */
export function classesOf(batches: FitBatches | undefined): readonly string[] {
  let dataset: unknown = batches instanceof DataLoader ? batches.dataset : undefined;
  while (dataset instanceof Subset) dataset = dataset.dataset;
  const { classes } = Object(dataset) as { classes?: readonly string[] };
  return Array.isArray(classes) ? classes : [];
}

/** The shape of the first batch. Where the order of a loader is its own, a look would change it, and there is none. */
function shapeOf(batches: FitBatches | undefined): readonly number[] | undefined {
  if (batches === undefined || batches instanceof DataLoader && batches.stateDict().shuffle) return undefined;
  for (const [x, y] of batches) {
    const { shape } = x;
    if (batches instanceof DataLoader) { for (const t of [x, y]) t.dispose(); // a loop that is left frees none
     }
    return shape;
  }
}
