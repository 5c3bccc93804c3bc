/**
 * Following a module's forward pass through the operations: which were called with what, and which tensor came of each.
 *
 * Two places tell: what an operation is called with is heard where its arguments are checked, and its result is seen where
 * autograd is told of it.
 *
 * @module
 */
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { observed, type StepObserver } from "../../ops/core/autograd/observer.ts";
import { Scope } from "../../ops/core/scope.ts";
import { heard } from "../../ops/core/signature.ts";
import { isMadeIn } from "../../ops/core/tensor/internals.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import type { Module } from "../module.ts";

/** An operation that was called. */
export interface TracedCall {
  readonly op: string;
  /** Its arguments; none where another operation did it in passing. */
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Its result. */
  readonly y: Tensor;
  /** The path of the module in whose forward pass it was, empty for the outermost. */
  readonly path: string;
}

/** A forward pass that was followed. */
export interface Trace {
  readonly input: Tensor;
  readonly output: Tensor;
  /** The operations in their order. */
  readonly calls: readonly TracedCall[];
  /** The operations that were called, but gave nothing that could be followed, in their order. */
  readonly lost: readonly string[];
  /** Whether a tensor was made in the pass. */
  isMade(t: Tensor): boolean;
}

/** A call whose result is still to come. */
type Pending = Pick<TracedCall, "op" | "args" | "options">;

class Follower implements StepObserver {
  readonly calls: TracedCall[] = [];
  readonly pending: Pending[] = [];
  readonly #paths: Map<object, string>;
  readonly #modules: object[] = [];
  readonly #isMade: (t: Tensor) => boolean;

  constructor(net: Module, isMade: (t: Tensor) => boolean) {
    this.#paths = new Map(net.namedModules().map(([path, module]) => [module, path]));
    this.#isMade = isMade;
  }

  hear(action: string, args: readonly unknown[], options: object): void {
    if (!action.startsWith("apply ")) return;
    this.pending.push({ op: action.slice("apply ".length), args, options: options as Pending["options"] });
  }

  output(op: string, y: Tensor): void {
    const path =
      this.#modules.map((module) => this.#paths.get(module)).findLast((each) => each !== undefined) ?? "";
    if (!this.#isMade(y) || this.calls.some((call) => call.y === y)) {
      throw new Error(`Cannot export to ONNX as nothing must be written in place: ${op} does${where(path)}`);
    }
    const called = op.replace(/_.*/, ""); // some have several ways, as gelu has gelu_tanh
    const at = this.pending.findLastIndex((each) => each.op === called);
    const { args = [], options = {} } = this.pending[at] ?? {};
    if (at >= 0) this.pending.length = at; // what it called in turn is done
    while (this.pending.at(-1)?.op === called) this.pending.pop(); // a layer may have checked its input under this name
    this.calls.push({ op: called, args, options, y, path });
  }

  enter(module: object): void {
    this.#modules.push(module);
  }

  leave(): void {
    this.#modules.pop();
  }

  root(): void {}
  gradients(): void {}
  met(): void {}
}

/** Where a module is, as errors say it. */
export function where(path: string): string {
  return path === "" ? "" : ` in ${path}`;
}

/**
 * Follows a module's forward pass.
 *
 * @param net The module.
 * @param input What it is called with.
 * @param use What is done with what was found, before the tensors that were made are freed.
 */
export function followed<T>(net: Module, input: Tensor, use: (trace: Trace) => T): T {
  using inner = new Scope();
  const isMade = (t: Tensor) => isMadeIn(t, inner), follower = new Follower(net, isMade);
  const hear = follower.hear.bind(follower);
  const output: unknown = noGrad(() => heard(hear, () => observed(follower, () => net.forward(input))));
  if (!(output instanceof Tensor)) {
    throw new TypeError("Cannot export to ONNX as forward must return a tensor: it returned something else");
  }
  const { calls, pending } = follower;
  return use({ input, output, calls, lost: pending.map(({ op }) => op), isMade });
}
