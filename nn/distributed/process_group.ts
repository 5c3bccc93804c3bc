/**
 * The processes that train together, and what they send one another.
 *
 * @module
 */
import "../../ops/methods.ts";
import { currentRecorder } from "../../ops/core/recorder.ts";
import { either, instanceOf, type Kind, oneOf, TEXT, whole } from "../../ops/core/kinds.ts";
import { signature } from "../../ops/core/signature.ts";
import { TENSOR } from "../../ops/core/tensor/kinds.ts";
import { tensor } from "../../ops/core/tensor/create.ts";
import { copyInto } from "../../ops/core/tensor/in_place.ts";
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { TYPED_ARRAY, type TypedArray } from "../../ops/core/tensor/values.ts";
import { describe } from "../../ops/core/describe.ts";
import type { Element, Reduce } from "./mpi/mailbox.ts";
import { WORD } from "./mpi/mailbox.ts";
import type { Task, Transport } from "./mpi/transport.ts";

/** What ranks send: tensors, which the GPU is waited for, or typed arrays. */
export type Message = Tensor | TypedArray;

/** Options of {@linkcode ProcessGroup.allReduce}. */
export interface AllReduceOptions {
  /** What becomes of the ranks' elements: their sum, unless given, their mean, or the largest or smallest. */
  op?: "sum" | "avg" | "max" | "min";
  /**
   * Whose order sums are made in: `"ranks"`, unless given, adds in the order of the ranks, in float64, so that the same
   * ranks give the same bits on every machine; `"mpi"` leaves it to `MPI_Allreduce`, which has fewer messages.
   */
  order?: "ranks" | "mpi" | undefined;
}

/** Options of {@linkcode ProcessGroup.broadcast}. */
export interface BroadcastOptions {
  /** The rank whose values all get, 0 unless given. */
  src?: number | undefined;
}

const MESSAGE: Kind = either(TENSOR, TYPED_ARRAY);
const takesReduce = signature<AllReduceOptions>("allReduce", { x: MESSAGE }, {
  op: oneOf("sum", "avg", "max", "min"),
  order: oneOf("ranks", "mpi"),
});
const takesBroadcast = signature<BroadcastOptions>("broadcast", { x: MESSAGE }, { src: whole(0) });
const takesGather = signature("allGather", { x: MESSAGE });
const takesAbort = signature("abort", { error: either(TEXT, instanceOf(Error, "an Error", "error")) });
const takesStep = signature("set the step", { step: whole(0, 2 ** 31 - 1) });
const takesPhase = signature("set the phase", { phase: TEXT });

/** The typed arrays that are put together, and their names. */
const ELEMENTS: readonly [new (n: number) => TypedArray, Element][] = [
  [Float32Array, "float32"],
  [Float64Array, "float64"],
  [Int32Array, "int32"],
];

/**
 * The processes of a job. Each has a rank, from 0 up; all call the same functions in the same order.
 *
 * What is called waits for the others without blocking: other work of the event loop goes on. {@linkcode init} makes the
 * group, and `destroy` leaves it at the end of the program. What is thrown on the way there should reach nobody, or
 * {@linkcode ProcessGroup.abort}: a rank that leaves while others go on would leave them waiting.
 */
export class ProcessGroup {
  /** What carries data: `"mpi"`, or `"none"` in a world of one. */
  readonly backend: "mpi" | "none";
  /** The number of this process, from 0 up. */
  readonly rank: number;
  /** How many processes there are. */
  readonly worldSize: number;
  /** The library and its version, such as `Open MPI v4.1.4`; `none` in a world of one. */
  readonly library: string;
  /** Bytes that this rank has sent, as the collective operations' algorithms need at least. */
  bytesSent: number = 0;
  readonly #transport: Transport;

  /**
   * Takes what carries the data; {@linkcode init} does.
   *
   * @internal
   */
  constructor(transport: Transport) {
    this.#transport = transport;
    this.rank = transport.rank;
    this.worldSize = transport.size;
    this.library = transport.version;
    this.backend = transport.mailbox ? "mpi" : "none";
  }

  /** The training's step, for the message of a rank that fails. */
  get step(): number {
    return this.#transport.mailbox?.words[WORD.step] ?? 0;
  }

  set step(step: number) {
    takesStep([step]);
    const { mailbox } = this.#transport;
    if (mailbox) mailbox.words[WORD.step] = step;
  }

