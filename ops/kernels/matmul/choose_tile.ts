/**
 * Chooses the tile of a matrix product from its sizes.
 *
 * @module
 */
import type { Device } from "../../gpu/device.ts";
import { Recent } from "../../gpu/recent.ts";
import type { Adapter } from "../adapter.ts";
import { compilePrice, type TextSize } from "../compile_cost.ts";
import { Memo, perOwner } from "../memo.ts";
import { cheapest, choose, type Problem, sameTile } from "../tuning.ts";
import { epilogueKey } from "../wgsl/epilogue.ts";
import type { MatmulPass, MatmulTile } from "./pass.ts";
import { isLong, loadsOf, MOST_STORES, REGISTER_WORKGROUP } from "./register_tiles.ts";
import { quickestTiles } from "./workgroup_tiles.ts";

/** A tile that was chosen before, and the size for which it was. */
interface EarlierChoice {
  readonly size: number;
  readonly tile: MatmulTile;
}

/** Choices by what is in the kernel's text, each list for growing sizes. */
const choices = perOwner<Device, Memo<EarlierChoice[]>>(() => new Memo());

/**
 * Chooses a tile, or takes one again that was chosen for the same text and a larger batch, so that the last, smaller batch
 * of an epoch compiles nothing. A single row is a case of its own. No choice changes an output's order of summation, save
 * that of sums of rows on a GPU.
 */
export function chooseTile(
  pass: MatmulPass,
  chunks: number,
  adapter: Adapter,
  problem: (batch: "whole" | "small") => Problem<MatmulTile>,
): MatmulTile {
  const { m, n, k, transA, transB, mVaries, a } = pass;
  const kChanges = transA && !transB && !mVaries;
  const size = pass.batches * (kChanges ? k : m);
  const fixed = kChanges ? [m, n] : mVaries ? [n, k, m === 1] : [m, n, k];
  const { aVec, bVec } = loadsOf(pass);
  const key = [
    adapter.kernels,
    transA,
    transB,
    aVec,
    bVec,
    ...fixed,
    ...pass.batchDims.slice(1),
    pass.aStrides.length,
  ].join();
  const onCpu = adapter.kernels === "cpu";
  const offers = () => onCpu ? registerTiles(pass, chunks) : workgroupTiles(pass, chunks);
  const known = choices(a.device).get(key, () => []);
  const larger = known.find((choice) => choice.size >= size);
  const estimate = larger?.tile ?? offers()[0]!;
  if (!larger) {
    known.push({ size, tile: estimate }); // the largest so far
    if (onCpu) written(a.device).set(textNames(pass, chunks)(estimate), true);
  }
  return choose({
    name: `${pass.name} ${m}x${k}x${n}`,
    device: a.device,
    family: "matmul",
    key,
    size,
    estimate,
    offers,
    allows: (tile) => onCpu ? fitsRegisters(pass, tile) : offers().some((t) => sameTile(t, tile)),
    problem,
  });
}

/** Nanoseconds for 8 lanes on one lavapipe core. */
const VEC4_LOAD = 16.7, LOAD = 8.9, STORE = 17, TURN = 8;
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

/** Whether a register tile is possible: vec4s are loaded and stored whole. */
function fitsRegisters(pass: MatmulPass, { rows, columns }: MatmulTile): boolean {
  const { n, transA } = pass, { aVec, depth } = loadsOf(pass);
  return ROWS.includes(rows) && COLUMNS.includes(columns) && !(transA && aVec && rows % 4 !== 0) &&
    (n % 4 === 0 ? columns % 4 === 0 : columns <= n) &&
    rows * columns * depth <= MOST_TEXT && rows * columns <= MOST_SUMS;
}

/** Register tiles whose text another product of the device has: taking one again compiles nothing. */
const written = perOwner<Device, Recent<true>>(() => new Recent());

/** Gives a tile's text a name by all that it depends on, which are no sizes. */
function textNames(pass: MatmulPass, chunks: number): (tile: MatmulTile) => string {
  const { n, transA, transB, batchDims, bias, rowSums, epilogue } = pass, { aVec, bVec } = loadsOf(pass);
  const sizes = [n % 4 === 0, isLong(pass, Math.ceil(pass.k / chunks)), chunks > 1];
  const others = [transA, transB, aVec, bVec, batchDims.length, bias !== null, rowSums !== null];
  const name = JSON.stringify([sizes, others, epilogueKey(epilogue)]);
  return ({ rows, columns }) => `${rows}x${columns} ${n % columns === 0} ${name}`;
}

/** What the text of a register tile holds. */
function textOf(pass: MatmulPass, { rows, columns }: MatmulTile, chunks: number): TextSize {
  const { depth } = loadsOf(pass), sums = rows * columns + (pass.rowSums ? rows : 0);
  const stored = Math.min(MOST_STORES * (pass.n % 4 === 0 ? 4 : 1), rows * columns);
  const carried = isLong(pass, Math.ceil(pass.k / chunks)) ? 2 * sums : sums;
  return {
    operations: rows * columns * depth,
    loads: depth * (rows + columns),
    stores: stored,
    carried: [carried, stored < rows * columns ? rows * columns : 0],
  };
}

/** The register tiles that may be taken, those first that a model of the adapter finds quickest. */
function registerTiles(pass: MatmulPass, chunks: number): MatmulTile[] {
  const { m, n, k, batches } = pass;
  const { aVec, bVec, depth } = loadsOf(pass);
  const known = written(pass.a.device), name = textNames(pass, chunks);
  const loads = (size: number, vec: boolean) => vec ? size * VEC4_LOAD / 4 : size * LOAD;
  const tiles = ROWS.filter((rows) => rows < m + 4)
    .flatMap((rows) => COLUMNS.map((columns) => ({ rows, columns })))
    .filter((tile) => fitsRegisters(pass, tile));
  return cheapest(tiles, (tile) => {
    const { rows, columns } = tile, text = rows * columns * depth;
    const groups = Math.ceil(
      Math.ceil(m / rows) * Math.ceil(n / columns) * batches * chunks / REGISTER_WORKGROUP,
    );
    const turn = depth * (loads(rows, aVec) + loads(columns, bVec)) +
      text * multiplyAdd(depth, text, columns) + TURN;
    const group = Math.ceil(k / chunks / depth) * turn + rows * columns * (n % 4 === 0 ? STORE / 4 : STORE);
    // Two cores take half of the workgroups each; few workgroups share the work badly.
    return Math.ceil(groups / 2) * group * (1 + 1 / groups) +
      (known.get(name(tile)) ? 0 : compilePrice(textOf(pass, tile, chunks)));
  });
}

/** Workgroup tiles, those first that a rough estimate finds quickest. */
function workgroupTiles({ m, n, batches }: MatmulPass, chunks: number): MatmulTile[] {
  return quickestTiles((rows, columns) => Math.ceil(m / rows) * Math.ceil(n / columns) * batches * chunks);
}
