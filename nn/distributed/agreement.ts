/**
 * That all ranks have the same network: its tensors' names and shapes, and their values.
 *
 * @module
 */
import { show } from "../../ops/core/shape.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import type { TypedArray } from "../../ops/core/tensor/values.ts";
import { hashOf, hashOfText } from "./_hash.ts";
import type { ProcessGroup } from "./process_group.ts";

/** Tensors by their names. */
export type Named = readonly (readonly [name: string, tensor: Tensor])[];

/**
 * Refuses networks that differ from rank 0's in names, shapes or types.
 *
 * @returns Nothing. Rejects with an `Error` on all ranks if one differs, which names the rank and the first tensor.
 */
export async function checkStructure(group: ProcessGroup, tensors: Named): Promise<void> {
  const texts = tensors.map(([name, t]) => `${name} ${show(t.shape)} ${t.dtype}`);
  const counts = await group.allGather(new Int32Array([texts.length]));
  const most = Math.max(...counts.map(([count]) => count)), hashes = new Int32Array(most);
  hashes.set(texts.map(hashOfText));
  const all = await group.allGather(hashes);
  for (const [rank, theirs] of all.entries()) {
    const k = theirs.findIndex((hash, k) => hash !== all[0][k]);
    if (k < 0 && counts[rank][0] === counts[0][0]) continue;
    const at = k < 0 ? Math.min(counts[rank][0], counts[0][0]) : k;
    throw new Error(
      `Cannot train together as all ranks must have the same network: rank ${rank} has another tensor number ${at} ` +
        `than rank 0 (here it is ${texts[at] ?? "missing"})`,
    );
  }
}

/** Gives all ranks rank 0's values. */
export async function broadcastAll(group: ProcessGroup, tensors: Named): Promise<void> {
  if (group.worldSize === 1) return;
  for (const [name, t] of tensors) {
    group.phase = `broadcasting ${name}`;
    await group.broadcast(t);
  }
  group.phase = "";
}

/** A rank whose values are others than rank 0's, and the first tensor that differs. */
export interface Difference {
  readonly rank: number;
  readonly name: string;
}

/** Compares the values of all ranks by a hash of each tensor. */
export async function differences(group: ProcessGroup, tensors: Named): Promise<Difference[]> {
  if (group.worldSize === 1) return [];
  const values: TypedArray[] = await Promise.all(tensors.map(([, t]) => t.data()));
  const hashes = Int32Array.from(
    values,
    (v) => hashOf(new Uint8Array(v.buffer, v.byteOffset, v.byteLength)),
  );
  const all = await group.allGather(hashes);
  return all.flatMap((theirs, rank) => {
    const k = theirs.findIndex((hash, k) => hash !== all[0][k]);
    return k < 0 ? [] : [{ rank, name: tensors[k][0] }];
  });
}

/**
 * Refuses values that differ between the ranks.
 *
 * @returns Nothing. Rejects with an `Error` on all ranks, which names each rank that differs from rank 0 and its first such
 *   tensor.
 */
export async function checkValues(group: ProcessGroup, tensors: Named): Promise<void> {
  const found = await differences(group, tensors);
  if (found.length === 0) return;
  const each = found.map(({ rank, name }) => `rank ${rank}'s ${name}`);
  throw new Error(
    `Cannot go on as all ranks must have the same weights: ${each.join(", ")} ${
      each.length === 1 ? "differs" : "differ"
    } from rank 0's after step ${group.step}`,
  );
}
