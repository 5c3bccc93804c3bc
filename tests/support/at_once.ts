/**
 * Work that callers do at once: each job loads, trains, evaluates or reads, gives the GPU up at many places, and tells
 * numbers that must be the same bits as those of the job alone.
 *
 * @module
 */
import type * as Plunge from "../../mod.ts";

/** The library, of which there may be several copies, each with a device of its own. */
export type Library = typeof Plunge;

/** What a job tells: numbers, whose bits are compared. */
export type Result = number[];

/** A job of its own number, which makes it another one. */
export type Job = (plunge: Library, number: number) => Promise<Result>;

/** The images that the jobs work on. */
const LIMIT = 96;

async function load(plunge: Library, number: number): Promise<Result> {
  const test = await plunge.FashionMNIST.load({ split: "test" });
  const loader = new plunge.DataLoader({ ...test, length: LIMIT }, {
    batchSize: 40,
    shuffle: true,
    seed: number,
  });
  const result: Result = [];
  for (const [x, y] of loader) {
    using _step = plunge.scope();
    const sum = x.sum(), labels = y.sum();
    result.push(await sum.item(), await labels.item(), ...x.shape);
  }
  loader.dispose();
  return result;
}

function makeNet(plunge: Library, number: number): Plunge.nn.Sequential {
  plunge.manualSeed(number); // and nothing else comes between it and the weights
  return new plunge.nn.Sequential(
    new plunge.nn.Conv2d(1, 4, 5, { stride: 3 }),
    new plunge.nn.ReLU(),
    new plunge.nn.Flatten(),
    new plunge.nn.Linear(256, 10),
  );
}

async function weightsOf(net: Plunge.nn.Module): Promise<Result> {
  const values = await Promise.all(net.parameters().map((p) => p.data()));
  for (const p of net.parameters()) p.grad?.dispose();
  net.dispose();
  return values.flatMap((array) => [...array.slice(0, 20)]);
}

async function batches(plunge: Library, number: number) {
  const test = await plunge.FashionMNIST.load({ split: "test" });
  return new plunge.DataLoader({ ...test, length: LIMIT }, { batchSize: 32, shuffle: true, seed: number });
}

/** Trains as written, with a read in the middle of each step's scope. */
async function train(plunge: Library, number: number): Promise<Result> {
  const loader = await batches(plunge, number), net = makeNet(plunge, number);
  const opt = new plunge.optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  const loss = new plunge.nn.CrossEntropyLoss(), result: Result = [];
  for (const [x, y] of loader) {
    using _step = plunge.scope();
    opt.zeroGrad();
    const l = loss.forward(net.forward(x), y);
    result.push(await l.item());
    l.backward();
    opt.step();
    await Promise.resolve();
  }
  opt.dispose();
  loader.dispose();
  return [...result, ...await weightsOf(net)];
}

/** Trains a captured step, and reads the losses together at the end. */
async function trainCaptured(plunge: Library, number: number): Promise<Result> {
  const loader = await batches(plunge, number), net = makeNet(plunge, number);
  const opt = new plunge.optim.Adam(net.parameters(), { lr: 0.01 }), loss = new plunge.nn.CrossEntropyLoss();
  const step = plunge.compile((x: Plunge.Tensor, y: Plunge.Tensor) => {
    opt.zeroGrad();
    const l = loss.forward(net.forward(x), y);
    l.backward();
    opt.step();
    return l;
  });
  using _around = plunge.scope();
  const losses: Plunge.Tensor[] = [];
  for (const [x, y] of loader) {
    using inner = plunge.scope();
    losses.push(inner.keep(step(x, y)));
    if (losses.length % 2) await losses.at(-1)!.data();
  }
  const result = await Promise.all(losses.map((l) => l.item()));
  step.dispose();
  opt.dispose();
  loader.dispose();
  return [...result, ...await weightsOf(net)];
}

/** Evaluates without gradients, across reads. */
async function evaluate(plunge: Library, number: number): Promise<Result> {
  const loader = await batches(plunge, number), net = makeNet(plunge, number).eval(), result: Result = [];
  for (const [x, y] of loader) {
    using _step = plunge.scope();
    const right = plunge.noGrad(() => net.forward(x).argmax({ dim: 1 }).eq(y));
    result.push(Number(right.requiresGrad), ...await right.data());
  }
  net.dispose();
  loader.dispose();
  return result;
}

/** Writes and reads a file, with several reads under way. */
async function read(plunge: Library, number: number): Promise<Result> {
  using _all = plunge.scope();
  const x = plunge.tensor(Float32Array.from({ length: 500 }, (_, k) => Math.sin(k * number)), {
    shape: [20, 25],
  });
  const rows = Array.from({ length: 20 }, (_, r) => x.select(0, r).mul(r + number));
  const reading = rows.map((row) => row.data());
  const back = plunge.decodeSafetensors(await plunge.encodeSafetensors({ x, sum: x.sum() }));
  const values = await Promise.all([...reading, back.x.data(), back.sum.data()]);
  return values.flatMap((array) => [...array.slice(0, 9)]);
}

/** Every job by its name. */
export const JOBS: Readonly<Record<string, Job>> = { load, train, trainCaptured, evaluate, read };

/** What is done by one caller: each of these jobs in turn, of these numbers. */
export interface Task {
  readonly job: string;
  readonly number: number;
}

/** The tasks of caller number `k`: as many as told, of all jobs, each beginning with another one. */
export function tasksOf(k: number, count: number): Task[] {
  const names = Object.keys(JOBS);
  return Array.from(
    { length: count },
    (_, n) => ({ job: names[(k + n) % names.length], number: 1 + (k + n) % 3 }),
  );
}

/** Does a task, and gives the bits of its result. */
export async function bitsOfTask(plunge: Library, { job, number }: Task): Promise<string> {
  const result = await JOBS[job](plunge, number);
  return new Uint8Array(Float64Array.from(result).buffer).toBase64();
}

/** A Worker that does tasks, or trains until it is ended where there are none, with the answers that came from it. */
export class Helper {
  readonly #worker = new Worker(new URL("./at_once_worker.ts", import.meta.url), { type: "module" });
  /** The bits of its results, in order. */
  readonly answers: string[] = [];
  #wanted: { count: number; resolve(): void; reject(error: Error): void } | null = null;

  /** Starts it. */
  constructor(tasks: readonly Task[]) {
    this.#worker.onmessage = ({ data }) => {
      this.answers.push(data);
      if (this.#wanted && this.answers.length >= this.#wanted.count) this.#wanted.resolve();
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#wanted?.reject(new Error(event.message));
    };
    this.#worker.postMessage(tasks);
  }

  /** Waits for so many answers. */
  has(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wanted = { count, resolve, reject };
      if (this.answers.length >= count) resolve();
    });
  }

  /** Ends it, wherever it is. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