  /** What the training is doing, such as `saving`, for the message of a rank that fails. */
  get phase(): string {
    return this.#transport.mailbox?.phase ?? "";
  }

  set phase(phase: string) {
    takesPhase([phase]);
    const { mailbox } = this.#transport;
    if (mailbox && mailbox.phase !== phase) mailbox.phase = phase;
  }

  /** The last checkpoint, for the message of a rank that fails; empty where there is none. */
  get lastCheckpoint(): string {
    return this.#transport.mailbox?.checkpoint ?? "";
  }

  set lastCheckpoint(path: string) {
    takesPhase([path]);
    const { mailbox } = this.#transport;
    if (mailbox) mailbox.checkpoint = path;
  }

  /**
   * Puts the elements of all ranks together, in place.
   *
   * @param x A float32 or int32 tensor, or a `Float32Array`, `Float64Array` or `Int32Array`; of one size on all ranks.
   * @param options What becomes of them, and in which order.
   * @returns `x`. Rejects with a `TypeError` if its elements cannot be put together so, with an `Error` if MPI fails.
   *
   * @example Usage
   * ```ts
   * import { init } from "@plunge/plunge/distributed";
   * import { assertEquals } from "@std/assert";
   *
   * const group = await init();
   * const sums = await group.allReduce(new Float32Array([1, 2]));
   * assertEquals(sums, new Float32Array([1, 2].map((x) => x * group.worldSize)));
   * await group.destroy();
   * ```
   */
  async allReduce<T extends Message>(x: T, options: AllReduceOptions = {}): Promise<T> {
    takesReduce(arguments);
    const { op = "sum" } = options;
    const element = elementOf(x);
    if (!element || element === "int32" && op === "avg") {
      throw new TypeError(
        `Cannot allReduce as x must be of float32, float64 or, but for its mean, of int32: ${
          x instanceof Tensor ? `a ${x.dtype} tensor` : describe(x)
        }${op === "avg" ? " for the mean" : ""}`,
      );
    }
    return written(x, await this.reduceWhen(valuesOf("allReduce", x), element, options));
  }

  /**
   * Puts elements together that are still on their way: what is called meanwhile comes after them on all ranks.
   *
   * @internal
   */
  async reduceWhen<V extends TypedArray>(
    coming: V | Promise<V>,
    element: Element,
    { op = "sum", order = "ranks" }: AllReduceOptions,
  ): Promise<V> {
    const ask = order === "mpi" ? "allReduceByMpi" : "allReduce", reduce: Reduce = op === "avg" ? "sum" : op;
    await this.#run(coming, (bytes) => ({ ask, input: bytes, output: bytes, element, reduce }));
    const values = await coming;
    this.bytesSent += 2 * values.byteLength * (this.worldSize - 1) / this.worldSize;
    if (op === "avg" && this.worldSize > 1) {
      const numbers = values as Float32Array;
      for (let i = 0; i < numbers.length; i++) numbers[i]! /= this.worldSize;
    }
    return values;
  }

  /**
   * Gives all ranks the values of one, in place.
   *
   * @param x A tensor or a typed array; of one size on all ranks.
   * @param options Whose values.
   * @returns `x`. Rejects with a `RangeError` if there is no such rank, with an `Error` if MPI fails.
   *
   * @example Usage
   * ```ts
   * import { init } from "@plunge/plunge/distributed";
   * import { assertEquals } from "@std/assert";
   *
   * const group = await init();
   * assertEquals(await group.broadcast(new Int32Array([3 + group.rank])), new Int32Array([3]));
   * await group.destroy();
   * ```
   */
  async broadcast<T extends Message>(x: T, options: BroadcastOptions = {}): Promise<T> {
    takesBroadcast(arguments);
    const { src = 0 } = options;
    if (src >= this.worldSize) {
      throw new RangeError(
        `Cannot broadcast as src must be a rank, from 0 to ${this.worldSize - 1}: ${src}`,
      );
    }
    if (this.worldSize === 1) return x;
    const coming = valuesOf("broadcast", x);
    await this.#run(coming, (bytes) => ({ ask: "broadcast", input: bytes, output: bytes, root: src }));
    const values = await coming;
    this.bytesSent += values.byteLength;
    return written(x, values);
  }

