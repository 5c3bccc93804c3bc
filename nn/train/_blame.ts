/**
 * Which observation of a step is to blame: the first that was not finite on the way to the loss or a gradient.
 *
 * What is infinite and comes to nothing, such as the -Infinity of a mask before a softmax, leads nowhere and is not blamed:
 * the way is followed back from the loss, from the gradients in leaves, and from the parameters after the step.
 *
 * @module
 */
import type { Storage } from "../../ops/gpu/storage.ts";
import { storageOf } from "../../ops/core/tensor/internals.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { layerName } from "../module_forward.ts";
import { Anomaly, type AnomalyFacts, type AnomalyKind, type AnomalyRow } from "./anomaly.ts";
import { ACCUMULATION, type Observation, type StepObservations } from "./_step_observations.ts";

/** Finds what is to blame, if anything. */
export function blame(
  step: StepObservations,
  numbered: Pick<AnomalyFacts, "step" | "epoch">,
): Anomaly | null {
  const start = startOf(step);
  if (!start) return null;
  const way = wayBack(start), nan = way.toReversed().find(({ value }) => isNaN(value));
  const first = nan && isMask(way.at(-1)!) ? nan : way.at(-1)!;
  const kind = kindOf(first), operation = first.operation;
  const isParameter = kind === "parameter" || kind === "update" || operation === ACCUMULATION;
  return new Anomaly({
    kind,
    layer: isParameter ? nameOf(first, step) : layerName(first.place),
    operation,
    value: first.value,
    shape: first.tensor.shape,
    becameNaN: nan && nan !== first ? { operation: nan.operation, layer: layerName(nan.place) } : undefined,
    before: rowsUpTo(first, step),
    ...numbered,
  });
}

/** Where the way back begins: at the loss, a leaf's gradient, a parameter; without a pass back at what nobody used. */
function startOf({ all, roots }: StepObservations): Observation | undefined {
  const isBad = ({ value }: Observation) => !Number.isFinite(value);
  const used = new Set(all.flatMap(({ from }) => from));
  return roots.find(isBad) ?? all.find((o) => o.kind === "gradient" && o.isLeaf && isBad(o)) ??
    all.find((o) => o.kind === "updated" && isBad(o) && !o.from.some(isBad)) ??
    (roots.length > 0 ? undefined : all.find((o) => o.kind === "output" && !used.has(o) && isBad(o)));
}

/** From an observation back to the first that was not finite. What is NaN is followed before what is infinite. */
function wayBack(start: Observation): Observation[] {
  const way = [start];
  for (let at: Observation | undefined = start; at;) {
    const bad: Observation[] = at.from.filter(({ value }) => !Number.isFinite(value));
    at = bad.sort((a, b) => severity(b.value) - severity(a.value))[0];
    if (at) way.push(at);
  }
  return way;
}

/** Whether it is -Infinity from outside, which is there on purpose: to blame is what cannot deal with it. */
function isMask({ kind, isLeaf, value }: Observation): boolean {
  return kind === "given" && !isLeaf && value === -Infinity;
}

function severity(value: number): number {
  return Number.isNaN(value) ? 2 : value > 0 ? 1 : 0;
}

function kindOf({ kind, isLeaf }: Observation): AnomalyKind {
  if (kind === "given") return isLeaf ? "parameter" : "input";
  return kind === "updated" ? "update" : kind;
}

/** The path of a parameter, a buffer, or the parameter of a gradient, below the modules that were seen. */
function nameOf({ tensor: { storage } }: Observation, { all }: StepObservations): string {
  for (const root of new Set(all.map(({ place }) => place[0]))) {
    const named = root ? Object.entries(root.stateDict()) : [];
    const found = named.find(([, t]) => !t.disposed && (storageOf(t) === storage || gradOf(t) === storage));
    if (found) return found[0];
  }
  return "a tensor that learns";
}

function gradOf({ grad }: Tensor): Storage | null {
  return grad && !grad.disposed ? storageOf(grad) : null;
}

/** The largest values of each layer up to an observation, which comes last. */
function rowsUpTo(first: Observation, step: StepObservations): AnomalyRow[] {
  const rows = new Map<string, AnomalyRow>(), { all } = step;
  const seen = all.slice(0, all.indexOf(first) + 1);
  for (const observation of seen) {
    const kind = kindOf(observation);
    if (kind === "update" || kind === "unknown") continue;
    const layer = kind === "parameter"
      ? nameOf(observation, step)
      : layerName(observation.place) || observation.operation;
    const row: AnomalyRow = { layer, what: kind, largest: observation.value };
    const key = `${kind} ${layer}`, before = rows.get(key);
    if (!before || !(before.largest >= row.largest)) rows.set(key, row);
  }
  return [...rows.values()];
}
