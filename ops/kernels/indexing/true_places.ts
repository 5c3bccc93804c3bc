/**
 * Where a mask holds: the places of its true elements in their order.
 *
 * Each invocation finds one by bisection of the running counts of true elements.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import { dispatch } from "../wgsl/source.ts";
import { read, u32s, write } from "../wgsl/text.ts";

/** The first `n` places, -1 behind the last one. */
export interface TruePlacesCall {
  readonly name: string;
  /** How many of the elements up to each one are true: int32, `size` of them, one at least. */
  readonly counts: Storage;
  readonly size: number;
  readonly n: number;
  /** Whether the only one, where there is no other, stands in all `n`. */
  readonly repeats: boolean;
  readonly y: Storage;
}

/** Makes the dispatch. */
export function truePlaces({ name, counts, size, n, repeats, y }: TruePlacesCall, adapter: Adapter): Work {
  const body = /* wgsl */ `
  if (id < u.n) {
    let isOnly = u.repeats == 1u && counts[u.size - 1u] == 1;
    let wanted = select(i32(id) + 1, 1, isOnly);
    var at = 0u;
    var end = u.size;
    while (at < end) {
      let middle = (at + end) / 2u;
      if (counts[middle] < wanted) { at = middle + 1u; } else { end = middle; }
    }
    y[id] = select(-1, i32(at), at < u.size);
  }`;
  const found = dispatch(
    {
      name,
      bindings: [read("counts", "i32"), write("y", "i32")],
      numberDecls: u32s("n", "size", "repeats"),
      workgroupSize: adapter.workgroupSize,
      body,
    },
    [counts, y],
    [n, size, repeats ? 1 : 0],
    n,
  );
  return { dispatches: [found], temporaries: [] };
}
