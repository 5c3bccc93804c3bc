/**
 * Knowing whether the other ranks live: each tells the next one in a ring, several times a second, where it is.
 *
 * So each rank watches one other, and of what goes wrong there is one witness. A rank that was killed or stopped falls
 * silent. One that waits for the others, or computes for long, does not: MPI's thread speaks for it.
 *
 * @module
 */
import type { Handle, Mpi } from "./library.ts";
import { ASKED, type Mailbox, WORD } from "./mailbox.ts";

/** Milliseconds between two beats, and between two of a rank that has come to another step. */
const EVERY = 200, EVERY_STEP = 20;
/** Milliseconds between two looks up to which a thread counts as awake. */
const AWAKE = 60;
/** What a beat says of its rank. */
export const STATE = { alive: 0, leaving: 1, failed: 2 } as const;

const BYTES = 512, TEXT = 32, TAG = 7;

/** What was heard of a rank. */
export interface Beat {
  readonly state: number;
  readonly step: number;
  /** The number of its request, and whether it waits for it. */
  readonly requested: number;
  readonly isWaiting: boolean;
  /** What the request asks, and how many elements it has. */
  readonly ask: number;
  readonly count: number;
  readonly phase: string;
}

/** The beats to the next rank, and from the one before. */
export class Heartbeat {
  /** The rank that is listened to. */
  readonly watched: number;
  /** What it said last. */
  last: Beat = { state: 0, step: 0, requested: 0, isWaiting: false, ask: 0, count: 0, phase: "starting" };
  /**
   * Milliseconds since then in which this rank was awake to hear: where a machine is so busy that this thread stands still,
   * the other's may as well.
   */
  silence: number = 0;
  #lookedAt = performance.now();
  readonly #next: number;
  readonly #mpi: Mpi;
  readonly #comm: Handle;
  readonly #mailbox: Mailbox;
  readonly #incoming: Uint8Array<ArrayBuffer> = new Uint8Array(new ArrayBuffer(BYTES));
  readonly #outgoing: Uint8Array<ArrayBuffer> = new Uint8Array(new ArrayBuffer(BYTES));
  readonly #receiving: Uint8Array = new Uint8Array(8);
  readonly #sending: Uint8Array = new Uint8Array(8);
  readonly #flag: Int32Array = new Int32Array(1);
  #isSending = false;
  #sentAt = -Infinity;
  #sentStep = -1;

  /** Begins to listen. */
  constructor(mpi: Mpi, comm: Handle, rank: number, size: number, mailbox: Mailbox) {
    this.#mpi = mpi;
    this.#comm = comm;
    this.#mailbox = mailbox;
    this.watched = (rank + size - 1) % size;
    this.#next = (rank + 1) % size;
    this.#listen();
  }

  /** Whether the rank that is listened to has said goodbye, or that it failed. */
  get isOver(): boolean {
    return this.last.state !== STATE.alive;
  }

  /** Says where this rank is, if it is time to or the state is no longer that of the living. */
  send(now: number, state: number): void {
    if (this.#isSending) this.#isSending = !this.#isDone(this.#sending);
    const every = this.#mailbox.words[WORD.step] === this.#sentStep ? EVERY : EVERY_STEP;
    if (this.#isSending || state === STATE.alive && now - this.#sentAt < every) return;
    this.#write(state);
    const { functions: f, constants: c } = this.#mpi;
    f.MPI_Isend(this.#outgoing, BYTES, c.byte, this.#next, TAG, this.#comm, this.#sending);
    this.#isSending = true;
    this.#sentAt = now;
  }

  /** Whether the last beat is on its way. */
  get isSent(): boolean {
    if (this.#isSending) this.#isSending = !this.#isDone(this.#sending);
    return !this.#isSending;
  }

  /** Hears what there is to be heard; whether there was anything. */
  hear(now: number): boolean {
    this.silence += Math.min(now - this.#lookedAt, AWAKE);
    this.#lookedAt = now;
    if (this.isOver || !this.#isDone(this.#receiving)) return false;
    this.last = this.#read();
    this.silence = 0;
    if (!this.isOver) this.#listen(); // of what is over nothing follows, and MPI wants nothing to be left open
    return true;
  }

  #listen(): void {
    const { functions: f, constants: c } = this.#mpi;
    f.MPI_Irecv(this.#incoming, BYTES, c.byte, this.watched, TAG, this.#comm, this.#receiving);
  }

  #isDone(request: Uint8Array): boolean {
    this.#mpi.functions.MPI_Test(request, this.#flag, this.#mpi.constants.ignore);
    return this.#flag[0] !== 0;
  }

  #write(state: number): void {
    const { words, phase } = this.#mailbox, numbers = new Int32Array(this.#outgoing.buffer, 0, TEXT / 4);
    const requested = words[WORD.requested], isWaiting = requested !== words[WORD.answered];
    const text = new TextEncoder().encode(phase).subarray(0, BYTES - TEXT);
    this.#sentStep = words[WORD.step];
    numbers.set([
      state,
      this.#sentStep,
      requested,
      Number(isWaiting),
      words[WORD.ask],
      words[WORD.count],
      text.length,
    ]);
    this.#outgoing.set(text, TEXT);
  }

  #read(): Beat {
    const [state, step, requested, waiting, ask, count, length] = new Int32Array(
      this.#incoming.buffer,
      0,
      TEXT / 4,
    );
    const phase = new TextDecoder().decode(this.#incoming.subarray(TEXT, TEXT + length));
    return { state, step, requested, isWaiting: waiting !== 0, ask, count, phase };
  }
}

/** Where a rank is, in words. */
export function place(step: number, phase: string): string {
  return `at step ${step}${phase === "" ? "" : `, ${phase}`}`;
}

/** Says how what this rank waits for differs from what the other does; null where both do the same, or may yet. */
export function disagreement(beat: Beat, rank: number, watched: number, { words }: Mailbox): string | null {
  if (!beat.isWaiting || beat.requested !== words[WORD.requested]) return null;
  if (words[WORD.requested] === words[WORD.answered]) return null;
  if (beat.ask === words[WORD.ask] && beat.count === words[WORD.count]) return null;
  const call = (ask: number, count: number) => `${ASKED[ask]} of ${count}`;
  return `Rank ${watched} ${place(beat.step, beat.phase)} calls ${
    call(beat.ask, beat.count)
  } where rank ${rank} ` +
    `calls ${call(words[WORD.ask], words[WORD.count])}: all ranks must call the same`;
}
