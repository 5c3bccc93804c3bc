// Measures Plunge alone: the training steps of the networks, every kernel family, and the first step.
// deno task bench --help
import { type Device, openDevice } from "../../mod.ts";
import { toolOptions as options } from "../../examples/terminal/options.ts"; // the scripts' own, so that all read options alike
import { measureCeilings } from "./ceilings.ts";
import { type KernelRow, measureKernels } from "./kernels.ts";
import { type Network, NETWORKS } from "./networks.ts";
import { type Mode, stepFlops, training } from "./ours.ts";
import { figure, percent, type Table, textTable } from "./tables.ts";
import { median, spread, stepSeconds, stepsWithin, type Work } from "./timing.ts";

/** How a training step did. */
export interface StepFigures {
  readonly network: string;
  readonly mode: Mode;
  readonly batch: number;
  readonly ms: number;
  readonly examplesPerSecond: number;
  readonly gflops: number;
  /** Milliseconds of JavaScript to queue a step, without what the driver takes to accept it. */
  readonly queueMs: number;
  /** Kernels of a step. */
  readonly dispatches: number;
  /** Bytes in use beside the batch and the parameters. */
  readonly bytes: number;
  /** Largest distance of a round from the median, as a share of it. */
  readonly spread: number;
}

/** How much is measured. */
export interface Effort {
  /** Rounds, of which the median counts. */
  readonly rounds: number;
  /** Seconds that a round takes. */
  readonly seconds: number;
}

/** Measures the training step of a network; what it needs is compiled before. */
export async function measureStep(
  device: Device,
  network: Network,
  mode: Mode,
  { rounds, seconds }: Effort,
): Promise<StepFigures> {
  const before = device.memory().bytesInUse;
  const work = training(device, network, mode, 0.1), times: number[] = [];
  for (let i = 0; i < 2; i++) work.step();
  await work.wait();
  const bytes = device.memory().bytesInUse - before - work.bytes;
  const dispatches = device.queue.dispatches;
  work.step();
  const perStep = device.queue.dispatches - dispatches;
  const steps = await stepsWithin(work, seconds);
  while (times.length < rounds) times.push(await stepSeconds(work, steps));
  const queueMs = await queueing(device, work, Math.min(steps, 50));
  work.dispose();
  const each = median(times), { title, batch } = network;
  return {
    network: title,
    mode,
    batch,
    ms: 1000 * each,
    examplesPerSecond: batch / each,
    gflops: stepFlops(network) / each / 1e9,
    queueMs,
    dispatches: perStep,
    bytes,
    spread: spread(times),
  };
}

/** Milliseconds of JavaScript that a step takes; a submit is left out, as a CPU adapter computes in it. */
async function queueing(device: Device, work: Work, steps: number): Promise<number> {
  const { queue } = device.gpu, submit = queue.submit;
  let submitting = 0;
  queue.submit = (commands) => {
    const start = performance.now();
    submit.call(queue, commands);
    submitting += performance.now() - start;
  };
  try {
    const start = performance.now();
    for (let i = 0; i < steps; i++) work.step();
    return (performance.now() - start - submitting) / steps;
  } finally {
    queue.submit = submit;
    await work.wait();
  }
}

/** The parts that `--only` chooses from. */
const PARTS = ["step", "batches", "networks", "kernels", "compile"] as const;
/** Batches of the compiled LeNet step beside the usual one. */
const BATCHES = [16, 64, 256, 1024, 4096];

function stepTable(rows: readonly StepFigures[]): Table {
  return {
    head: ["network", "mode", "batch", "ms", "examples/s", "GFLOP/s", "kernels", "MB", "ms to queue", "±"],
    rows: rows.map((r) => [
      r.network,
      r.mode,
      `${r.batch}`,
      figure(r.ms),
      figure(r.examplesPerSecond),
      figure(r.gflops),
      `${r.dispatches}`,
      figure(r.bytes / 1e6),
      figure(r.queueMs),
      percent(r.spread),
    ]),
  };
}

function kernelTable(rows: readonly KernelRow[]): Table {
  return {
    head: ["family", "size", "call", "ms", "GFLOP/s", "GB/s", "of ceiling"],
    rows: rows.map((r) => [
      r.family,
      r.size,
      r.call,
      figure(r.ms),
      r.gflops === null ? "" : figure(r.gflops),
      figure(r.gbps),
      percent(r.share),
    ]),
  };
}

