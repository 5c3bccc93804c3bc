/**
 * The pass back through the graph: `backward` adds gradients to leaves, `gradientsAt` returns them.
 *
 * Operations are visited in the reverse order of their recording, each once, when all of its result's gradient has
 * arrived. What is made on the way is freed on the way.
 *
 * @module
 */
import { inBackward, isNoted } from "../place.ts";
import { Scope } from "../scope.ts";
import { sameShape, show } from "../shape.ts";
import { sumOfTwo } from "../tensor/compute.ts";
import { addGrad, aliasOf, filledLike, hooksOf, nodeOf, originOf } from "../tensor/internals.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type GradientHook, type Node, noGrad } from "./autograd.ts";
import type { Hooks } from "./hooks.ts";
import { currentObserver } from "./observer.ts";

/** Options of `backward`. */
export interface BackwardOptions {
  /** Keep what was saved, so that `backward` can run again through the same graph. */
  retainGraph?: boolean;
}

/** Where gradients arrive: at the result of an operation, or at a leaf. */
type Destination = Node | Tensor;

/** What a pass is for. */
interface Aim {
  /** Whether the gradient at a place is needed, there or further on. */
  wants(at: Destination): boolean;
  /** Whether the pass goes on through an operation. */
  enters(node: Node): boolean;
  /** Sees the whole gradient of a result, or some of a leaf's, before it is used and freed. */
  arrived(at: Destination, gradient: Tensor): void;
}

const EVERY_LEAF: Aim = {
  wants: () => true,
  enters: () => true,
  arrived: (at, g) => at instanceof Tensor && addGrad(at, g),
};

/**
 * Adds the gradient of `root` in every leaf to the leaf's `grad`.
 *
 * @param root The tensor to start from.
 * @param gradient Gradient of the loss in `root`; 1 if it is absent, for which `root` must have one element.
 */
export function backward(root: Tensor, gradient: Tensor | null, options: BackwardOptions = {}): void {
  checkStart("run backward", root, gradient);
  noGrad(() => {
    using inner = new Scope();
    const order = reachable(nodeOf(root));
    const start = inBackward(
      nodeOf(root)?.place ?? null,
      () => gradient ? aliasOf(gradient) : filledLike(root, 1),
    );
    pass(root, start, order, EVERY_LEAF, options.retainGraph ?? false, inner);
  });
}

/**
 * The gradients in `wanted` that `start` at `output` makes; null where none arrives. With `stop` they are those of the
 * way up to the wanted tensors only, and nothing goes on through them.
 */
export function gradientsAt(
  output: Tensor,
  start: Tensor,
  wanted: readonly Tensor[],
  inner: Scope,
  { stop = false, retainGraph = false }: { stop?: boolean; retainGraph?: boolean },
): (Tensor | null)[] {
  const order = reachable(nodeOf(output));
  const places = new Set(wanted.map(destinationOf)), leading = new Set<Destination>();
  const wants = (at: Destination) => places.has(at) || leading.has(at);
  for (const node of order.toReversed()) {
    if (node.inputs.some((t, k) => t && wants(node.inputNodes[k] ?? t))) leading.add(node);
  }
  const arrived = new Map<Destination, Tensor>();
  const aim: Aim = {
    wants,
    enters: (node) => leading.has(node) && !(stop && places.has(node)),
    arrived: (at, g) => {
      if (!places.has(at)) return;
      const sum = arrived.get(at);
      arrived.set(at, sum ? addUp(sum, aliasOf(g)) : aliasOf(g));
    },
  };
  pass(output, start, order, aim, retainGraph, inner);
  const found = wanted.map((t) => arrived.get(destinationOf(t))).map((g) => g ? aliasOf(g) : null);
  for (const g of arrived.values()) g.dispose();
  return found;
}

