// Beyond the study: LeNet on Fashion-MNIST by several processes, each with a GPU and a share of every batch.
// mpirun -n 2 deno run -P=distributed examples/distributed_lenet.ts --mode delayed --epochs 10
import {
  Accumulator,
  compile,
  DataLoader,
  type Dataset,
  FashionMNIST,
  manualSeed,
  nn,
  optim,
} from "../mod.ts";
import { type Device, noGrad, Subset, type Tensor } from "../mod.ts";
import { DiLoCo, distribute, DistributedSampler, evaluateTogether, init } from "../nn/distributed/mod.ts";
import {
  loadDistributed,
  LocalSGD,
  type ProcessGroup,
  rankLog,
  saveDistributed,
  seedByRank,
  totals,
} from "../nn/distributed/mod.ts";
import { initWeights, tryGpu } from "./d2l.ts";
import { lenet } from "./lenet.ts";
import { STUDY_OPTIONS } from "./study/study_options.ts";
import { toolOptions } from "./terminal/options.ts";
import { runScript } from "./terminal/run_script.ts";

/** How the ranks train together. */
const MODES = ["sync", "delayed", "local", "diloco"] as const;

function readOptions() {
  const { "batch-size": batchSize, seed, limit, root } = STUDY_OPTIONS;
  return toolOptions("Trains LeNet on Fashion-MNIST on all ranks that mpirun, or Slurm, has started.", {
    epochs: { help: "passes over the training images", default: 10, least: 1, integer: true },
    lr: { help: "learning rate", default: 0.9 },
    mode: {
      help: "average gradients, of the step before, or meet now and then",
      default: "sync",
      choices: MODES,
    },
    "sync-every": {
      help: "steps between two meetings of local and diloco",
      default: 50,
      least: 1,
      integer: true,
    },
    "check-every": { help: "compare the ranks' weights every N steps", default: 0, integer: true },
    "batch-size": { ...batchSize, help: "images in a step of all ranks together" },
    seed: { ...seed, most: 2 ** 32 - 1 },
    limit,
    root,
    checkpoint: { help: "file that is saved after each epoch, and gone on from where it is there" },
    "all-ranks": { help: "all ranks speak, each line with its rank", flag: true },
  });
}

type Args = ReturnType<typeof readOptions>;

/** The network, and what makes a step and brings the ranks together. */
async function makeTraining(args: Args) {
  manualSeed(args.seed);
  const net = lenet().apply(initWeights), optimizer = new optim.SGD(net.parameters(), { lr: args.lr });
  const loss = new nn.CrossEntropyLoss(), lossOf = (x: Tensor, y: Tensor) => loss.forward(net.forward(x), y);
  const delay = args.mode === "delayed" ? 1 : 0, checkEvery = args["check-every"];
  const ddp = await distribute(net, optimizer, { delay, checkEvery }); // all ranks begin with rank 0's weights
  if (args.mode === "sync" || args.mode === "delayed") {
    return { net, optimizer, together: ddp, step: ddp.compile(lossOf), meet: () => ddp.flush() };
  }
  const outerOptimizer = new optim.SGD(net.parameters(), { lr: 0.7, momentum: 0.9, nesterov: true });
  const syncEvery = args["sync-every"], isDiLoCo = args.mode === "diloco";
  const together = isDiLoCo
    ? new DiLoCo(net, { syncEvery, outerOptimizer })
    : new LocalSGD(net, { syncEvery });
  const own = compile((x: Tensor, y: Tensor): Tensor => {
    optimizer.zeroGrad();
    const l = lossOf(x, y);
    l.backward();
    optimizer.step();
    return l.detach();
  });
  const step = async (x: Tensor, y: Tensor) => {
    const l = own(x, y);
    await together.step();
    return l;
  };
  const optimizers = isDiLoCo ? [optimizer, outerOptimizer] : optimizer;
  return { net, optimizer: optimizers, together, step, meet: () => together.sync() };
}

/** The images of a split, as many as asked for. */
async function load(split: "train" | "test", { root, limit }: Args): Promise<Dataset> {
  const data = await FashionMNIST.load({ split, root });
  const all = Array.from({ length: Math.min(limit ?? Infinity, data.length) }, (_, i) => i);
  return new Subset(data, all);
}

async function main(): Promise<void> {
  const args = readOptions(), device = await tryGpu(), group = await init();
  try {
    await train(args, group, device);
  } catch (error) {
    await group.abort(error as Error); // all ranks, with one message
  }
  await group.destroy();
}

async function train(args: Args, group: ProcessGroup, device: Device): Promise<void> {
  const { epochs, checkpoint, mode } = args;
  const log = rankLog({ allRanks: args["all-ranks"] }), n = group.worldSize;
  const images = await load("train", args), test = await load("test", args);
  const { net, optimizer, together, step, meet } = await makeTraining(args);
  const sampler = new DistributedSampler(images, { seed: args.seed, pad: false });
  const loader = new DataLoader(images, { batchSize: Math.ceil(args["batch-size"] / n), sampler });
  const share = new DistributedSampler(test, { shuffle: false, pad: false });
  const testLoader = new DataLoader(test, { batchSize: 256, sampler: share });
  seedByRank(args.seed);
  const parts = { net, optimizer, loader: sampler, together }, file = checkpoint ?? "";
  if (checkpoint && await exists(checkpoint)) {
    const { worldSize } = await loadDistributed(checkpoint, parts);
    log(`going on from ${checkpoint}, which ${worldSize} rank(s) saved`);
  }
  log(`rank ${group.rank} of ${n}, ${mode}, by ${group.library}, on ${device.name}`);
  const metric = new Accumulator(2), start = performance.now();
  for (let epoch = sampler.nextEpoch; epoch < epochs; epoch++) {
    sampler.setEpoch(epoch);
    metric.reset();
    for (const [x, y] of loader) {
      const l = await step(x, y);
      noGrad(() => metric.add(l.mul(x.shape[0]), x.shape[0]));
      l.dispose();
    }
    await meet();
    const [sum, examples] = await totals(metric),
      testAcc = await evaluateTogether(net, testLoader, { compile: true });
    const seconds = (performance.now() - start) / 1000, megabytes = group.bytesSent / 1e6;
    log(
      `epoch ${epoch + 1}/${epochs}: loss ${(sum / examples).toFixed(3)}, test acc ${testAcc.toFixed(3)}, ` +
        `${seconds.toFixed(1)} s, ${megabytes.toFixed(1)} MB sent`,
    );
    if (checkpoint) await saveDistributed(file, parts);
  }
}

async function exists(file: string): Promise<boolean> {
  return await Deno.stat(file).then(() => true, () => false);
}

if (import.meta.main) await runScript(main);
