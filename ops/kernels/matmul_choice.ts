/**
 * Chooses the tile of a matrix product from its sizes.
 *
 * @module
 */
import type { Device } from "../gpu/device.ts";
import type { MatmulPass } from "./matmul_pass.ts";
import { loadsOf, REGISTER_WORKGROUP, type Tile } from "./matmul_register.ts";
import type { Profile } from "./profile.ts";

/** A tile that was chosen before, and the size for which it was. */
interface Chosen {
  readonly size: number;
  readonly tile: Tile;
}

/** Choices by device and by what is in the kernel's text. */
const choices = new WeakMap<Device, Map<string, Chosen[]>>();

/**
 * Chooses a tile, or takes one again that was chosen for the same text and a larger batch, so that the last, smaller batch
 * of an epoch compiles nothing. A single row is a case of its own. No choice changes an output's order of summation.
 */
export function chooseTile(pass: MatmulPass, chunks: number, profile: Profile): Tile {
  const { m, n, k, transA, transB, mVaries, a } = pass;
  const kChanges = transA && !transB && !mVaries;
  const size = pass.batches * (kChanges ? k : m);
  const fixed = kChanges ? [m, n] : mVaries ? [n, k, m === 1] : [m, n, k];
  const { aVec, bVec } = loadsOf(pass);
  const key = [
    profile.name,
    transA,
    transB,
    aVec,
    bVec,
    ...fixed,
    ...pass.batchDims.slice(1),
    pass.aStrides.length,
  ].join();
  const byKey = choices.get(a.device) ?? new Map<string, Chosen[]>();
  choices.set(a.device, byKey);
  const known = byKey.get(key) ?? [];
  const larger = known.filter((c) => c.size >= size).sort((x, y) => x.size - y.size)[0];
  if (larger) return larger.tile;
  const tile = profile.name === "cpu" ? registerTile(pass, chunks) : workgroupTile(pass, chunks);
  byKey.set(key, [...known, { size, tile }]);
  return tile;
}

/** Nanoseconds for 8 lanes on one lavapipe core. */
const VEC4_LOAD = 16.7, LOAD = 8.9, STORE = 17, TURN = 8;
/** What a multiply-add in the text costs to compile (about 0.4 ms), spread over an assumed 4,000 runs. */
const COMPILE = 100;
/** The most multiply-adds of a kernel's text, and of an invocation's sums. */
const MOST_TEXT = 1600, MOST_SUMS = 576;

/**
 * Nanoseconds of a multiply-add with its spills, fitted to whole products. At a strip's depth of one each sum is loaded and
 * stored for a single product, and more than 24 columns do not stay in registers beside it; at a depth of four long texts
 * outgrow the processor's cache of code.
 */
function multiplyAdd(depth: number, text: number, columns: number): number {
  if (depth === 1) return columns <= 24 ? 0.4 : 0.47;
  return 0.28 + 0.4 * Math.min(1, Math.max(0, (text - 780) / 500));
}

const ROWS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32];
const COLUMNS = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32];

/** Takes the register tile that a model of the adapter finds quickest. */
function registerTile(pass: MatmulPass, chunks: number): Tile {
  const { m, n, k, transA, batches } = pass;
  const { aVec, bVec, depth } = loadsOf(pass);
  const loads = (size: number, vec: boolean) => vec ? size * VEC4_LOAD / 4 : size * LOAD;
  let best: Tile = { rows: 4, columns: 4 }, least = Infinity;
  for (
    const rows of ROWS.filter((r) => r === 1 ? !(transA && aVec) : r < m + 4 && !(transA && aVec && r % 4))
  ) {
    for (const columns of COLUMNS.filter((c) => n % 4 === 0 ? c % 4 === 0 : c <= n)) {
      const text = rows * columns * depth;
      if (text > MOST_TEXT || rows * columns > MOST_SUMS) continue;
      const groups = Math.ceil(
        Math.ceil(m / rows) * Math.ceil(n / columns) * batches * chunks / REGISTER_WORKGROUP,
      );
      const turn = depth * (loads(rows, aVec) + loads(columns, bVec)) +
        text * multiplyAdd(depth, text, columns) + TURN;
      const group = Math.ceil(k / chunks / depth) * turn + rows * columns * (n % 4 === 0 ? STORE / 4 : STORE);
      // Two cores take half of the workgroups each; few workgroups share the work badly.
      const cost = Math.ceil(groups / 2) * group * (1 + 1 / groups) + text * COMPILE;
      if (cost < least) {
        least = cost;
        best = { rows, columns };
      }
    }
  }
  return best;
}

/** Takes the large workgroup tile where there are enough of them. */
function workgroupTile({ m, n, batches }: MatmulPass, chunks: number): Tile {
  const tiles = Math.ceil(m / 64) * Math.ceil(n / 64) * batches * chunks;
  return tiles >= 64 ? { rows: 64, columns: 64 } : { rows: 32, columns: 32 };
}
