/**
 * The matmul family: `y = op(a) · op(b) + bias` over batches, where `op` may transpose.
 *
 * Two schemes: register tiles for a CPU adapter (`register_tiles.ts`) and workgroup tiles in shared memory for a GPU
 * (`workgroup_tiles.ts`). Where the outputs alone are too few to fill the adapter, the sum over k is cut into chunks: a
 * first pass writes the sums of the chunks, a second adds them up in order, with the bias and the epilogue. Whether
 * there are two passes never depends on the size that changes from batch to batch, but for sums that no invocation
 * can take the turns for.
 *
 * All sizes are numbers of the dispatch, so that products of different sizes share their texts. Which tile they take
 * depends on the sizes that stay the same from batch to batch: n and k where `a` is not transposed (a weight's), m and n
 * where only `a` is (a weight's gradient; k is the batch; with `mVaries` as before), all three where both are.
 *
 * @module
 */
import type { Dispatch } from "../../gpu/kernel.ts";
import { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import { type Problem, withConstantNumbers } from "../tuning.ts";
import { type AffineAccess, collapse } from "../wgsl/access.ts";
import { blockedSum } from "../wgsl/blocked_loop.ts";
import { type FirstOutput, IDENTITY } from "../wgsl/epilogue.ts";
import { MOST_TURNS } from "../wgsl/loop_limit.ts";
import { dispatch } from "../wgsl/source.ts";
import { read, u32s, vectorOf } from "../wgsl/text.ts";
import { chooseTile } from "./choose_tile.ts";
import { kIsFixed, type MatmulPass, matmulStore, type MatmulTile } from "./pass.ts";
import { matmulSum, rowSum } from "./reference_sums.ts";
import { registerPass, shortSum } from "./register_tiles.ts";
import { DEEPEST, workgroupPass } from "./workgroup_tiles.ts";

/** Batches of matrices: up to four dimensions, each with its stride in elements; 0 where an operand is broadcast. */
export interface MatmulBatch {
  readonly dims: readonly number[];
  readonly aStrides: readonly number[];
  readonly bStrides: readonly number[];
}

/** A matrix product. `y` is `[...batch, m, n]`, contiguous. */
export interface MatmulCall extends FirstOutput {
  readonly name?: string;
  /** `[m, k]` row-major, or `[k, m]` with `transA`. */
  readonly a: Storage;
  /** `[k, n]` row-major, or `[n, k]` with `transB`. */
  readonly b: Storage;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** With `transA` alone: m is what changes from batch to batch, and not k. */
  readonly mVaries?: boolean;
  readonly batch?: MatmulBatch;
  /** n values that are added to every row. */
  readonly bias?: Storage | null;
  /**
   * Takes the m sums over k of `op(a)`, which are made in the same pass: a bias's gradient beside its weight's. Only for a single product
   * where `a` alone is transposed.
   */
  readonly rowSums?: Storage | null;
}

/**
 * Makes the dispatches of a matrix product.
 *
 * @param call The operands, their sizes, and what is done to each value before it is stored.
 * @param adapter Which kind of adapter to write for.
 * @returns The dispatches, and the storages that can be released once they are queued.
 */
export function matmul(call: MatmulCall, adapter: Adapter): Work {
  const pass = normalize(call);
  if (pass.batches * pass.m * pass.n === 0) return { dispatches: [], temporaries: [] };
  const tile = chooseTile(
    pass,
    Math.max(1, chunkCount(pass, adapter)),
    adapter,
    (batch) => problemOf(batch === "small" ? smaller(pass) : pass, adapter),
  );
  return matmulWith(pass, tile, adapter);
}

/** Makes the dispatches of a matrix product with a given tile. */
export function matmulWith(pass: MatmulPass, tile: MatmulTile, adapter: Adapter): Work {
  const outputs = pass.batches * pass.m * pass.n, chunks = chunkCount(pass, adapter);
  const write = adapter.kernels === "cpu" ? registerPass : workgroupPass;
  if (chunks === 0) {
    return { dispatches: [write(pass, tile, { chunks: 1, length: pass.k })], temporaries: [] };
  }
  const partial = new Storage(pass.a.device, 4 * outputs * chunks);
  const partialRows = pass.rowSums ? new Storage(pass.a.device, 4 * pass.batches * pass.m * chunks) : null;
  const sums: MatmulPass = {
    ...pass,
    name: `${pass.name} chunks`,
    y: partial,
    rowSums: partialRows,
    bias: null,
    epilogue: IDENTITY,
  };
  const whole = adapter.kernels === "cpu" ? 4 : DEEPEST; // chunks begin at vec4s, and at a tile's turns
  const length = Math.ceil(pass.k / chunks / whole) * whole;
  const dispatches = [
    write(sums, tile, { chunks, length, isPartial: true }),
    chunkSum(pass, partial, partialRows, chunks, adapter),
  ];
  return { dispatches, temporaries: partialRows ? [partial, partialRows] : [partial] };
}

/** The product as a problem for the tuner. */
function problemOf(given: MatmulPass, adapter: Adapter): Problem<MatmulTile> {
  const pass = { ...given, epilogue: withConstantNumbers(given.epilogue) },
    { m, n, k, batches, rowSums, epilogue } = pass;
  const sums = rowSums && {
    storage: rowSums,
    count: m,
    terms: k,
    sum: (i: number, read: (s: Storage) => Float32Array) => rowSum(pass, i, read),
  };
  return {
    work: (tile) => matmulWith(pass, tile, adapter),
    outputs: [
      {
        storage: pass.y,
        count: batches * m * n,
        terms: k,
        sum: (i, read) => matmulSum(pass, i, read),
        epilogue,
      },
      ...(sums ? [sums] : []),
    ],
  };
}

/** Rows, or with a transposed products of a sum, that reach into a third tile of the largest size. */
const SMALL_SIZE = 67;

/** The product of a smaller batch, where one size is the batch's. */
function smaller(pass: MatmulPass): MatmulPass {
  const { m, k, batches, transA, transB } = pass;
  if (batches > 1 || transA && transB) return pass;
  return transA ? { ...pass, k: Math.min(k, SMALL_SIZE) } : { ...pass, m: Math.min(m, SMALL_SIZE) };
}

/** Gives everything a value, merges batch dimensions, and takes batches that share `b` as more rows of one matrix. */
function normalize(call: MatmulCall): MatmulPass {
  const { m, n, k, transA = false, transB = false } = call;
  const given = call.batch ?? { dims: [], aStrides: [], bStrides: [] };
  const space = collapse({
    dims: given.dims,
    accesses: [{ strides: given.aStrides, offset: 0 }, { strides: given.bStrides, offset: 0 }],
  });
  const [a, b] = space.accesses as [AffineAccess, AffineAccess];
  const pass: MatmulPass = {
    name: call.name ?? `matmul_${transA ? "t" : "n"}${transB ? "t" : "n"}`,
    a: call.a,
    b: call.b,
    y: call.y,
    m,
    n,
    k,
    transA,
    transB,
    mVaries: call.mVaries ?? !transA,
    batches: space.dims.reduce((x, y) => x * y, 1),
    batchDims: space.dims,
    aStrides: a.strides,
    bStrides: b.strides,
    bias: call.bias ?? null,
    rowSums: call.rowSums ?? null,
    epilogue: call.epilogue,
  };
  const areRows = space.dims.length === 1 && !transA && b.strides[0] === 0 && a.strides[0] === m * k;
  return areRows
    ? { ...pass, m: m * pass.batches, batches: 1, batchDims: [], aStrides: [], bStrides: [] }
    : pass;
}

/** Products that an invocation adds up at most: each is a turn of a loop, or in a workgroup tile one and a half. */
const LONGEST_SUM = MOST_TURNS / 2;

/**
 * Products that an invocation adds up. On a CPU adapter a sum that is made in blocks costs 14 % more, as loops within loops
 * do there; a second pass costs 3 %, and memory for outputs that is at most that of `a` where n is no larger than such a sum.
 */
function longestSum(pass: MatmulPass, adapter: Adapter): number {
  const short = shortSum(pass);
  return adapter.kernels === "cpu" && kIsFixed(pass) && pass.n <= short ? short : LONGEST_SUM;
}

/** Outputs that fill the adapter, at the number an invocation computes. */
function enoughOutputs(adapter: Adapter): number {
  return adapter.kernels === "cpu" ? 8192 : 64 * adapter.enoughThreads;
}

/** Decides from the sizes in the text alone, so that a smaller batch takes the same kernels. */
function mayNeedChunks(
  { m, n, k, transA, transB, mVaries, operands }: MatmulPass,
  adapter: Adapter,
): boolean {
  const enough = enoughOutputs(adapter), onCpu = adapter.kernels === "cpu";
  if (operands) return m * n < 4 * enough; // there are many products, as many as a batch has places
  if (transA && !transB && !mVaries) return m * n < (onCpu ? enough : enough / 4);
  return k >= 1024 && 64 * n < (onCpu ? enough : enough / 16); // beside so long a sum the second pass costs nothing
}

/** Chunks of k, or 0 for none and a single pass. */
function chunkCount(pass: MatmulPass, adapter: Adapter): number {
  const { batches, m, n, k } = pass, least = Math.ceil(k / longestSum(pass, adapter));
  if (!mayNeedChunks(pass, adapter)) return least > 1 ? least : 0;
  // A small matrix takes a whole workgroup tile as well.
  const padded = (size: number) => adapter.kernels === "cpu" ? size : Math.ceil(size / 32) * 32;
  const enough = (pass.operands ? 2 : 1) * enoughOutputs(adapter);
  const wanted = Math.ceil(enough / (batches * padded(m) * padded(n)));
  return Math.max(1, least, Math.min(wanted, Math.floor(k / 32)));
}

/** Adds the sums of the chunks in their order: an invocation makes one output, or four neighbouring ones. */
export function chunkSum(
  pass: MatmulPass,
  partial: Storage,
  partialRows: Storage | null,
  chunks: number,
  adapter: Adapter,
): Dispatch {
  const outputs = pass.batches * pass.m * pass.n;
  const out = matmulStore(pass);
  const rows = pass.rowSums ? SUM_ROWS : "";
  const { lanes } = out;
  return dispatch(
    {
      name: `${pass.name} sum`,
      bindings: [
        read("p", vectorOf("f32", lanes)),
        ...(partialRows ? [read("pr", "f32")] : []),
        ...out.bindings,
      ],
      numberDecls: [...u32s("outputs", "chunks", "m", "n"), ...out.numberDecls],
      declarations: out.functions,
      workgroupSize: adapter.workgroupSize,
      body: `
  let i = id * ${lanes}u;
  if (i < u.outputs) {
    ${sumOfChunks("p", vectorOf("f32", lanes), `(u.outputs / ${lanes}u)`)}
    ${out.store(out.biased("sum", "i % u.n"), "i", "0")}
  }
  ${rows}`,
    },
    [partial, ...(partialRows ? [partialRows] : []), ...out.storages],
    [outputs, chunks, pass.batches * pass.m, pass.n, ...out.numbers],
    Math.max(outputs / lanes, pass.rowSums ? pass.batches * pass.m : 0),
    outputs * chunks,
  );
}

/** Chunks are added up in blocks of blocks. */
const BLOCKS_OF_CHUNKS = [8, 8, 8];

/** Statements that add up `sum`, that of the chunks in `p`, `size` apart. */
function sumOfChunks(p: string, type: string, size: string): string {
  const turn = (sum: string) => `${sum} += ${p}[c * ${size} + id];`;
  return `var sum = ${type}(0.0);
    var c = 0u;
    ${blockedSum({ at: "c", end: "u.chunks", by: "1u" }, BLOCKS_OF_CHUNKS, { name: "sum", type, turn })}`;
}

const SUM_ROWS = /* wgsl */ `if (id < u.m) {
    ${sumOfChunks("pr", "f32", "u.m")}
    rowSums[id] = sum;
  }`;
