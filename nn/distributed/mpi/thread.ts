/**
 * MPI's thread: a worker that alone calls MPI, so that the training's thread never waits in a library.
 *
 * It takes requests from the mailbox, has MPI carry them out without blocking, and between looks at them tells the next
 * rank that this one lives. Where a rank falls silent, or this one fails, it says so once and ends the whole job.
 *
 * @module
 */
import { collective, type Ranks, type Request } from "./collectives.ts";
import { disagreement, Heartbeat, place, STATE } from "./heartbeat.ts";
import { type Handle, type Mpi, openMpi } from "./library.ts";
import { ASK, Mailbox, WORD } from "./mailbox.ts";

/** What the thread begins with. */
export interface ThreadStart {
  readonly memory: SharedArrayBuffer;
  readonly library?: string;
  readonly kind?: "openmpi" | "mpich";
  readonly size?: number;
  /** Milliseconds of silence after which a rank is taken to be dead. */
  readonly silence: number;
  /** Milliseconds that a request may wait for others. */
  readonly timeout: number;
}

/** The buffers of the requests that follow. */
export interface ThreadBuffers {
  readonly number: number;
  readonly input: SharedArrayBuffer;
  readonly output: SharedArrayBuffer;
}

/** What the thread says when it is ready, or why it is not. */
export type ThreadReady = { rank: number; size: number; version: string; path: string } | { error: string };

/** Milliseconds that a request is looked at without a pause, then with pauses of a share of what it took so far. */
const SPIN = 0.2, SHARE = 1 / 8, LONGEST_PAUSE = 1;
/** Milliseconds between looks while nothing is asked, and between turns of the event loop. */
const IDLE = 15, TURN = 40;
/** Milliseconds of silence that say, when the job is being ended, that a rank was the first to go. */
const FIRST_TO_GO = 600;
/** Milliseconds for a last message to leave. */
const LAST_WORDS = 60;
/** `MPI_THREAD_FUNNELED`: one thread calls, the one that started. */
const FUNNELED = 1;

/** Request, and what carries it out. */
interface Running {
  readonly request: Request;
  readonly steps: Generator<number, void>;
  readonly since: number;
}

class MpiThread {
  readonly #start: ThreadStart;
  readonly #mailbox: Mailbox;
  readonly #mpi: Mpi;
  readonly #ranks: Ranks;
  readonly #world: Handle;
  readonly #heartbeat: Heartbeat;
  readonly #handle: Uint8Array = new Uint8Array(8);
  readonly #flag: Int32Array = new Int32Array(1);
  #buffers: ThreadBuffers = { number: 0, input: new SharedArrayBuffer(8), output: new SharedArrayBuffer(8) };
  #running: Running | null = null;
  #turnedAt = 0;

  constructor(start: ThreadStart) {
    this.#start = start;
    this.#mailbox = new Mailbox(start.memory);
    const mpi = this.#mpi = openMpi(start.library, start.kind), { functions: f } = mpi;
    this.#check("start", f.MPI_Init_thread(null, null, FUNNELED, new Int32Array(1)));
    const { constants: c } = mpi, number = new Int32Array(1);
    f.MPI_Comm_rank(c.world, number);
    const rank = number[0];
    f.MPI_Comm_size(c.world, number);
    const size = number[0];
    this.#world = c.world;
    if (start.size !== undefined && start.size !== size) {
      throw new Error(
        `Cannot use MPI as all processes must be in one world: ${start.size} were started, and ${mpi.version} ` +
          `(${mpi.path}) knows of ${size}; is it another MPI's than mpirun's? PLUNGE_MPI names the library`,
      );
    }
    f.MPI_Comm_set_errhandler(c.world, c.errorsReturn);
    this.#ranks = { rank, size, comm: this.#duplicate() };
    this.#heartbeat = new Heartbeat(mpi, this.#duplicate(), rank, size, this.#mailbox);
  }

  get ready(): ThreadReady {
    const { rank, size } = this.#ranks, { version, path } = this.#mpi;
    return { rank, size, version, path };
  }

