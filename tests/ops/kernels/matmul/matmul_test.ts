import { assert, assertEquals } from "@std/assert";
import { type Device, openDevice } from "../../../../ops/gpu/device.ts";
import { Storage } from "../../../../ops/gpu/storage.ts";
import { ADAPTERS } from "../../../../ops/kernels/adapter.ts";
import { programEpilogue } from "../../../../ops/kernels/elementwise.ts";
import { matmul, type MatmulBatch } from "../../../../ops/kernels/matmul/matmul.ts";
import type { MatmulPass } from "../../../../ops/kernels/matmul/pass.ts";
import {
  hasInvocations,
  threadsOf,
  type WorkgroupTile,
} from "../../../../ops/kernels/matmul/tile_product.ts";
import { WORKGROUP_TILES, workgroupPass } from "../../../../ops/kernels/matmul/workgroup_tiles.ts";
import { rowMajor } from "../../../../ops/kernels/wgsl/access.ts";
import { type Epilogue, IDENTITY } from "../../../../ops/kernels/wgsl/epilogue.ts";
import { programOf } from "../../../../ops/kernels/wgsl/program.ts";

/** Elements behind y that nothing may write: more than a tile of rows. */
const MARGIN = 4096;
const BOTH = [ADAPTERS.cpu, ADAPTERS.gpu];

interface Case {
  m: number;
  n: number;
  k: number;
  transA?: boolean;
  transB?: boolean;
  mVaries?: boolean;
  bias?: boolean;
  batch?: MatmulBatch;
  /** Adds a tensor of y's shape and doubles. */
  epilogue?: boolean;
  allowsVec4?: boolean;
  /** Asks for the sums of the rows of op(a) as well. */
  rowSums?: boolean;
}

let seed = 1;

/** Values in [-1, 1) that are the same in every run. */
function values(n: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: n }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return seed / 2 ** 31;
  });
}

function put(device: Device, data: Float32Array<ArrayBuffer>): Storage {
  const storage = new Storage(device, 4 * data.length);
  device.queue.upload(storage, data);
  return storage;
}

/** Steps in elements of each batch, for dimensions that may be broadcast. */
function offsets(dims: readonly number[], strides: readonly number[]): number[] {
  return dims.reduce(
    (all, size, d) => all.flatMap((o) => Array.from({ length: size }, (_, i) => o + i * strides[d])),
    [0],
  );
}

/** Runs one case on both adapters against sums in float64; the tolerance is for `k` products of values below 1. */
async function check(c: Case): Promise<void> {
  const device = await openDevice();
  const { m, n, k, transA, transB } = c;
  const dims = c.batch?.dims ?? [], shape = [...dims, m, n];
  const aAt = offsets(dims, c.batch?.aStrides ?? []), bAt = offsets(dims, c.batch?.bStrides ?? []);
  const a = values(Math.max(...aAt) + m * k), b = values(Math.max(...bAt) + n * k);
  const bias = c.bias ? values(n) : null, extra = values(aAt.length * m * n);
  const expected = new Float64Array(extra.length);
  aAt.forEach((ao, batch) => {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = bias?.[j] ?? 0;
        for (let p = 0; p < k; p++) {
          sum += a[ao + (transA ? p * m + i : i * k + p)] * b[bAt[batch] + (transB ? j * k + p : p * n + j)];
        }
        const at = (batch * m + i) * n + j;
        expected[at] = c.epilogue ? 2 * (sum + extra[at]) : sum;
      }
    }
  });
  const storages = {
    a: put(device, a),
    b: put(device, b),
    y: new Storage(device, 4 * (extra.length + MARGIN)),
  };
  const rowSums = c.rowSums ? new Storage(device, 4 * (m + MARGIN)) : null;
  const more = put(device, extra), biasStorage = bias && put(device, bias);
  const epilogue: Epilogue = c.epilogue
    ? { ...addAndDouble(more, shape), allowsVec4: c.allowsVec4 ?? true }
    : IDENTITY;
  for (const adapter of BOTH) {
    device.queue.upload(storages.y, new Float32Array(extra.length + MARGIN).fill(NaN));
    if (rowSums) device.queue.upload(rowSums, new Float32Array(m + MARGIN).fill(NaN));
    const call = {
      ...storages,
      m,
      n,
      k,
      transA,
      transB,
      mVaries: c.mVaries,
      batch: c.batch,
      bias: biasStorage,
      rowSums,
      epilogue,
    };
    const { dispatches, temporaries } = matmul(call, adapter);
    for (const dispatch of dispatches) device.queue.run(dispatch);
    const all = new Float32Array(await device.queue.read(storages.y, storages.y.bytes));
    const y = all.subarray(0, extra.length);
    assert(
      all.subarray(extra.length).every(Number.isNaN),
      `${adapter.kernels} ${JSON.stringify(c)}: stored beyond y`,
    );
    const tolerance = 4e-7 * Math.sqrt(k + 1) * (c.epilogue ? 4 : 2);
    const worst = y.findIndex((v, i) => !(Math.abs(v - expected[i]) <= tolerance));
    assertEquals(
      worst,
      -1,
      `${adapter.kernels} ${JSON.stringify(c)}: y[${worst}] = ${y[worst]}, not ${expected[worst]}`,
    );
    if (rowSums) await checkRowSums(rowSums, a, c, `${adapter.kernels} ${JSON.stringify(c)}`);
    for (const t of temporaries) t.release();
  }
  for (const s of [...Object.values(storages), more, biasStorage, rowSums]) s?.release();
}

