/**
 * Joining the other ranks of the job, and the functions of the group that the process is in then.
 *
 * @module
 */
import { readEnv } from "../../ops/core/files.ts";
import { numberFrom, oneOf } from "../../ops/core/kinds.ts";
import { signature } from "../../ops/core/signature.ts";
import { launched } from "./mpi/library.ts";
import { WORD } from "./mpi/mailbox.ts";
import { Alone, MpiTransport } from "./mpi/transport.ts";
import {
  type AllReduceOptions,
  type BroadcastOptions,
  currentGroup,
  groupFor,
  type Message,
  ProcessGroup,
  setCurrentGroup,
  textOf,
} from "./process_group.ts";

/** Options of {@linkcode init}. */
export interface InitOptions {
  /** What carries data: `"mpi"`, unless given, where a launcher of MPI has started the process; `"none"` is a world of one. */
  backend?: "mpi" | "none";
  /** Seconds that an operation may wait for other ranks, 1800 unless given. */
  timeout?: number;
  /** Seconds of silence after which a rank is taken to be dead, 3 unless given. A debugger that stops a rank needs more. */
  silence?: number;
}

const takes = signature<InitOptions>("join the ranks", {}, {
  backend: oneOf("mpi", "none"),
  timeout: numberFrom(0.001),
  silence: numberFrom(1),
});

/** Milliseconds that a process waits to be ended after it said that it failed. */
const TO_THE_END = 5000;

/**
 * Joins the processes that `mpirun`, or Slurm, has started with this one. Where none has, the world is of one rank, and
 * the same code runs.
 *
 * MPI's library is found by itself: OpenMPI or MPICH, whichever launched the process; the variable `PLUNGE_MPI` names
 * another file. It takes `--allow-ffi`, and leave to read the launcher's variables (`-P=distributed` of Plunge's
 * `deno.json` has both). MPI is called by a thread of its own. From then on an error that nobody catches, a process that
 * ends too early, and a rank that is stopped or killed end the whole job, with one message that names rank and step.
 *
 * @param options What carries data, and how long others are waited for.
 * @returns The group; leave it by `await group.destroy()`. Rejects with an `Error` if the process has a
 *   group, or MPI is not there or does not know of the other processes.
 *
 * @example Usage
 * ```ts
 * import { init } from "@plunge/plunge/distributed";
 * import { assertEquals } from "@std/assert";
 *
 * const group = await init({ backend: "mpi" });
 * if (group.rank === 0) console.log(`${group.worldSize} ranks, ${group.library}`);
 * assertEquals(await group.allReduce(new Float32Array([1])), new Float32Array([group.worldSize]));
 * await group.destroy();
 * ```
 */
export async function init(options: InitOptions = {}): Promise<ProcessGroup> {
  takes(arguments);
  const { backend = "mpi", timeout = 1800, silence = 3 } = options;
  if (currentGroup()) {
    throw new Error("Cannot join the ranks as a process must be in one group: it has joined already");
  }
  const by = backend === "mpi" ? launched(readEnv) : null;
  if (!by || by.size === 1) return joined(new ProcessGroup(new Alone()));
  const transport = await MpiTransport.open({
    library: readEnv("PLUNGE_MPI"),
    kind: by.kind,
    size: by.size,
    silence: 1000 * silence,
    timeout: 1000 * timeout,
  });
  endWithJob(transport);
  return joined(new ProcessGroup(transport));
}

function joined(group: ProcessGroup): ProcessGroup {
  setCurrentGroup(group);
  return group;
}

/** Sees that a process which fails, or ends without leaving the group, ends the job. */
function endWithJob(transport: MpiTransport): void {
  const { words } = transport.mailbox;
  const end = (text: string) => {
    if (words[WORD.ended] !== 0) return;
    transport.abort(text, 1);
    Atomics.wait(words, WORD.ended, words[WORD.ended], TO_THE_END); // MPI ends the process
  };
  addEventListener("error", (event) => end(textOf(event.error)));
  addEventListener("unhandledrejection", (event) => end(textOf(event.reason)));
  addEventListener("unload", () => end("the process ended before it had left the group"));
}

/** The number of this process, from 0 up. */
export function rank(): number {
  return groupFor("tell the rank").rank;
}

/** How many processes there are. */
export function worldSize(): number {
  return groupFor("tell the world's size").worldSize;
}

/**
 * Puts the elements of all ranks together, in place; see {@linkcode ProcessGroup.allReduce}.
 *
 * @example Usage
 * ```ts
 * import { allReduce, init } from "@plunge/plunge/distributed";
 * import { openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const group = await init();
 * const x = await allReduce(tensor([1, 2]), { op: "avg" });
 * assertEquals([await x.toArray(), group.worldSize], [[1, 2], 1]);
 * await group.destroy();
 * ```
 */
export function allReduce<T extends Message>(x: T, options: AllReduceOptions = {}): Promise<T> {
  return groupFor("allReduce").allReduce(x, options);
}

/** Gives all ranks the values of one, in place; see {@linkcode ProcessGroup.broadcast}. */
export function broadcast<T extends Message>(x: T, options: BroadcastOptions = {}): Promise<T> {
  return groupFor("broadcast").broadcast(x, options);
}

/** Gives all ranks the values of all; see {@linkcode ProcessGroup.allGather}. */
export function allGather<T extends Message>(x: T): Promise<T[]> {
  return groupFor("allGather").allGather(x);
}

/** Waits until all ranks are here. */
export function barrier(): Promise<void> {
  return groupFor("wait at a barrier").barrier();
}
