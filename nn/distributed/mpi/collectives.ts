/**
 * The collective operations, each as the requests that MPI is given one after the other and what is done between them.
 *
 * Sums are made in the order of the ranks, in float64: every rank gets a share of the elements from all others
 * (`MPI_Ialltoall`), adds it up, and all shares go to everybody (`MPI_Iallgather`). So much travels in a ring's sum as
 * well, and the bits depend on the number of ranks alone: MPI leaves the order of `MPI_Allreduce` to the library.
 *
 * @module
 */
import type { Handle, Mpi } from "./library.ts";
import { ASK, ELEMENT_BYTES, REDUCE } from "./mailbox.ts";

/** What is asked, with its data. */
export interface Request {
  readonly ask: number;
  readonly element: number;
  readonly reduce: number;
  readonly root: number;
  /** Elements of each rank; of a broadcast and a gathering bytes. */
  readonly count: number;
  /** The data of this rank. A broadcast writes there. */
  readonly input: SharedArrayBuffer;
  /** Where the result goes, which has room for what all ranks gave if it is a gathering. */
  readonly output: SharedArrayBuffer;
  /** Memory that MPI works with until the request is answered: nothing else would keep the collector from it. */
  readonly held: ArrayBufferLike[];
}

/** Who is who. */
export interface Ranks {
  readonly rank: number;
  readonly size: number;
  /** The communicator of the collective operations. */
  readonly comm: Handle;
}

/** Bytes of all ranks up to which everything is sent to everybody at once: then a message's latency is what counts. */
const FEW_BYTES = 32768;

/** Bytes that every buffer has at least, as libraries refuse one at no address. */
const LEAST_BYTES = 8;

/**
 * Starts a request, and what follows it: gives control back, with the error code of MPI's function, whenever a request is
 * on its way, and goes on when it has arrived.
 *
 * @param mpi The library.
 * @param ranks Who is who.
 * @param request What is asked.
 * @param handle Where the library puts the handle of what is on its way.
 */
export function* collective(
  { functions: f, constants: c }: Mpi,
  ranks: Ranks,
  request: Request,
  handle: Uint8Array,
): Generator<number, void> {
  const { comm } = ranks, { ask, count, root, input, output } = request, own = new Uint8Array(input);
  if (ask === ASK.allReduce) yield* orderedSum({ f, c }, ranks, request, handle);
  else if (ask === ASK.allReduceByMpi) {
    const type = [c.float32, c.float64, c.int32][request.element];
    const op = [c.sum, c.max, c.min][request.reduce];
    yield Number(f.MPI_Iallreduce(own, new Uint8Array(output), count, type, op, comm, handle));
  } else if (ask === ASK.broadcast) yield Number(f.MPI_Ibcast(own, count, c.byte, root, comm, handle));
  else if (ask === ASK.allGather) {
    const all = new Uint8Array(output);
    yield Number(f.MPI_Iallgather(own, count, c.byte, all, count, c.byte, comm, handle));
  } else yield Number(f.MPI_Ibarrier(comm, handle));
}

/** A library's two parts. */
interface Parts {
  readonly f: Mpi["functions"];
  readonly c: Mpi["constants"];
}

function* orderedSum(
  { f, c }: Parts,
  { size, comm }: Ranks,
  { element, reduce, count, input, output, held }: Request,
  handle: Uint8Array,
): Generator<number, void> {
  const width = ELEMENT_BYTES[element], bytes = count * width, own = new Uint8Array(input);
  if (bytes * size <= FEW_BYTES) {
    const all = new ArrayBuffer(Math.max(bytes * size, LEAST_BYTES));
    held.push(all);
    yield Number(f.MPI_Iallgather(own, bytes, c.byte, new Uint8Array(all), bytes, c.byte, comm, handle));
    combine(all, size, count, element, reduce, output);
    return;
  }
  // the output has room for whole shares, as the input has; what lies behind the elements is added up and not looked at
  const share = Math.ceil(count / size), part = share * width;
  const shares = new ArrayBuffer(part * size), sum = new SharedArrayBuffer(part);
  held.push(shares, sum);
  yield Number(f.MPI_Ialltoall(own, part, c.byte, new Uint8Array(shares), part, c.byte, comm, handle));
  combine(shares, size, share, element, reduce, sum);
  yield Number(
    f.MPI_Iallgather(new Uint8Array(sum), part, c.byte, new Uint8Array(output), part, c.byte, comm, handle),
  );
}

/** Bytes that a buffer of `count` elements must have, so that it can be cut into whole shares. */
export function roomFor(count: number, width: number, size: number): number {
  return Math.max(LEAST_BYTES, Math.ceil(count / size) * size * width);
}

type Numbers = Float32Array | Float64Array | Int32Array;
const ARRAYS: readonly (new (memory: ArrayBufferLike, offset?: number, length?: number) => Numbers)[] = [
  Float32Array,
  Float64Array,
  Int32Array,
];

/** Puts the elements of all ranks together, which lie one rank after the other, in the order of the ranks. */
function combine(
  all: ArrayBufferLike,
  size: number,
  count: number,
  element: number,
  reduce: number,
  output: ArrayBufferLike,
): void {
  const Typed = ARRAYS[element], values = new Typed(all), result = new Typed(output, 0, count);
  if (reduce === REDUCE.sum) {
    for (let i = 0; i < count; i++) {
      let sum = values[i];
      for (let r = 1; r < size; r++) sum += values[r * count + i];
      result[i] = sum;
    }
    return;
  }
  const choose = reduce === REDUCE.max ? Math.max : Math.min; // NaN is the largest and the smallest, as in PyTorch
  for (let i = 0; i < count; i++) {
    let best = values[i];
    for (let r = 1; r < size; r++) best = choose(best, values[r * count + i]);
    result[i] = best;
  }
}