  /** Another communicator of all ranks, so that what is sent there meets nothing else. */
  #duplicate(): Handle {
    const { functions: f, constants: c } = this.#mpi, out = new BigUint64Array(1);
    const words = new Int32Array(out.buffer);
    this.#check("start", f.MPI_Comm_dup(c.world, new Uint8Array(out.buffer)));
    const comm = typeof c.world === "number" ? words[0] : Deno.UnsafePointer.create(out[0]);
    f.MPI_Comm_set_errhandler(comm, c.errorsReturn);
    return comm;
  }

  /** Takes the buffers of the requests that follow. */
  take(buffers: ThreadBuffers): void {
    this.#buffers = buffers;
  }

  /** Works until it is asked to end. */
  async work(): Promise<void> {
    const { words } = this.#mailbox;
    while (words[WORD.ended] < 2) {
      const now = performance.now();
      this.#watch(now);
      if (words[WORD.abort] !== 0) this.#fail(words[WORD.abort]);
      if (this.#running) this.#advance(now);
      else if (Atomics.load(words, WORD.requested) !== words[WORD.answered]) await this.#begin(now);
      else Atomics.wait(words, WORD.requested, words[WORD.answered], IDLE);
      if (now - this.#turnedAt > TURN) await this.#turn();
    }
  }

  async #turn(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#turnedAt = performance.now();
  }

  async #begin(since: number): Promise<void> {
    const { words } = this.#mailbox;
    while (this.#buffers.number < words[WORD.buffers]) await this.#turn(); // they are on their way
    const { input, output } = this.#buffers;
    const ask = words[WORD.ask],
      request: Request = {
        ask,
        element: words[WORD.element],
        reduce: words[WORD.reduce],
        root: words[WORD.root],
        count: words[WORD.count],
        input,
        output,
        held: [],
      };
    const steps = collective(this.#mpi, this.#ranks, request, this.#handle);
    this.#running = { request, steps, since };
    this.#proceed();
  }

  /** Looks whether what is on its way has arrived. */
  #advance(now: number): void {
    const { functions: f, constants: c } = this.#mpi, { since } = this.#running!;
    const error = f.MPI_Test(this.#handle, this.#flag, c.ignore);
    if (error !== 0) return this.#answer(this.#errorText(Number(error)));
    if (this.#flag[0] !== 0) return this.#proceed();
    const took = now - since;
    if (took > this.#start.timeout) this.#late(took);
    if (took < SPIN) return;
    Atomics.wait(this.#mailbox.words, WORD.abort, 0, Math.min(LONGEST_PAUSE, took * SHARE));
  }

  #proceed(): void {
    const { done, value } = this.#running!.steps.next();
    if (!done && value !== 0) this.#answer(this.#errorText(value as number));
    else if (done) this.#answer(null);
  }

  #answer(error: string | null): void {
    const { words } = this.#mailbox, { request } = this.#running!;
    this.#running = null;
    if (request.ask === ASK.end) return this.#end();
    words[WORD.failed] = error === null ? 0 : 1;
    if (error !== null) this.#mailbox.text = error;
    Atomics.store(words, WORD.answered, words[WORD.requested]);
    Atomics.notify(words, WORD.answered);
  }

  /** Says goodbye, hears the goodbye of the rank before, and ends MPI. */
  #end(): void {
    const { words } = this.#mailbox, heartbeat = this.#heartbeat;
    while (!heartbeat.isSent) pause(1);
    heartbeat.send(performance.now(), STATE.leaving);
    for (const since = performance.now(); performance.now() - since < this.#start.silence;) {
      heartbeat.hear(performance.now());
      if (heartbeat.isOver && heartbeat.isSent) break;
      pause(1);
    }
    this.#mpi.functions.MPI_Finalize();
    words[WORD.failed] = 0;
    words[WORD.ended] = 2;
    Atomics.store(words, WORD.answered, words[WORD.requested]);
    Atomics.notify(words, WORD.answered);
  }

  /** Says that this rank lives, and looks after the rank before it. */
  #watch(now: number): void {
    const heartbeat = this.#heartbeat, { rank } = this.#ranks;
    heartbeat.send(now, STATE.alive);
    if (heartbeat.hear(now)) {
      if (heartbeat.last.state === STATE.failed) return this.#stop(1); // the failure was told of already
      const problem = disagreement(heartbeat.last, rank, heartbeat.watched, this.#mailbox);
      if (problem) this.#abort(problem, 1);
    }
    if (!heartbeat.isOver && heartbeat.silence > this.#start.silence) this.#abort(this.#silent(), 1);
  }

  #silent(): string {
    const { watched, last, silence } = this.#heartbeat, seconds = (silence / 1000).toFixed(1);
    return `Rank ${watched} died or was stopped ${
      place(last.step, last.phase)
    }: rank ${this.#ranks.rank} has ` +
      `not heard of it for ${seconds} s`;
  }

  /** Where a request waits for too long: names the rank before, if that is the one which is behind. */
  #late(took: number): void {
    const { words, phase } = this.#mailbox, { watched, last } = this.#heartbeat;
    const isBehind = last.requested < words[WORD.requested] && !last.isWaiting;
    if (!isBehind && took < 1.5 * this.#start.timeout) return; // another rank knows better
    const other = isBehind ? `; rank ${watched} is still ${place(last.step, last.phase)}` : "";
    this.#abort(
      `Rank ${this.#ranks.rank} ${place(words[WORD.step], phase)}, has waited ${
        (took / 1000).toFixed(1)
      } s for ` +
        `the others${other}`,
      1,
    );
  }

  /** Ends the job as the training's thread asks for. */
  #fail(code: number): void {
    const { words, phase, text } = this.#mailbox;
    this.#abort(`Rank ${this.#ranks.rank} failed ${place(words[WORD.step], phase)}: ${text}`, code);
  }

  /** The job is being ended from outside: says which rank was the first to go, if that is the one before. */
  terminate(): void {
    const { isOver, silence } = this.#heartbeat;
    if (!isOver && silence > FIRST_TO_GO) this.#abort(this.#silent(), 143);
    this.#stop(143);
  }

  /** Says what happened, and ends the job. */
  #abort(message: string, code: number): never {
    const { checkpoint } = this.#mailbox, [line, ...more] = message.split("\n");
    const end = `the job ends${checkpoint ? `, and its last checkpoint is ${checkpoint}` : ""}`;
    console.error([`error: ${line}; ${end}`, ...more].join("\n"));
    this.#stop(code);
  }

  /** Ends the job; the next rank hears that it has been told of. */
  #stop(code: number): never {
    const heartbeat = this.#heartbeat, until = performance.now() + LAST_WORDS;
    const send = () => {
      while (!heartbeat.isSent && performance.now() < until) pause(1);
    };
    send();
    heartbeat.send(performance.now(), STATE.failed);
    send();
    pause(LAST_WORDS); // launchers forward what was said, and forget it where the end comes first
    this.#mpi.functions.MPI_Abort(this.#world, code);
    for (;;) pause(1000);
  }

  #errorText(code: number): string {
    const text = new Uint8Array(1024), length = new Int32Array(1);
    this.#mpi.functions.MPI_Error_string(code, text, length);
    return new TextDecoder().decode(text.subarray(0, length[0])).replaceAll("\0", "");
  }

  #check(action: string, code: Handle): void {
    if (code !== 0) throw new Error(`Cannot ${action} MPI as it must succeed: error ${code}`);
  }
}

const nothing = new Int32Array(new SharedArrayBuffer(4));

function pause(milliseconds: number): void {
  Atomics.wait(nothing, 0, 0, milliseconds);
}

/** The worker's side of `self`. */
interface WorkerSelf {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: ThreadReady): void;
  close(): void;
}

const worker = self as unknown as WorkerSelf;

function begin(start: ThreadStart): void {
  try {
    const thread = new MpiThread(start);
    worker.onmessage = ({ data }) => thread.take(data as ThreadBuffers);
    Deno.addSignalListener("SIGTERM", () => thread.terminate());
    worker.postMessage(thread.ready);
    thread.work().then(() => worker.close());
  } catch (error) {
    worker.postMessage({ error: (error as Error).message });
  }
}

worker.onmessage = ({ data }) => begin(data as ThreadStart);