async function checkRowSums(storage: Storage, a: Float32Array, { m, k }: Case, label: string): Promise<void> {
  const got = new Float32Array(await storage.device.queue.read(storage, storage.bytes));
  // k roundings, each of 2^-24 of a sum that wanders as far as some 2 √k, and that as a random walk again
  for (let i = 0; i < m; i++) {
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a[p * m + i];
    assert(
      Math.abs(got[i] - sum) <= 1.2e-7 * (k + 8),
      `${label}: row ${i} sums to ${got[i]}, not ${sum}`,
    );
  }
  assert(got.subarray(m).every(Number.isNaN), `${label}: stored beyond the sums of rows`);
}

function addAndDouble(more: Storage, shape: readonly number[]): Epilogue {
  const program = programOf({
    name: "add_scaled",
    args: [["x", "float32"], ["z", "float32"], ["factor", "float32"]],
    result: "float32",
    body: "(x + z) * factor",
  }, 1);
  return programEpilogue(
    program,
    shape,
    [{ storage: more, access: { strides: rowMajor(shape), offset: 0 } }],
    [2],
  );
}

Deno.test("matmul() multiplies plain matrices at sizes that no tile divides", async () => {
  await check({ m: 37, n: 29, k: 31 });
  await check({ m: 67, n: 44, k: 20, bias: true });
  await check({ m: 5, n: 52, k: 23, epilogue: true });
});

Deno.test("matmul() takes a transposed right operand, as linear does, with bias and epilogue", async () => {
  await check({ m: 37, n: 10, k: 84, transB: true, bias: true });
  await check({ m: 35, n: 24, k: 40, transB: true, bias: true, epilogue: true });
  await check({ m: 19, n: 13, k: 7, transB: true, bias: true, epilogue: true });
});

Deno.test("matmul() takes a transposed left operand, as a weight's gradient does, in chunks of k", async () => {
  await check({ m: 10, n: 84, k: 97, transA: true });
  await check({ m: 12, n: 20, k: 301, transA: true, epilogue: true });
  await check({ m: 148, n: 92, k: 33, transA: true });
  await check({ m: 37, n: 7, k: 64, transA: true, bias: true, epilogue: true });
});

Deno.test("matmul() takes both operands transposed", async () => {
  await check({ m: 12, n: 9, k: 16, transA: true, transB: true });
  await check({ m: 13, n: 8, k: 11, transA: true, transB: true, bias: true });
});

Deno.test("matmul() multiplies vectors, columns and single numbers", async () => {
  await check({ m: 1, n: 45, k: 36, transB: true });
  await check({ m: 45, n: 1, k: 36, bias: true });
  await check({ m: 1, n: 1, k: 1, epilogue: true });
  await check({ m: 21, n: 36, k: 1 });
  await check({ m: 1, n: 1, k: 5003, transB: true });
});

Deno.test("matmul() of nothing is the bias", async () => {
  for (const transA of [false, true]) await check({ m: 6, n: 5, k: 0, transA, bias: true });
});

Deno.test("matmul() cuts long sums of few outputs into chunks", async () => {
  await check({ m: 3, n: 8, k: 12288, transB: true, bias: true, epilogue: true });
  await check({ m: 3, n: 5, k: 4099 });
});