async function measureSteps(device: Device, list: readonly (readonly [Network, Mode])[], effort: Effort) {
  const rows: StepFigures[] = [];
  for (const [network, mode] of list) rows.push(await measureStep(device, network, mode, effort));
  console.log(`${textTable(stepTable(rows), 2)}\n`);
  return rows;
}

async function measureFamilies(device: Device, effort: Effort, families?: readonly string[]) {
  const ceilings = await measureCeilings(device, effort.rounds, effort.seconds);
  console.log(
    `ceilings: ${figure(ceilings.gflops)} GFLOP/s of multiply-adds in registers, copies at ` +
      `${figure(ceilings.memoryGbps)} GB/s from memory and ${figure(ceilings.cacheGbps)} GB/s of 1 MiB`,
  );
  const kernels = await Array.fromAsync(measureKernels(device, ceilings, { ...effort, families }));
  console.log(`${textTable(kernelTable(kernels), 3)}\n`);
  return { ceilings, kernels };
}

/** Seconds of the first step of a process. */
export interface FirstStep {
  readonly network: string;
  /** With Mesa's cache of compiled shaders empty. */
  readonly cold: number;
  /** With that cache filled. */
  readonly warm: number;
}

/** Measures the first step of a network, in processes of their own. */
async function measureFirstStep(name: string): Promise<FirstStep> {
  const cache = await Deno.makeTempDir({ prefix: "plunge_shaders_" });
  const script = new URL("first_step.ts", import.meta.url);
  const run = async () => {
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-P", script.href, name],
      env: { MESA_SHADER_CACHE_DIR: cache },
      stderr: "inherit",
    }).output();
    if (!success) throw new Error("Cannot measure the first step as its process failed");
    return Number(new TextDecoder().decode(stdout));
  };
  try {
    return { network: NETWORKS[name].title, cold: await run(), warm: await run() };
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

async function measureFirstSteps(): Promise<FirstStep[]> {
  const steps: FirstStep[] = [];
  for (const name of Object.keys(NETWORKS)) steps.push(await measureFirstStep(name));
  const head = ["first step of a process", "s with an empty shader cache", "s with a filled one"];
  const rows = steps.map(({ network, cold, warm }) => [network, figure(cold), figure(warm)]);
  console.log(`${textTable({ head, rows }, 1)}\n`);
  return steps;
}

if (import.meta.main) {
  const args = options("Measures Plunge alone.", {
    only: { help: `parts to measure, of ${PARTS.join(",")}`, default: PARTS.join(",") },
    families: { help: "kernel families to measure, such as matmul,conv2d; all unless given" },
    rounds: { help: "rounds, of which the median counts", default: 5, least: 1, integer: true },
    seconds: { help: "seconds of a round", default: 0.5, least: 0 },
    batch: { help: "images in a step of LeNet", default: 256, least: 1, integer: true },
    json: { help: "file for the figures" },
  });
  const parts = args.only.split(","), effort = { rounds: args.rounds, seconds: args.seconds };
  const unknown = parts.find((part) => !(PARTS as readonly string[]).includes(part));
  if (unknown !== undefined) {
    console.error(`error: Cannot measure ${unknown} as the parts are ${PARTS.join(", ")}`);
    Deno.exit(1);
  }
  const device = await openDevice(), figures: Record<string, unknown> = { adapter: device.name, ...effort };
  console.log(`${device.name}, ${device.kernels} kernels; median of ${args.rounds} rounds\n`);
  const lenet = (batch: number): Network => ({ ...NETWORKS.lenet, batch });
  if (parts.includes("step")) {
    const modes: Mode[] = ["eager", "compiled"];
    figures.step = await measureSteps(device, modes.map((mode) => [lenet(args.batch), mode]), effort);
  }
  if (parts.includes("batches")) {
    figures.batches = await measureSteps(device, BATCHES.map((batch) => [lenet(batch), "compiled"]), effort);
  }
  if (parts.includes("networks")) {
    const all = Object.values(NETWORKS).map((network) => [network, "compiled"] as const);
    figures.networks = await measureSteps(device, all, effort);
  }
  if (parts.includes("kernels")) {
    figures.kernels = await measureFamilies(device, effort, args.families?.split(","));
  }
  if (parts.includes("compile")) figures.firstSteps = await measureFirstSteps();
  if (args.json) await Deno.writeTextFile(args.json, JSON.stringify(figures, null, 2) + "\n");
}