function pass(
  root: Tensor,
  start: Tensor,
  order: readonly Node[],
  aim: Aim,
  retainGraph: boolean,
  inner: Scope,
): void {
  currentObserver()?.root(root);
  const waiting = new Map<Destination, Tensor>();
  const deliver = (at: Destination, g: Tensor) => {
    aim.arrived(at, g);
    g.dispose();
  };
  const add = (at: Destination, g: Tensor) => {
    if (at instanceof Tensor && !hooksOf(at)) return deliver(at, g);
    const sum = waiting.get(at); // hooks see the sum
    waiting.set(at, sum ? addUp(sum, g) : g);
  };
  const passThrough = (node: Node, arrived: Tensor) => {
    const dy = hooked(node.hooks, arrived, inner);
    if (node.retaining && !node.retaining.disposed) addGrad(node.retaining, dy);
    aim.arrived(node, dy);
    const places = node.inputs.map((t, k) => t && (node.inputNodes[k] ?? t));
    const gradients = aim.enters(node)
      ? node.differentiate(dy, places.map((at) => at !== null && aim.wants(at)))
      : [];
    dy.dispose(); // before leaves take their gradients, so that an alias of dy becomes the leaf's own
    if (gradients.length > 0 && !retainGraph) node.freeSaved();
    gradients.forEach((g, k) => g && add(places[k]!, g));
  };
  add(destinationOf(root), start);
  for (const node of order) {
    const arrived = waiting.get(node);
    if (!arrived) continue; // only reached where no gradient exists
    waiting.delete(node);
    if (isNoted()) inBackward(node.place, () => passThrough(node, arrived));
    else passThrough(node, arrived);
  }
  for (const [at, g] of waiting) { // leaves with hooks are left
    deliver(at, hooked(at instanceof Tensor ? hooksOf(at) : at.hooks, g, inner));
  }
}

/** The gradient after hooks; it is freed if they put another in its place. */
function hooked(hooks: Hooks<GradientHook> | null, g: Tensor, inner: Scope): Tensor {
  if (!hooks) return g;
  for (const hook of hooks) {
    const other = inner.outside(() => hook(g));
    if (other === undefined || other === g) continue;
    if (!(other instanceof Tensor)) {
      throw new TypeError(`Cannot go on after a hook as it must return a tensor or nothing: ${other}`);
    }
    if (!sameShape(other.shape, g.shape) || other.dtype !== g.dtype) {
      throw new RangeError(
        `Cannot go on after a hook as it must return a gradient like its own, ${g.dtype} ${show(g.shape)}: ` +
          `${other.dtype} ${show(other.shape)}`,
      );
    }
    const own = aliasOf(other);
    g.dispose();
    g = own;
  }
  return g;
}

/** The nodes that `root` depends on, each before those that it depends on; none where there is no root. */
function reachable(root: Node | null): Node[] {
  if (!root) return [];
  const found = new Set<Node>([root]), todo = [root];
  for (let node = todo.pop(); node; node = todo.pop()) {
    for (const input of node.inputNodes) {
      if (!input || found.has(input)) continue;
      found.add(input);
      todo.push(input);
    }
  }
  return [...found].sort((a, b) => b.order - a.order);
}

function destinationOf(t: Tensor): Destination {
  return nodeOf(t) ?? t;
}

function addUp(a: Tensor, b: Tensor): Tensor {
  const sum = sumOfTwo(a, b);
  currentObserver()?.met(sum, a, b);
  a.dispose();
  b.dispose();
  return sum;
}

/** Refuses to start a pass back where there is nothing to go back to, or with a gradient that does not fit. */
export function checkStart(action: string, root: Tensor, gradient: Tensor | null): void {
  originOf(root).expectHistory(action, root);
  if (!root.requiresGrad) {
    throw new Error(`Cannot ${action} as the tensor must require a gradient: none of its inputs does`);
  }
  if (gradient && gradient.dtype !== "float32") {
    throw new TypeError(`Cannot ${action} as the gradient must be float32: it is ${gradient.dtype}`);
  }
  if (gradient && !sameShape(gradient.shape, root.shape)) {
    throw new RangeError(
      `Cannot ${action} as the gradient must have the shape of its tensor ${show(root.shape)}: ${
        show(gradient.shape)
      }`,
    );
  }
  if (!gradient && root.size !== 1) {
    throw new RangeError(
      `Cannot ${action} without a gradient as the tensor must have one element: its shape is ${
        show(root.shape)
      }`,
    );
  }
}