Deno.test("matmul() adds a long sum at least as exactly as one float32 after the other", async () => {
  const device = await openDevice();
  const k = 1 << 17;
  const ones = put(device, new Float32Array(k).fill(0.1)), y = new Storage(device, 4);
  let sequential = 0;
  for (let i = 0; i < k; i++) sequential = Math.fround(sequential + Math.fround(0.1) * Math.fround(0.1));
  const exact = k * Math.fround(0.1) ** 2;
  for (const adapter of BOTH) {
    for (const transA of [false, true]) {
      const { dispatches, temporaries } = matmul(
        { a: ones, b: ones, y, epilogue: IDENTITY, m: 1, n: 1, k, transA },
        adapter,
      );
      for (const dispatch of dispatches) device.queue.run(dispatch);
      const [sum] = new Float32Array(await device.queue.read(y, 4));
      assert(
        Math.abs(sum - exact) <= Math.abs(sequential - exact),
        `${adapter.kernels}: ${sum}, not ${exact}`,
      );
      for (const t of temporaries) t.release();
    }
  }
  for (const s of [ones, y]) s.release();
});

Deno.test("matmul() cuts every sum that no loop can take, however many outputs there are", async () => {
  const device = await openDevice(), of = () => new Storage(device, 4);
  const operands = { a: of(), b: of(), y: of() }; // nothing is run, so nothing is allocated
  for (const adapter of BOTH) {
    for (const transA of [false, true]) {
      const passes = [20_000, 100_000].map((k) =>
        matmul({ ...operands, epilogue: IDENTITY, m: 256, n: 4096, k, transA }, adapter).dispatches.length
      );
      assertEquals(passes, [1, 2], adapter.kernels);
    }
  }
  for (const s of Object.values(operands)) s.release();
});

Deno.test("matmul() multiplies batches, broadcast on either side", async () => {
  const m = 5, n = 8, k = 12;
  await check({ m, n, k, batch: { dims: [7], aStrides: [m * k], bStrides: [k * n] } });
  await check({ m: 37, n: 20, k: 8, batch: { dims: [3], aStrides: [37 * 8], bStrides: [20 * 8] } });
  await check({ m, n, k, transB: true, batch: { dims: [7], aStrides: [m * k], bStrides: [0] }, bias: true });
  await check({ m, n, k, batch: { dims: [7], aStrides: [0], bStrides: [k * n] }, epilogue: true });
  await check({
    m,
    n: 9,
    k,
    transA: true,
    batch: {
      dims: [2, 3, 2, 5],
      aStrides: [0, 2 * m * k, m * k, 0],
      bStrides: [15 * k * 9, 5 * k * 9, 0, k * 9],
    },
  });
  await check({
    m,
    n,
    k: 1500,
    transB: true,
    batch: { dims: [3], aStrides: [m * 1500], bStrides: [n * 1500] },
  });
});

Deno.test("matmul() reads batches whose strides are no multiples of four", async () => {
  await check({
    m: 4,
    n: 8,
    k: 4,
    batch: { dims: [3, 2], aStrides: [37, 17], bStrides: [33, 0] },
    transB: true,
  });
});

Deno.test("matmul() gives an epilogue that cannot take four values one at a time", async () => {
  await check({ m: 9, n: 12, k: 8, epilogue: true, allowsVec4: false });
  await check({ m: 8, n: 12, k: 300, transA: true, epilogue: true, allowsVec4: false });
});

Deno.test("matmul() compiles nothing new for a smaller batch", async () => {
  const device = await openDevice();
  const run = (m: number, n: number, k: number, transA: boolean, transB: boolean) => {
    const of = (size: number) => new Storage(device, 4 * size);
    const operands = { a: of(m * k), b: of(k * n), y: of(m * n) };
    for (const adapter of BOTH) {
      const { dispatches, temporaries } = matmul(
        { ...operands, epilogue: IDENTITY, m, n, k, transA, transB },
        adapter,
      );
      for (const dispatch of dispatches) device.queue.run(dispatch);
      for (const t of temporaries) t.release();
    }
    for (const s of Object.values(operands)) s.release();
  };
  const multiply = (batch: number) => {
    run(batch, 18, 22, false, true);
    run(batch, 22, 18, false, false);
    run(18, 22, batch, true, false);
  };
  multiply(256);
  const compiled = device.pipelines.compiled;
  for (const batch of [96, 17, 2]) multiply(batch);
  assertEquals(device.pipelines.compiled, compiled);
  await device.sync();
});

