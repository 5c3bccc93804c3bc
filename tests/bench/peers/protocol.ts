/**
 * How a contender is asked: it finds its job in a folder, says when it is ready, and then runs rounds.
 *
 * The folder has `job.json` and the starting point as raw little-endian values. A contender writes one line of JSON
 * for {@linkcode Ready}, then reads lines with a number of seconds and answers each with a line of JSON for
 * {@linkcode Round}. Between the rounds it is idle, so that contenders can take turns. Lines of anything else that a
 * library prints are not JSON objects and are passed over.
 *
 * @module
 */
import type { Network } from "../networks.ts";
import { idleSeconds, stepSeconds, stepsFor, type Work } from "../timing.ts";

/** What a contender has to do. */
export interface Job {
  readonly network: Network;
  readonly lr: number;
  /** What may differ between contenders of one program: a mode, a number of threads. */
  readonly variant: string;
  /** Steps before the first round, whose losses are compared. */
  readonly checkedSteps: number;
  /** What contenders import, with versions. */
  readonly packages: Readonly<Record<string, string>>;
}

/** What a contender says first. */
export interface Ready {
  /** Version of the library. */
  readonly version: string;
  /** What it runs on. */
  readonly adapter: string;
  /** Seconds until the first step was done, compiling included. */
  readonly firstStep: number;
  /** Losses of the first steps: all contenders must agree on them. */
  readonly losses: readonly number[];
}

/** What a contender says after a round. */
export interface Round {
  /** Seconds a step. */
  readonly seconds: number;
  readonly steps: number;
}

/** A network that is being trained. */
export interface Trainer extends Work {
  readonly version: string;
  readonly adapter: string;
  /** The loss of the last step. */
  loss(): Promise<number>;
}

/** Everything that a contender is given. */
export interface Given {
  readonly job: Job;
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly x: Float32Array<ArrayBuffer>;
  readonly y: Int32Array<ArrayBuffer>;
}

/** Reads the job from the folder that the command line names. */
export async function given(): Promise<Given> {
  const [folder] = Deno.args,
    bytes = async (name: string) => (await Deno.readFile(`${folder}/${name}`)).buffer;
  return {
    job: JSON.parse(await Deno.readTextFile(`${folder}/job.json`)),
    parameters: new Float32Array(await bytes("parameters.f32")),
    x: new Float32Array(await bytes("x.f32")),
    y: new Int32Array(await bytes("y.i32")),
  };
}

/** Warms a trainer up with the job's checked steps, then runs rounds until standard input ends. */
export async function serve(job: Job, trainer: Trainer): Promise<void> {
  const { version, adapter } = trainer, losses: number[] = [], idle = await idleSeconds(trainer);
  let firstStep = NaN, each = NaN;
  while (losses.length < job.checkedSteps) {
    const start = performance.now();
    trainer.step();
    await trainer.wait();
    each = Math.max(0, (performance.now() - start) / 1000 - idle);
    if (losses.length === 0) firstStep = each;
    losses.push(await trainer.loss());
  }
  say({ version, adapter, firstStep, losses } satisfies Ready);
  for await (const line of linesOf(Deno.stdin.readable)) {
    const steps = stepsFor(Number(line), each);
    each = await stepSeconds(trainer, steps);
    say({ seconds: each, steps } satisfies Round);
  }
}

function say(message: Ready | Round): void {
  console.log(JSON.stringify(message));
}

/** The lines of a stream of bytes. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (
    const text of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest) yield rest;
}
