/**
 * Checkpoints of a training on several ranks: rank 0 writes them, all go on from them.
 *
 * @module
 */
import { either, having, instanceOf, listOf, SEED, TEXT } from "../../ops/core/kinds.ts";
import { isPlainObject } from "../../ops/core/describe.ts";
import { signature } from "../../ops/core/signature.ts";
import {
  checkRngState,
  getRngState,
  manualSeed,
  type RngState,
  setRngState,
} from "../../ops/core/tensor/random.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import type { Stateful } from "../holders.ts";
import {
  type Checkpoint,
  type CheckpointParts,
  loadCheckpoint,
  saveCheckpoint,
} from "../train/checkpoints/checkpoint_file.ts";
import { DistributedDataParallel } from "./distribute.ts";
import { DiLoCo, LocalSGD } from "./local_sgd.ts";
import { groupFor, type ProcessGroup } from "./process_group.ts";

/** How the ranks train together: what {@linkcode distribute} gives, or what lets them meet now and then. */
export type Together = DistributedDataParallel | LocalSGD | DiLoCo;

/** What {@linkcode saveDistributed} saves. */
export interface DistributedCheckpointParts extends CheckpointParts {
  /** How the ranks train together. */
  together?: Together;
  /** What else is to be kept; rank 0's counts. What JSON has, and tensors in it. */
  extra?: unknown;
}

type Optimizers = CheckpointParts["optimizer"];

/** What a file has beside what the user gave. */
interface Ranks {
  /** Random numbers of each rank. */
  readonly rng: RngState[];
  /** The states of each rank's optimisers, where the ranks' differ. */
  readonly optimizers: unknown[][] | null;
  readonly extra: unknown;
}

const TOGETHER = either(
  instanceOf(DistributedDataParallel, "what distribute() gives", "ddp"),
  instanceOf(LocalSGD, "LocalSGD", "local"),
  instanceOf(DiLoCo, "DiLoCo", "diloco"),
);
const ONE = having("an optimiser", "optimizer", "stateDict", "loadStateDict");
const STATEFUL = either(ONE, listOf(ONE, "them"));
const takesFile = signature("use a checkpoint of several ranks", { file: TEXT });
const takesTogether = signature<{ together?: Together; optimizer?: Optimizers }>(
  "use a checkpoint of several ranks",
  {},
  { together: TOGETHER, optimizer: STATEFUL },
);
const takesSeed = signature("set the seed of the ranks", { seed: SEED });

/**
 * Sets the seed of the random numbers that follow, so that each rank draws others: dropout and changes of images differ
 * between the ranks, and are the same from run to run. Rank 0 draws what `manualSeed(seed)` gives.
 *
 * @param seed A whole number from 0 to 2^32 - 1, the same on all ranks.
 * @throws {RangeError} If it is not such a number.
 */
export function seedByRank(seed: number): void {
  takesSeed(arguments);
  if (seed >= 2 ** 32) {
    throw new RangeError(`Cannot set the seed of the ranks as it must be below 2^32: ${seed}`);
  }
  manualSeed(seed + 2 ** 32 * groupFor("set the seed of the ranks").rank);
}

/**
 * Saves where a training on several ranks is. All ranks call it; rank 0 writes the file, as `saveCheckpoint` does, with the
 * random numbers of all ranks.
 *
 * Gradients that are on their way are used first, and all get rank 0's running statistics: a training that goes on from
 * the file on as many ranks ends with the bits of one that saved there and went on.
 *
 * @param file The file's path.
 * @param parts What is saved; `loader` is the {@linkcode DistributedSampler}, or a `DataLoader` that has one.
 * @returns Nothing. Rejects with a `RangeError` on all ranks if their weights differ at present (`LocalSGD` and `DiLoCo`
 *   between two meetings), with an `Error` if rank 0 cannot write the file.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, optim } from "@plunge/plunge";
 * import { distribute, init, loadDistributed, saveDistributed } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const group = await init();
 * const net = new nn.Linear(2, 1), optimizer = new optim.Adam(net.parameters());
 * const together = await distribute(net, optimizer), file = await Deno.makeTempFile();
 * await saveDistributed(file, { net, optimizer, together, extra: { epoch: 3 } });
 * assertEquals((await loadDistributed(file, { net, optimizer, together })).extra, { epoch: 3 });
 * await Deno.remove(file);
 * together.dispose();
 * await group.destroy();
 * ```
 */