Deno.test("matmul() lets infinity and NaN through only where they belong", async () => {
  const device = await openDevice();
  const m = 3, n = 5, k = 6;
  const data = new Float32Array(m * k).fill(1);
  data[k] = Infinity;
  data[2 * k + 5] = NaN;
  const a = put(device, data),
    b = put(device, new Float32Array(k * n).fill(1)),
    y = new Storage(device, 4 * m * n);
  for (const adapter of BOTH) {
    const { dispatches } = matmul({ a, b, y, epilogue: IDENTITY, m, n, k }, adapter);
    for (const dispatch of dispatches) device.queue.run(dispatch);
    const result = new Float32Array(await device.queue.read(y, 4 * m * n));
    assertEquals([...result], [
      6,
      6,
      6,
      6,
      6,
      Infinity,
      Infinity,
      Infinity,
      Infinity,
      Infinity,
      NaN,
      NaN,
      NaN,
      NaN,
      NaN,
    ]);
  }
  for (const s of [a, b, y]) s.release();
});

Deno.test("matmul sums the rows of a transposed a on the way, in one pass and in chunks", async () => {
  const sizes = [[1, 1, 1], [3, 5, 7], [10, 84, 256], [84, 120, 33], [130, 70, 300], [120, 400, 64], [
    5,
    1,
    9000,
  ], [64, 2, 513]];
  for (const [m, n, k] of sizes) await check({ m, n, k, transA: true, rowSums: true });
  await check({ m: 12, n: 36, k: 200, transA: true, rowSums: true, epilogue: true });
});

Deno.test("matmul with a transposed a takes m as a number, one text for all", async () => {
  await check({ m: 52, n: 12, k: 9, transA: true, mVaries: true });
  await check({ m: 37, n: 20, k: 6, transA: true, mVaries: true, bias: true, epilogue: true });
  const batch = { dims: [3], aStrides: [40 * 7], bStrides: [16 * 7] };
  await check({ m: 40, n: 16, k: 7, transA: true, mVaries: true, batch });
  const device = await openDevice(), none = new Storage(device, 16);
  const texts = [64, 32].flatMap((m) => {
    const call = { a: none, b: none, y: none, m, n: 8, k: 5, transA: true, mVaries: true };
    return matmul({ ...call, epilogue: IDENTITY }, ADAPTERS.cpu).dispatches.map((s) => s.kernel.wgsl);
  });
  assertEquals(texts[1], texts[0]);
});

Deno.test("matmul() gives the same bits with every workgroup tile, right at the edges", async () => {
  await checkTiles(WORKGROUP_TILES, 45);
});

Deno.test("matmul() adds up the blocks of long sums in workgroup tiles, to the same bits", async () => {
  await checkTiles(WORKGROUP_TILES.filter(({ rows, own }) => rows === 32 || own[1] === 4), 1042);
});

/** Multiplies in tiles of several sizes: one result has to be right, and the others its bits. */
async function checkTiles(tiles: readonly WorkgroupTile[], k: number): Promise<void> {
  const device = await openDevice(), m = 141, n = 70, a = values(m * k), b = values(k * n);
  const storages = [put(device, a), put(device, b)], all: Float32Array[] = [];
  for (const tile of tiles) {
    const y = new Storage(device, 4 * (m * n + MARGIN));
    device.queue.upload(y, new Float32Array(m * n + MARGIN).fill(NaN));
    const sizes = { name: "test", a: storages[0], b: storages[1], y, m, n, k, batches: 1 };
    const kinds = {
      transA: false,
      transB: false,
      mVaries: true,
      bias: null,
      rowSums: null,
      epilogue: IDENTITY,
    };
    const pass: MatmulPass = { ...sizes, ...kinds, batchDims: [], aStrides: [], bStrides: [] };
    device.queue.run(workgroupPass(pass, tile, { chunks: 1, length: k }));
    const got = new Float32Array(await device.queue.read(y, y.bytes));
    assert(got.subarray(m * n).every(Number.isNaN), `${JSON.stringify(tile)}: stored beyond y`);
    all.push(got.subarray(0, m * n));
    y.release();
  }
  for (let i = 0; i < m * n; i += 7) {
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a[Math.floor(i / n) * k + p] * b[p * n + i % n];
    assert(Math.abs(all[0][i] - sum) <= 8e-7 * Math.sqrt(k + 1), `y[${i}] = ${all[0][i]}, not ${sum}`);
  }
  for (const [t, got] of all.entries()) assertEquals(got, all[0], JSON.stringify(tiles[t]));
  for (const storage of storages) storage.release();
}

Deno.test("every workgroup tile has an invocation for each block, and fits the smallest adapter", () => {
  for (const tile of WORKGROUP_TILES) {
    assert(hasInvocations(tile), JSON.stringify(tile));
    assert(
      threadsOf(tile) <= 256 && 4 * tile.depth * (tile.rows + tile.columns) <= 16384,
      JSON.stringify(tile),
    );
  }
});
