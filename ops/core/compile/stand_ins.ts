/**
 * Arguments of a compiled function: what stands for them while the function is captured.
 *
 * The function is not given the tensors themselves but others without memory, so that a plan can tell what it reads
 * through its arguments, to be bound anew at each replay, from what it has captured by closure. An argument that it
 * reaches both ways, such as a parameter that its optimiser holds too, is given as it is, and the plan holds for it alone.
 *
 * @module
 */
import { Storage } from "../../gpu/storage.ts";
import { differentiable } from "../autograd/autograd.ts";
import { aliasOf, hooksOf, nodeOf, storageOf } from "../tensor/internals.ts";
import { Tensor } from "../tensor/tensor.ts";
import { gradStorage } from "./capture.ts";
import { isPlainObject } from "../describe.ts";

/** The tensors among the arguments of one call. */
export class StepArguments {
  /** Each of them once, in order. */
  readonly tensors: readonly Tensor[];
  /** Whether each is given to the function as it is: the function has captured it, or its memory, by closure, or it has hooks. */
  readonly fixed: readonly boolean[];
  /** The gradients of the others, as far as they are leaves that have one. */
  readonly grads: readonly (Storage | null)[];
  /** Their memory, then that of their gradients, each once. */
  readonly memory: readonly Storage[];

  /**
   * Finds the tensors in the arguments.
   *
   * @param reached The tensors that the function was seen to have captured by closure.
   */
  constructor(args: readonly unknown[], reached: WeakSet<Tensor>) {
    this.tensors = [...new Set(tensorsIn(args))];
    const own = this.tensors.filter((t) => reached.has(t) || (!nodeOf(t) && hooksOf(t))); // hooks are the tensor's own
    const shared = new Set(own.map((t) => storageOf(t)));
    this.fixed = this.tensors.map((t) => shared.has(storageOf(t)));
    this.grads = this.tensors.map((t, k) => (nodeOf(t) || this.fixed[k] ? null : gradStorage(t)));
    this.memory = [
      ...new Set([...this.tensors.map((t) => storageOf(t)), ...this.grads.filter((s) => s !== null)]),
    ];
  }

  /** What a plan depends on in a tensor: all but its memory, and which of the others share that. */
  describe(t: Tensor): string {
    const k = this.tensors.indexOf(t), place = (s: Storage | null) => (s ? this.memory.indexOf(s) : "");
    const kind = nodeOf(t) ? "h" : t.requiresGrad ? "g" : "";
    return `${t.dtype}[${t.shape}]${kind}@${k},${place(storageOf(t))},${place(this.grads[k] ?? null)}`;
  }

  /** Those that a step has captured by closure too: it uses their memory, or looks at them as leaves. */
  reachedBy(memory: ReadonlySet<Storage>, leaves: ReadonlySet<Tensor>): Tensor[] {
    const { fixed, grads } = this;
    return this.tensors.filter((t, k) => {
      const grad = grads[k] ?? null;
      return !fixed[k] && (leaves.has(t) || memory.has(storageOf(t)) || (grad !== null && memory.has(grad)));
    });
  }
}

/** Says that a function has captured arguments by closure as well. */
export class CapturedArguments extends Error {
  /** The arguments. */
  readonly tensors: readonly Tensor[];

  /** Makes the message. */
  constructor(tensors: readonly Tensor[]) {
    super("Cannot plan a step with stand-ins as it must reach its arguments through them alone");
    this.tensors = tensors;
  }
}

/** What stands for the arguments in one capture. */
export class StandIns {
  /** For each of the tensors the one that the function is given. */
  readonly tensors: readonly Tensor[];
  /** For each memory what stands for it; null where it is itself. */
  readonly memory: readonly (Storage | null)[];
  readonly #given: StepArguments;

  /** Makes the stand-ins, in the scope of the capture. */
  constructor(given: StepArguments) {
    this.#given = given;
    const own = new Set(given.tensors.filter((_, k) => given.fixed[k]).map((t) => storageOf(t)));
    this.memory = given.memory.map((s) => (own.has(s) ? null : standInFor(s)));
    this.tensors = given.tensors.map((t, k) => (given.fixed[k] ? t : this.#standIn(t, k)));
  }

  /** What stands for the gradient that a tensor had; null where it had none. */
  gradBefore(k: number): Storage | null {
    const grad = this.#given.grads[k] ?? null;
    return grad && this.#at(grad);
  }

  #standIn(t: Tensor, k: number): Tensor {
    const own = new Tensor(this.#at(storageOf(t)).retain(), t.shape, t.dtype), grad = this.gradBefore(k);
    if (nodeOf(t)) return withoutWayBack(own, OUTSIDE);
    own.requiresGrad = t.requiresGrad;
    if (grad) own.grad = new Tensor(grad.retain(), t.shape, "float32");
    return own;
  }

  #at(s: Storage): Storage {
    return this.memory[this.#given.memory.indexOf(s)]!;
  }
}

/** Why there is no way back through an argument that is no leaf. */
const OUTSIDE = "its arguments must be leaves where it does: one came from an operation outside";

function standInFor({ device, bytes }: Storage): Storage {
  const storage = new Storage(device, bytes);
  storage.seal(); // it only stands for what will be bound
  return storage;
}

/** Makes a tensor say why it cannot be differentiated through. */
export function withoutWayBack(t: Tensor, reason: string): Tensor {
  const leaf = aliasOf(t);
  leaf.requiresGrad = true;
  const y = differentiable("compile", t, [leaf], {
    gradient: () => {
      throw new Error(`Cannot run backward through a compiled function as ${reason}`);
    },
  });
  leaf.dispose();
  return y;
}

/** Whether a value is looked through for tensors as an array. */
export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

/** The tensors in a value, in order: itself, or those in its arrays and plain objects. */
export function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (isList(value)) return value.flatMap(tensorsIn);
  return isPlainObject(value) ? Object.values(value).flatMap(tensorsIn) : [];
}

/** A copy of a value with other tensors in the places of its own. */
export function rebuild<T>(value: T, other: (t: Tensor, k: number) => Tensor): T {
  let next = 0;
  const visit = (v: unknown): unknown => {
    if (v instanceof Tensor) return other(v, next++);
    if (isList(v)) return v.map(visit);
    if (isPlainObject(v)) return Object.fromEntries(Object.entries(v).map(([k, inner]) => [k, visit(inner)]));
    return v;
  };
  return visit(value) as T;
}