  /**
   * Gives all ranks the values of all.
   *
   * @param x A tensor or a typed array; of one size on all ranks.
   * @returns The values of each rank, in the order of the ranks: new tensors, or new typed arrays. Rejects with an `Error`
   *   if MPI fails.
   *
   * @example Usage
   * ```ts
   * import { init } from "@plunge/plunge/distributed";
   * import { assertEquals } from "@std/assert";
   *
   * const group = await init();
   * const ranks = await group.allGather(new Int32Array([group.rank]));
   * assertEquals(ranks.map(([rank]) => rank), Array.from({ length: group.worldSize }, (_, r) => r));
   * await group.destroy();
   * ```
   */
  async allGather<T extends Message>(x: T): Promise<T[]> {
    takesGather(arguments);
    const coming = valuesOf("allGather", x);
    let all = new Uint8Array(0);
    await this.#run(coming, (input) => {
      all = new Uint8Array(input.length * this.worldSize);
      return { ask: "allGather", input, output: all };
    });
    const values = await coming, n = values.byteLength;
    this.bytesSent += n * (this.worldSize - 1);
    return Array.from({ length: this.worldSize }, (_, r) => {
      const part = all.slice(n * r, n * (r + 1)).buffer;
      const typed = new (values.constructor as new (buffer: ArrayBuffer) => TypedArray)(part);
      return (x instanceof Tensor ? tensor(typed, { shape: x.shape, dtype: x.dtype }) : typed) as T;
    });
  }

  /** Waits until all ranks are here. */
  async barrier(): Promise<void> {
    await this.#transport.run({ ask: "barrier" });
  }

  /**
   * Ends the job on all ranks, with one message that names this rank, the step and what it was doing. In a world of one
   * the error is thrown.
   *
   * What is thrown and nobody catches does so by itself.
   *
   * @param error What went wrong.
   * @returns Never, but in a world of one, where it rejects with the error.
   */
  async abort(error: Error | string): Promise<never> {
    takesAbort(arguments);
    if (this.backend === "none") throw typeof error === "string" ? new Error(error) : error;
    this.#transport.abort(textOf(error), 1);
    await new Promise(() => {}); // MPI ends the process
    throw error;
  }

  /** Leaves the group, once all ranks do. A process that ends without leaving ends the job as one that fails. */
  async destroy(): Promise<void> {
    await this.#transport.end();
    if (current === this) current = null;
  }

  /** Does what is to be done with values, in the order of the calls, whenever the values come. */
  async #run(coming: TypedArray | Promise<TypedArray>, task: (bytes: Uint8Array) => Task): Promise<void> {
    if (!(coming instanceof Promise)) return await this.#transport.run(task(bytesOf(coming)));
    await this.#transport.run(coming.then((values) => task(bytesOf(values))));
  }
}

/** The group of this process. */
let current: ProcessGroup | null = null;

/** Makes a group that of the process; null leaves none. */
export function setCurrentGroup(group: ProcessGroup | null): void {
  current = group;
}

/** The group of this process, or null where there is none yet. */
export function currentGroup(): ProcessGroup | null {
  return current;
}

/** The group of this process. */
export function groupFor(action: string): ProcessGroup {
  if (current) return current;
  throw new Error(`Cannot ${action} as the process must have joined its group: await init() first`);
}

/** An error in words: its message, and below it where it was thrown. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const where = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 8).join("\n");
  return `${error.name}: ${error.message}${where ? `\n${where}` : ""}`;
}

/** The type of elements that can be put together; undefined where they cannot. */
function elementOf(x: Message): Element | undefined {
  if (x instanceof Tensor) return x.dtype === "bool" ? undefined : x.dtype;
  return ELEMENTS.find(([type]) => x instanceof type)?.[1];
}

function valuesOf(action: string, x: Message): TypedArray | Promise<TypedArray> {
  if (currentRecorder()) {
    throw new Error(
      `Cannot ${action} inside compile(fn) as other ranks are waited for: cut the step there, as distribute() does`,
    );
  }
  return x instanceof Tensor ? x.data() : x;
}

function bytesOf(values: TypedArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Puts values into the tensor that they are for. */
function written<T extends Message>(x: T, values: TypedArray): T {
  if (!(x instanceof Tensor)) return x;
  const fresh = tensor(values, { shape: x.shape, dtype: x.dtype });
  noGrad(() => copyInto(x, fresh));
  fresh.dispose();
  return x;
}
