/**
 * A gathered convolution by the scheme and with the tile that suit it: Winograd's where that is quicker, else a tile that
 * was measured, or the best by the estimate.
 *
 * @module
 */
import { type Gather, gather } from "./direct/kernel.ts";
import { gatherKey, gatherTile, gatherTiles } from "./direct/tiles.ts";
import { prefersWinograd, winogradGather } from "./winograd/winograd.ts";
import type { Profile } from "../adapter.ts";
import type { Work } from "../reduce.ts";
import { choose, sameTile, SMALL_BATCH, still } from "../tuning.ts";
import { gatherSum } from "../matmul/reference_sums.ts";

/** Makes the steps of a gathered convolution. */
export function gatherWell(call: Gather, profile: Profile): Work {
  if (prefersWinograd(call, profile)) return winogradGather(call, profile);
  const { rows, cols, weights, pool, y } = call, offers = () => gatherTiles(call, profile);
  const tile = choose({
    name: call.name,
    device: y.device,
    family: "convolution",
    key: JSON.stringify([profile.name, gatherKey(call)]),
    size: 0,
    estimate: gatherTile(call, profile),
    offers,
    allows: (tile) => offers().some((t) => sameTile(t, tile)),
    problem: (batch) => {
      const n = batch === "small" ? Math.min(call.n, SMALL_BATCH) : call.n;
      const trial = { ...call, n, epilogue: still(call.epilogue) };
      return {
        work: (tile) => gather(trial, tile, profile),
        outputs: [{
          storage: y,
          count: n * weights.groups * weights.results * rows.out * cols.out,
          terms: weights.sources * weights.kh * weights.kw,
          sum: (i, read) => gatherSum(trial, i, read),
          epilogue: trial.epilogue,
          pool: pool && { ...pool, height: rows.out, width: cols.out },
        }],
      };
    },
  });
  return gather(call, tile, profile);
}
