/**
 * Training on several machines, or several GPUs of one, by MPI: `mpirun -n 4 deno run -P=distributed script.ts`.
 *
 * Each process (a rank) has a GPU and a share of every batch. Under the names of PyTorch's `torch.distributed`.
 *
 * @example The same program alone, or on many ranks
 * ```ts
 * import { nn, openDevice, optim, tensor } from "@plunge/plunge";
 * import { distribute, init, worldSize } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * await init();
 * assertEquals(worldSize(), 1); // not started by mpirun
 * const net = new nn.Linear(2, 1), optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
 * await distribute(net, optimizer); // all ranks begin with the weights of the first
 * assertEquals(net.forward(tensor([[1, 2]])).shape, [1, 1]);
 * ```
 *
 * @module
 */
export { allGather, allReduce, barrier, broadcast, init, type InitOptions, rank, worldSize } from "./init.ts";
export { type AllReduceOptions, type BroadcastOptions, type Message, ProcessGroup } from "./process_group.ts";
export {
  distribute,
  DistributedDataParallel,
  type DistributedStep,
  type DistributeOptions,
  type StepOptions,
  type Updates,
} from "./distribute.ts";
export {
  DistributedSampler,
  type DistributedSamplerOptions,
  type DistributedSamplerState,
} from "./distributed_sampler.ts";
export { DiLoCo, type DiLoCoOptions, LocalSGD, type LocalSGDOptions, type Meetings } from "./local_sgd.ts";
export {
  type DistributedCheckpointParts,
  loadDistributed,
  saveDistributed,
  seedByRank,
  type Together,
} from "./checkpoints.ts";
export { evaluateTogether, rankLog, totals } from "./evaluate.ts";
export { convertSyncBatchNorm, SyncBatchNorm, type Synced, SyncedPass } from "./sync_batch_norm.ts";
export type { BatchNorm, BatchNorm2d, BatchNormLayerOptions } from "../layers/batch_norm.ts";
