/**
 * Training on several machines, or several GPUs of one, by MPI: `mpirun -n 4 deno run -P=distributed script.ts`.
 *
 * Each process (a rank) has a GPU and a share of every batch. Under the names of PyTorch's `torch.distributed`.
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