export async function saveDistributed(file: string, parts: DistributedCheckpointParts = {}): Promise<void> {
  takesFile([file]);
  const { together, extra = null, ...rest } = parts, group = groupFor("save a checkpoint of all ranks");
  takesTogether([{ together, optimizer: rest.optimizer }]);
  const phase = group.phase;
  group.phase = `saving ${file}`;
  await prepare(together);
  const { key, call } = getRngState();
  const rng = (await group.allGather(new Float64Array([...key, call]))).map(([a, b, call]): RngState => ({
    key: [a, b],
    call,
  }));
  const optimizers = together && !(together instanceof DistributedDataParallel) && rest.optimizer
    ? await gathered(group, listed(rest.optimizer).map((each) => each.stateDict()))
    : null;
  let problem: unknown = null;
  try {
    const ranks: Ranks = { rng, optimizers, extra };
    if (group.rank === 0) await saveCheckpoint(file, { ...rest, extra: ranks });
  } catch (error) {
    problem = error;
  }
  disposeTensors(optimizers);
  const [failed] = await group.broadcast(new Int32Array([problem === null ? 0 : 1]));
  group.phase = phase;
  if (problem !== null) throw problem;
  if (failed) throw new Error(`Cannot save a checkpoint as rank 0 must be able to write it: ${file}`);
  group.lastCheckpoint = file;
}

/**
 * Goes on from what {@linkcode saveDistributed} saved. All ranks call it, and read the file: its folder must be there for
 * all machines.
 *
 * On as many ranks as saved it the training goes on with the same bits. On another number it goes on rightly, with other
 * bits: what is left of the epoch is shared among the ranks there are (choose their batch size so that the whole batch
 * stays), each draws random numbers of its own from where rank 0's stood, and with `LocalSGD` or `DiLoCo` rank r has the
 * inner optimiser's state of rank r modulo the old number.
 *
 * @param file The file's path.
 * @param parts What goes on, as it was given to `saveDistributed`.
 * @returns What was saved as `extra`, and by how many ranks. Rejects as `loadCheckpoint` does.
 */
export async function loadDistributed(
  file: string,
  parts: Omit<DistributedCheckpointParts, "extra"> = {},
): Promise<Checkpoint & { worldSize: number }> {
  takesFile([file]);
  const { together, ...rest } = parts, { rank, worldSize } = groupFor("go on from a checkpoint of all ranks");
  takesTogether([{ together, optimizer: rest.optimizer }]);
  const found = await loadCheckpoint(file, rest), ranks: unknown = found.extra;
  if (!isPlainObject(ranks) || !Array.isArray(ranks.rng) || ranks.rng.length === 0) {
    throw new RangeError(
      `Cannot load a checkpoint as saveDistributed must have written it: "${file}" has no ranks`,
    );
  }
  const { rng, optimizers, extra } = ranks as unknown as Ranks, old = rng.length;
  rng.forEach(checkRngState);
  const own = optimizers?.[rank % old];
  if (own) listed(rest.optimizer).forEach((each, k) => each.loadStateDict(own[k]));
  disposeTensors(optimizers);
  setRngState(old === worldSize ? rng[rank] : { key: [rng[0].key[0], rank], call: mostCalls(rng) });
  if (together instanceof DiLoCo) together.restart();
  groupFor("go on").lastCheckpoint = file;
  return { ...found, extra, worldSize: old };
}

/** Optimisers as a list. */
function listed(optimizers: Optimizers): readonly Stateful[] {
  return optimizers === undefined ? [] : [optimizers].flat() as Stateful[];
}

function mostCalls(rng: readonly RngState[]): number {
  return Math.max(...rng.map(({ call }) => call));
}

/** Brings all ranks to the same weights and buffers. */
async function prepare(together: Together | undefined): Promise<void> {
  if (together instanceof DistributedDataParallel) {
    await together.flush();
    await together.syncBuffers();
  } else if (together && together.sinceSync > 0) {
    throw new RangeError(
      `Cannot save a checkpoint as all ranks must have the same weights: it is ${together.sinceSync} of ` +
        `${together.syncEvery} steps since they met (await sync() first)`,
    );
  }
}

/** The states of all ranks, which are of one structure. */
async function gathered(group: ProcessGroup, state: unknown[]): Promise<unknown[][]> {
  const tensors: Tensor[] = [], all: Tensor[][] = [];
  mapTensors(state, (t) => tensors.push(t));
  for (const t of tensors) all.push(await group.allGather(t));
  disposeTensors(state);
  return Array.from({ length: group.worldSize }, (_, r) => {
    let next = 0;
    return mapTensors(state, () => all[next++][r]) as unknown[];
  });
}

function mapTensors(value: unknown, fn: (t: Tensor) => unknown): unknown {
  if (value instanceof Tensor) return fn(value);
  if (Array.isArray(value)) return value.map((item) => mapTensors(item, fn));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTensors(item, fn)]));
}

function disposeTensors(value: unknown): void {
  mapTensors(value, (t) => t.dispose());
}
