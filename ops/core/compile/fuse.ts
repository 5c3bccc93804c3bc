/**
 * Fusion: fewer, larger pieces of work out of the calls of a captured step.
 *
 * Three rules, applied until none fits. Elementwise calls merge with elementwise calls that take their results. A call
 * that says so (`absorbs`) takes the elementwise call that follows it into its own kernel, before the store, and then, if
 * it says so too, a pooling by twos. A value that others want is still stored.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { ElementwiseCall } from "../../kernels/elementwise.ts";
import { type Call, elementwiseAsCall } from "../call.ts";
import { sizeOf } from "../shape.ts";
import { CallNode, replacePair } from "./call_graph.ts";
import { isRowMajor, mergeElementwise, withFirstInput } from "./merge_elementwise.ts";

/** What fusion must know of the step and the adapter. */
export interface FusionRules {
  /** Whether a value is wanted after the step, or lives outside it. */
  isWanted(storage: Storage): boolean;
  /** Storage buffers that a kernel may bind. */
  readonly mostBindings: number;
}

/** Tries to make one node of two, of which the second takes what the first gives. */
type Rule = (
  first: CallNode,
  second: CallNode,
  nodes: readonly CallNode[],
  rules: FusionRules,
) => CallNode | null;

/** Fuses what can be; the order stays one in which the nodes can run. */
export function fuse(nodes: readonly CallNode[], rules: FusionRules): CallNode[] {
  let fused = [...nodes];
  for (const rule of [mergeTwo, absorbElementwise, absorbPooling]) fused = apply(fused, rule, rules);
  return fused;
}

/** Tries a rule on every node and those that take its results, the nearest first. */
function apply(nodes: CallNode[], rule: Rule, rules: FusionRules): CallNode[] {
  for (let i = 0; i < nodes.length; i++) {
    const found = firstMerged(nodes, i, rule, rules);
    if (!found) continue;
    nodes = found.order;
    i = nodes.indexOf(found.merged) - 1; // it may take in more
  }
  return nodes;
}

/** Node `i` with the nearest that it merges with, and the order of the nodes then. */
function firstMerged(
  nodes: readonly CallNode[],
  i: number,
  rule: Rule,
  rules: FusionRules,
): { merged: CallNode; order: CallNode[] } | null {
  const first = nodes[i]!;
  for (const [j, second] of nodes.entries()) {
    if (j <= i || ![...first.writes].some((s) => second.reads.has(s))) continue;
    const merged = rule(first, second, nodes, rules);
    if (!merged || bindings(merged) > rules.mostBindings) continue;
    const order = replacePair(nodes, i, j, merged);
    if (order) return { merged, order };
  }
  return null;
}

/** Bindings of a node's kernel, from above: elementwise work may bind one storage in several ways. */
function bindings({ call, after, writes }: CallNode): number {
  const own = call.elementwise ? call.elementwise.inputs.length : new Set(call.reads).size;
  return own + (after ? after.inputs.length - 1 : 0) + writes.size + 1;
}

/** Whether a value is wanted by anybody but two nodes. */
function isNeeded(first: CallNode, second: CallNode, nodes: readonly CallNode[], rules: FusionRules) {
  return (storage: Storage): boolean =>
    rules.isWanted(storage) ||
    nodes.some((n) => n !== first && n !== second && (n.reads.has(storage) || n.writes.has(storage)));
}

/** The elementwise work that a node is, if it is nothing else. */
function elementwiseOf(node: CallNode): ElementwiseCall | null {
  return node.after || node.pooling ? null : node.call.elementwise ?? null;
}

function mergeTwo(
  first: CallNode,
  second: CallNode,
  nodes: readonly CallNode[],
  rules: FusionRules,
): CallNode | null {
  const a = elementwiseOf(first), b = elementwiseOf(second);
  if (!a || !b) return null;
  const merged = mergeElementwise(a, b, isNeeded(first, second, nodes, rules));
  return merged && new CallNode(elementwiseAsCall(merged), { calls: [...first.calls, ...second.calls] });
}

function absorbElementwise(
  first: CallNode,
  second: CallNode,
  nodes: readonly CallNode[],
  rules: FusionRules,
): CallNode | null {
  const { call, after, pooling } = first, work = elementwiseOf(second);
  if (!call.absorbs || after || pooling || !work || sizeOf(work.shape) !== sizeOf(call.absorbs.shape)) {
    return null;
  }
  const value = call.writes[0]!;
  const ordered = withFirstInput(work, value);
  if (!ordered || ordered.program.inputs[0] !== "float32") return null;
  if (!ordered.outputs.every((o) => isRowMajor(o.access, ordered.shape))) return null;
  const stored = storeFloatFirst(ordered, value, isNeeded(first, second, nodes, rules)(value));
  if (!stored || touchesTwice(call, stored)) return null;
  return new CallNode(call, { after: stored, calls: [...first.calls, ...second.calls] });
}

/** The call with a float32 output first, as the kernel's own store takes it, and the value itself among the others if needed. */
function storeFloatFirst(call: ElementwiseCall, value: Storage, keepsValue: boolean): ElementwiseCall | null {
  const { program } = call;
  const outputs = call.outputs.map((o, k) => ({ o, ref: program.outputs[k]! }));
  if (keepsValue) outputs.push({ o: { ...call.inputs[0]!, storage: value }, ref: "i0" });
  const at = outputs.findIndex(({ ref }) => typeOf(call, ref) === "float32");
  if (at < 0) return null;
  outputs.unshift(...outputs.splice(at, 1));
  return {
    ...call,
    outputs: outputs.map(({ o }) => o),
    program: { ...program, outputs: outputs.map(({ ref }) => ref) },
  };
}

function typeOf({ program }: ElementwiseCall, ref: string): string {
  const k = Number(ref.slice(1));
  return ref[0] === "i" ? program.inputs[k]! : ref[0] === "s" ? program.steps[k]!.fn.result : "int32";
}

/** One kernel must not read what it writes, as others still need it then, nor write one thing twice. */
function touchesTwice({ reads, writes }: Call, after: ElementwiseCall): boolean {
  const outputs = after.outputs.map((o) => o.storage);
  const others = [...reads, ...writes.slice(1)];
  return after.inputs.slice(1).some((o) => outputs.includes(o.storage) || writes.includes(o.storage)) ||
    outputs.some((s, k) => others.includes(s) || outputs.indexOf(s) !== k);
}

function absorbPooling(
  first: CallNode,
  second: CallNode,
  nodes: readonly CallNode[],
  rules: FusionRules,
): CallNode | null {
  const { call, after } = first, { absorbs } = call, { pooling } = second.call;
  if (!absorbs?.pooling || first.pooling || !pooling || second.after) return null;
  if (pooling.x !== first.value) return null;
  const [h, w] = absorbs.shape.slice(-2);
  if (pooling.h !== h || pooling.w !== w) return null; // it pools the values in another shape
  const isStored = isNeeded(first, second, nodes, rules);
  return new CallNode(call, { after, pooling, isStored, calls: [...first.calls, ...second.calls] });
}
