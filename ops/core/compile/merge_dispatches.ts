/**
 * Horizontal merging: dispatches of a captured step that do not depend on one another share one.
 *
 * Each dispatch goes to the earliest place behind all that it depends on where it fits: weight gradients beside the gradient
 * that goes on to the layer before, sums beside the work of the next layer. What is computed, and in which order sums are
 * added up, stays the same.
 *
 * @module
 */
import type { Bound, Dispatch } from "../../gpu/kernel.ts";
import { fitSideBySide, type Needs, needsOf, sideBySide } from "../../kernels/wgsl/side_by_side.ts";

/** A dispatch, and whether it may share another's. */
export interface PlannedDispatch {
  readonly dispatch: Dispatch;
  /** Kernels of the user's own stay alone: one that does not compile must not take others with it. */
  readonly isAlone: boolean;
}

/** Dispatches that share one. */
interface Group {
  readonly members: Dispatch[];
  /** Of the first; null where it stays alone. */
  readonly needs: Needs | null;
  readonly reads: Set<Bound>;
  readonly writes: Set<Bound>;
}

/** Workgroups that fill a GPU: two parts that both have more would only be in each other's way. */
const FULL = 1024;
/** Parts of a dispatch, each of which makes the text longer. */
const MOST_PARTS = 12;

/** Merges what can be; the order stays one in which the dispatches can run. */
export function mergeDispatches(planned: readonly PlannedDispatch[], mostBindings: number): Dispatch[] {
  const groups: Group[] = [];
  for (const { dispatch, isAlone } of planned) {
    const needs = isAlone ? null : needsOf(dispatch);
    const first = groups.findLastIndex((group) => isAfter(dispatch, group)) + 1;
    const isTaken = needs !== null &&
      groups.slice(first).some((group) => join(group, dispatch, needs, mostBindings));
    if (!isTaken) groups.push(groupOf(dispatch, needs));
  }
  return groups.map(({ members }) => merged(members, mostBindings));
}

/** The one dispatch of those that fit together. */
function merged(members: readonly Dispatch[], mostBindings: number): Dispatch {
  const [first, ...others] = members as [Dispatch, ...Dispatch[]];
  if (others.length === 0) return first;
  const purposes = [...new Set(members.flatMap(({ purposes = [] }) => purposes))];
  return { ...sideBySide(members, mostBindings)!, purposes };
}

function groupOf(dispatch: Dispatch, needs: Needs | null): Group {
  const group = {
    members: [dispatch],
    needs,
    reads: new Set<Bound>(),
    writes: new Set<Bound>(),
  };
  note(group, dispatch);
  return group;
}

function note({ reads, writes }: Group, { bind, kernel }: Dispatch): void {
  bind.forEach((bound, k) => (kernel.bindings[k] === "read_write" ? writes : reads).add(bound));
}

/** Whether a dispatch must come after those of a group. */
function isAfter({ bind, kernel }: Dispatch, { reads, writes }: Group): boolean {
  return bind.some((bound, k) =>
    writes.has(bound) || kernel.bindings[k] === "read_write" && reads.has(bound)
  );
}

/** Takes a dispatch into a group, if it fits. */
function join(group: Group, dispatch: Dispatch, needs: Needs, mostBindings: number): boolean {
  const { members, needs: others } = group;
  if (others === null || others.workgroupSize !== needs.workgroupSize || members.length === MOST_PARTS) {
    return false;
  }
  if ([...members, dispatch].filter(({ workgroups }) => workgroups > FULL).length > 1) return false;
  if (!fitSideBySide([...members, dispatch], mostBindings)) return false;
  members.push(dispatch);
  note(group, dispatch);
  return true;
}
