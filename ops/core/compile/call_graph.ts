/**
 * The graph of a captured step: its calls, what was merged into each, and which may change places.
 *
 * The nodes stand in an order in which they can run. A node depends on an earlier one if it reads or overwrites what
 * that one wrote, or overwrites what it read.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { ElementwiseCall } from "../../kernels/elementwise.ts";
import type { Call, PoolingCall } from "../call.ts";

/** A call, with the work of others that it does before it stores. */
export class CallNode {
  /** The call itself. */
  readonly call: Call;
  /** Elementwise work on its first output, which is input 0. */
  readonly after: ElementwiseCall | null;
  /** A pooling of what comes out of that. */
  readonly pooling: PoolingCall | null;
  /** The captured calls whose work it does. */
  readonly calls: readonly Call[];
  /** What is read from outside the node. */
  readonly reads: ReadonlySet<Storage>;
  /** What is written, but for values that only the node itself wants. */
  readonly writes: ReadonlySet<Storage>;

  /** Makes a node; `isStored` says of a value inside the node whether it is stored too, `calls` what it came from. */
  constructor(
    call: Call,
    { after = null, pooling = null, isStored = () => true, calls = [call] }: {
      after?: ElementwiseCall | null;
      pooling?: PoolingCall | null;
      isStored?: (storage: Storage) => boolean;
      calls?: readonly Call[];
    } = {},
  ) {
    this.call = call;
    this.calls = calls;
    this.after = after;
    this.pooling = pooling;
    const [first, ...others] = call.writes as [Storage, ...Storage[]];
    const results = after ? after.outputs.map((o) => o.storage) : [first];
    const value = results[0]!; // what a pooling takes in
    const kept = pooling && !isStored(value) ? results.slice(1) : results;
    const pooled = pooling ? [pooling.y, ...(pooling.indices ? [pooling.indices] : [])] : [];
    this.writes = new Set([...kept, ...others, ...pooled]);
    const extra = after ? after.inputs.slice(1).map((o) => o.storage) : [];
    this.reads = new Set([...call.reads, ...extra]);
  }

  /** The value that leaves the call and its elementwise work, before any pooling. */
  get value(): Storage {
    return this.after ? this.after.outputs[0]!.storage : this.call.writes[0]!;
  }

  /** Whether the value itself is stored where a pooling follows. */
  get storesValue(): boolean {
    return this.writes.has(this.value);
  }

  /** Whether this node must come after an earlier one. */
  dependsOn(earlier: CallNode): boolean {
    for (const s of earlier.writes) if (this.reads.has(s) || this.writes.has(s)) return true;
    for (const s of earlier.reads) if (this.writes.has(s)) return true;
    return false;
  }
}

/**
 * Puts `merged` in the place of nodes `i` and `j`, and the nodes between them before or after it as they need.
 *
 * @returns The new order, or null where a node between depends on `i` while `j` depends on it.
 */
export function replacePair(
  nodes: readonly CallNode[],
  i: number,
  j: number,
  merged: CallNode,
): CallNode[] | null {
  const before: CallNode[] = [], behind: CallNode[] = [nodes[i]!];
  for (const node of nodes.slice(i + 1, j)) {
    if (behind.some((b) => node.dependsOn(b))) {
      if (nodes[j]!.dependsOn(node)) return null;
      behind.push(node);
    } else before.push(node);
  }
  return [...nodes.slice(0, i), ...before, merged, ...behind.slice(1), ...nodes.slice(j + 1)];
}

/** Leaves out the nodes that write nothing that `isWanted` or a later node reads. */
export function withoutDead(nodes: readonly CallNode[], isWanted: (storage: Storage) => boolean): CallNode[] {
  const read = new Set<Storage>(), live: CallNode[] = [];
  for (const node of nodes.toReversed()) {
    if (![...node.writes].some((s) => isWanted(s) || read.has(s))) continue;
    live.push(node);
    for (const s of node.reads) read.add(s);
  }
  return live.reverse();
}
