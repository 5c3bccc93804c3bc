/**
 * How the ranks' data gets from one to the others: through MPI's thread, or nowhere in a world of one.
 *
 * @module
 */
import { roomFor } from "./collectives.ts";
import { ASK, ELEMENT, type Element, ELEMENT_BYTES, Mailbox, REDUCE, type Reduce, WORD } from "./mailbox.ts";
import type { ThreadReady, ThreadStart } from "./thread.ts";

/** Something to be done by all ranks together. */
export interface Task {
  readonly ask: keyof typeof ASK;
  /** The data of this rank. */
  readonly input?: Uint8Array;
  /** Where the result goes. */
  readonly output?: Uint8Array;
  readonly element?: Element;
  readonly reduce?: Reduce;
  readonly root?: number;
}

/** The ranks and what carries their data. */
export interface Transport {
  readonly rank: number;
  readonly size: number;
  /** What carries the data, such as `Open MPI v4.1.4`. */
  readonly version: string;
  /** Where the training is, for the messages of all ranks; null in a world of one. */
  readonly mailbox: Mailbox | null;
  /**
   * Does a task, after those that were given before: also where its data are still on their way, as the order of the calls
   * must be that of all ranks.
   */
  run(task: Task | Promise<Task>): Promise<void>;
  /** Ends the job with a message. */
  abort(message: string, code: number): void;
  /** Leaves the world, when all ranks do. */
  end(): Promise<void>;
}

/** A world of one rank, whose data is everybody's. */
export class Alone implements Transport {
  readonly rank = 0;
  readonly size = 1;
  readonly version = "none";
  readonly mailbox = null;

  /** What one rank has is the sum, and all there is. */
  async run(task: Task | Promise<Task>): Promise<void> {
    const { input, output } = await task;
    if (input && output && input.buffer !== output.buffer) output.set(input);
  }

  /** Leaves it to the caller's error. */
  abort(): void {}

  /** Does nothing. */
  end(): Promise<void> {
    return Promise.resolve();
  }
}

/** Bytes of a buffer at most: what is longer travels in pieces. */
const MOST_BYTES = 2 ** 26;

/** The ranks of an MPI job. */
export class MpiTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  readonly version: string;
  readonly mailbox: Mailbox;
  readonly #worker: Worker;
  #buffers: { input: SharedArrayBuffer; output: SharedArrayBuffer };
  /** The last task, behind which the next one is done. */
  #last: Promise<void> = Promise.resolve();

  private constructor(
    worker: Worker,
    mailbox: Mailbox,
    ready: { rank: number; size: number; version: string },
  ) {
    this.#worker = worker;
    this.mailbox = mailbox;
    ({ rank: this.rank, size: this.size, version: this.version } = ready);
    this.#buffers = { input: new SharedArrayBuffer(0), output: new SharedArrayBuffer(0) };
  }

  /** Starts MPI's thread; rejects where the library is not there or refuses. */
  static async open(start: Omit<ThreadStart, "memory">): Promise<MpiTransport> {
    const mailbox = new Mailbox();
    const worker = new Worker(new URL("./thread.ts", import.meta.url), { type: "module" });
    const ready = await new Promise<ThreadReady>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => (event.preventDefault(), reject(new Error(event.message)));
      worker.postMessage({ ...start, memory: mailbox.memory });
    });
    if (!("error" in ready)) return new MpiTransport(worker, mailbox, ready);
    worker.terminate();
    throw new Error(ready.error);
  }

  run(task: Task | Promise<Task>): Promise<void> {
    const done = this.#last.then(async () => await this.#inPieces(await task));
    this.#last = done.catch(() => {});
    return done;
  }

  /** Gives MPI a task in pieces that its buffers hold. */
  async #inPieces(task: Task): Promise<void> {
    const { input = new Uint8Array(0), output, ask } = task, gathers = ask === "allGather";
    const most = Math.floor(MOST_BYTES / (gathers ? this.size : 1) / 8) * 8;
    for (let start = 0; start < input.length || start === 0; start += most) {
      const piece = input.subarray(start, start + most);
      await this.#piece(task, piece);
      if (!output) continue;
      const { output: all, input: own } = this.#buffers;
      if (!gathers) {
        output.set(new Uint8Array(ask === "broadcast" ? own : all, 0, piece.length), start);
      } else {
        for (let r = 0; r < this.size; r++) {
          output.set(new Uint8Array(all, r * piece.length, piece.length), r * input.length + start);
        }
      }
    }
  }

  async #piece(
    { ask, element = "float32", reduce = "sum", root = 0 }: Task,
    piece: Uint8Array,
  ): Promise<void> {
    const { words } = this.mailbox, width = ELEMENT_BYTES[ELEMENT[element]];
    const reduces = ask === "allReduce" || ask === "allReduceByMpi";
    const count = reduces ? piece.length / width : piece.length;
    const room = reduces ? roomFor(count, width, this.size) : roomFor(piece.length, 1, this.size);
    this.#makeRoom(room, ask === "allGather" ? piece.length * this.size : room);
    new Uint8Array(this.#buffers.input).set(piece);
    words[WORD.ask] = ASK[ask];
    words[WORD.element] = ELEMENT[element];
    words[WORD.reduce] = REDUCE[reduce];
    words[WORD.root] = root;
    words[WORD.count] = count;
    await this.#request();
    if (words[WORD.failed] !== 0) {
      throw new Error(`Cannot ${ask} as MPI must succeed on all ranks: ${this.mailbox.text}`);
    }
  }

  /** Sees that the buffers are large enough. */
  #makeRoom(input: number, output: number): void {
    const { input: own, output: all } = this.#buffers;
    if (own.byteLength >= input && all.byteLength >= output) return;
    const larger = (old: SharedArrayBuffer, bytes: number) =>
      old.byteLength >= bytes ? old : new SharedArrayBuffer(Math.max(bytes, 64));
    this.#buffers = { input: larger(own, input), output: larger(all, output) };
    const number = ++this.mailbox.words[WORD.buffers];
    this.#worker.postMessage({ number, ...this.#buffers });
  }

  /** Asks, and waits for the answer while everything else goes on. */
  async #request(): Promise<void> {
    const { words } = this.mailbox, answered = words[WORD.answered];
    Atomics.add(words, WORD.requested, 1);
    Atomics.notify(words, WORD.requested);
    const { async, value } = Atomics.waitAsync(words, WORD.answered, answered);
    if (async) await value;
  }

  abort(message: string, code: number): void {
    const { words } = this.mailbox;
    if (words[WORD.ended] !== 0) return;
    this.mailbox.text = message;
    Atomics.store(words, WORD.abort, code);
    Atomics.notify(words, WORD.abort);
    Atomics.notify(words, WORD.requested);
  }

  async end(): Promise<void> {
    const { words } = this.mailbox;
    await this.#last;
    if (words[WORD.ended] !== 0) return;
    words[WORD.ended] = 1;
    words[WORD.ask] = ASK.end;
    await this.#request();
  }
}
