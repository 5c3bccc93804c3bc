/**
 * What things cost on the adapter at hand.
 *
 * @module
 */
import { type Device, matmul, rand, runKernel, zeros } from "../../mod.ts";
import { copy, secondsOf } from "../../tests/bench/ceilings.ts";
import { median, stepSeconds, stepsWithin, type Work } from "../../tests/bench/timing.ts";
import type { Storage } from "../../ops/gpu/storage.ts";
import type { Costs } from "./report.ts";

/** How much is measured. */
interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  /** Bytes that are copied. */
  readonly copied: number;
}

const QUICK: Effort = { rounds: 1, seconds: 0.05, copied: 2 ** 24 };
const FULL: Effort = { rounds: 5, seconds: 0.25, copied: 2 ** 26 };

/** Seconds of a step, once what it needs is compiled. */
async function secondsEach(work: Work, { rounds, seconds }: Effort): Promise<number> {
  work.step();
  const steps = await stepsWithin(work, seconds), times: number[] = [];
  while (times.length < rounds) times.push(await stepSeconds(work, steps));
  return median(times);
}

/** Milliseconds until a number of the GPU is known to JavaScript. */
async function readBack(rounds: number): Promise<number> {
  using x = zeros([1]);
  const times: number[] = [];
  while (times.length < 3 + rounds) {
    const start = performance.now();
    await x.data();
    times.push(performance.now() - start);
  }
  return median(times.slice(1));
}

/** Milliseconds of compiling kernels that no cache has, each with a number of its own in it, until they have run once. */
async function compiling(rounds: number, readBackMs: number): Promise<number> {
  using x = zeros([64]);
  const times: number[] = [], [first] = crypto.getRandomValues(new Uint32Array(1));
  while (times.length < 2 + rounds) {
    const start = performance.now();
    using y = runKernel({
      name: "doctor_compile",
      inputs: { x },
      outputs: { y: [64] },
      invocations: 64,
      body: `if (id < 64u) { y[id] = expf(x[id]) + f32(${(first + times.length) >>> 0}u); }`,
    }).y;
    await y.data();
    times.push(Math.max(0, performance.now() - start - readBackMs));
  }
  return median(times);
}

/** Billions of bytes a second of the best copy: read and written. */
async function bandwidth(device: Device, { rounds, seconds, copied }: Effort): Promise<number> {
  let most = 0;
  for (const each of [1, 4]) {
    const { dispatches, work } = copy(device, copied, each);
    most = Math.max(most, work / await secondsOf(device, dispatches, rounds, seconds) / 1e9);
    for (const bound of dispatches[0].bind) (bound as Storage).release();
  }
  return most;
}

/** Billions of operations a second of a square product, a multiplication and an addition being two. */
async function products(device: Device, n: number, effort: Effort): Promise<number> {
  using a = rand([n, n]), b = rand([n, n]);
  const step = () => matmul(a, b).dispose();
  return 2 * n ** 3 / await secondsEach({ step, wait: () => device.sync() }, effort) / 1e9;
}

/** Measures all of it. */
export async function measureCosts(device: Device, isQuick: boolean): Promise<Costs> {
  const effort = isQuick ? QUICK : FULL, wait = () => device.sync();
  using x = zeros([1]);
  const dispatch = await secondsEach({ step: () => x.add(1).dispose(), wait }, effort);
  const submit = await secondsEach({ step: () => (x.add(1).dispose(), device.queue.flush()), wait }, effort);
  const readBackMs = await readBack(effort.rounds),
    matmulSize = device.isSoftware ? (isQuick ? 256 : 512) : 2048;
  return {
    readBackMs,
    submitUs: 1e6 * Math.max(0, submit - dispatch),
    dispatchUs: 1e6 * dispatch,
    compileMs: await compiling(effort.rounds, readBackMs),
    memoryGbps: await bandwidth(device, effort),
    matmulGflops: await products(device, matmulSize, effort),
    matmulSize,
  };
}
