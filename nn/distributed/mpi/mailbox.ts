/**
 * What the training's thread and MPI's thread share: a request and its answer, and where the training is.
 *
 * @module
 */

/** Places in the words of a {@linkcode Mailbox}. */
export const WORD = {
  /** Number of the last request. */
  requested: 0,
  /** Number of the last request that was answered. */
  answered: 1,
  /** What is asked, of {@linkcode ASK}. */
  ask: 2,
  /** The type of elements, of {@linkcode ELEMENT}. */
  element: 3,
  /** How elements are put together, of {@linkcode REDUCE}. */
  reduce: 4,
  /** The rank that a broadcast is from. */
  root: 5,
  /** Elements of each rank; of a broadcast and a gathering bytes. */
  count: 6,
  /** Which pair of buffers holds the data. */
  buffers: 7,
  /** Whether the request failed; the text says how. */
  failed: 8,
  /** The training's step. */
  step: 9,
  /** Not 0 where the job is to be ended by the text that is there. */
  abort: 10,
  /** Not 0 once MPI has ended, or a request to end it is on its way. */
  ended: 11,
} as const;

/** What can be asked of MPI's thread. */
export const ASK = {
  allReduce: 1,
  allReduceByMpi: 2,
  broadcast: 3,
  allGather: 4,
  barrier: 5,
  end: 6,
} as const;
/** What a request does, for messages. */
export const ASKED = [
  "nothing",
  "allReduce",
  "allReduce",
  "broadcast",
  "allGather",
  "barrier",
  "end",
] as const;
/** Types of elements that can be put together. */
export const ELEMENT = { float32: 0, float64: 1, int32: 2 } as const;
/** Bytes of an element. */
export const ELEMENT_BYTES = [4, 8, 4] as const;
/** Ways of putting elements together. */
export const REDUCE = { sum: 0, max: 1, min: 2 } as const;

/** A type of elements. */
export type Element = keyof typeof ELEMENT;
/** A way of putting elements together. */
export type Reduce = keyof typeof REDUCE;

const WORDS = 16;
/** Where the texts lie; each ends where the next one begins. */
const PHASE = 64, CHECKPOINT = 256, TEXT = 2048;
/** Bytes of a mailbox. */
const SIZE = 6144;

/** Memory that both threads see. */
export class Mailbox {
  /** The memory itself, for another thread. */
  readonly memory: SharedArrayBuffer;
  /** The numbers, at the places of {@linkcode WORD}. */
  readonly words: Int32Array;

  /** Opens the memory, or makes new one. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(SIZE)) {
    this.memory = memory;
    this.words = new Int32Array(memory, 0, WORDS);
  }

  /** What the training is at, such as `averaging gradients of 0.weight to 7.bias`. */
  get phase(): string {
    return this.#read(PHASE);
  }

  set phase(text: string) {
    this.#write(PHASE, CHECKPOINT, text);
  }

  /** The last checkpoint; empty where there is none. */
  get checkpoint(): string {
    return this.#read(CHECKPOINT);
  }

  set checkpoint(path: string) {
    this.#write(CHECKPOINT, TEXT, path);
  }

  /** What went wrong. */
  get text(): string {
    return this.#read(TEXT);
  }

  set text(text: string) {
    this.#write(TEXT, SIZE, text);
  }

  #read(at: number): string {
    const bytes = new Uint8Array(this.memory, at), length = bytes[0] + 256 * bytes[1];
    return new TextDecoder().decode(bytes.slice(2, 2 + length)); // a copy, as no text is decoded in shared memory
  }

  #write(at: number, end: number, text: string): void {
    const bytes = new Uint8Array(this.memory, at);
    const encoded = new TextEncoder().encode(text).slice(0, end - at - 2);
    bytes.set(encoded, 2);
    bytes[0] = encoded.length & 255;
    bytes[1] = encoded.length >> 8;
  }
}
