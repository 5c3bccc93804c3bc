/**
 * The tensor.
 *
 * The operations stand in their own files; each line of `ops/mod.ts` is also a method. Here they are types alone:
 * `ops/methods.ts` puts them on the prototype, and whoever imports `mod.ts`, or any file of `nn` or `data`, has them.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { DType } from "../../kernels/wgsl/dtype.ts";
import type { GradientHook, Node } from "../autograd/autograd.ts";
import { backward, type BackwardOptions } from "../autograd/backward.ts";
import { type HookHandle, Hooks } from "../autograd/hooks.ts";
import { currentRecorder, refuseInCapture } from "../recorder.ts";
import { currentScope, type Scope, unscoped } from "../scope.ts";
import { sameShape, show, sizeOf } from "../shape.ts";
import { signature } from "../signature.ts";
import { full } from "./create.ts";
import { addInto, cloneOf, copyInto, fillInto } from "./in_place.ts";
import type { TensorMethods } from "./tensor_methods.ts";
import { Origin } from "./origin.ts";
import { FORMAT_OPTIONS, type FormatOptions, printed } from "./printed.ts";
import type { NestedArray } from "./values.ts";
import { BOOLEAN, FUNCTION, type Kind, kind, nullable, NUMBER, optional, SHAPE } from "../kinds.ts";

/** Counts the tensors that the collector took before anybody disposed of them, and gives their memory back. */
const forgotten = new FinalizationRegistry<Storage>((storage) => {
  const { report } = storage.device.pool;
  report.tensors--;
  report.forgotten++;
  storage.release();
});

/**
 * An array of numbers on the GPU, of any shape; always contiguous, row-major.
 *
 * Made by functions such as {@linkcode tensor}; every operation that begins with a tensor is a method too.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
 * const y = x.mul(x).sum({ dim: 1 });
 * assertEquals([y.shape, y.dtype], [[2], "float32"]);
 * assertEquals(await y.toArray(), [5, 25]);
 * y.sum().backward();
 * assertEquals(await x.grad!.toArray(), [[2, 4], [6, 8]]);
 * ```
 */
export class Tensor {
  /** Size of each dimension. */
  readonly shape: readonly number[];
  /** Type of the elements. */
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  readonly #origin: Origin;
  readonly #storage: Storage;
  readonly #scope = currentScope();
  #requiresGrad = false;
  /** Whether it ever was a leaf that requires a gradient. */
  #wasLearnt = false;
  #grad: Tensor | null = null;
  #node: Node | null = null;
  #hooks: Hooks<GradientHook> | null = null;
  #disposed = false;
  /** How many tensors of the device were made before. */
  readonly #number: number;

  /** Wraps GPU memory; it takes over the caller's hold on `storage`. Use `tensor()`, `zeros()` and so on instead. */
  constructor(storage: Storage, shape: readonly number[], dtype: DType) {
    this.#storage = storage;
    this.#origin = new Origin(storage);
    this.shape = Object.freeze([...shape]);
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.#scope?.add(this);
    const { pool } = storage.device;
    pool.report.tensors++;
    this.#number = pool.tensorsMade++;
    forgotten.register(this, storage, this);
  }

  /** The memory behind the tensor. */
  private get storage(): Storage {
    if (this.#disposed) {
      throw new Error(`Cannot use a tensor as it must not be disposed of: shape ${show(this.shape)}`);
    }
    return this.#storage;
  }

  /** What it has to do with other tensors. */
  private get origin(): Origin {
    return this.#origin;
  }

  /** Whether gradients flow to this tensor. It can be set on leaves of type float32. */
  get requiresGrad(): boolean {
    if (this.#wasLearnt) currentRecorder()?.readLeaf(this);
    return this.#requiresGrad;
  }

  set requiresGrad(value: boolean) {
    takesRequiresGrad(arguments);
    if (this.#node) {
      throw new Error("Cannot set requiresGrad as the tensor must be a leaf: it came from an operation");
    }
    if (value && this.dtype !== "float32") {
      throw new TypeError(`Cannot require a gradient as the tensor must be float32: it is ${this.dtype}`);
    }
    if (this.#wasLearnt) currentRecorder()?.readLeaf(this); // as it was before
    this.#wasLearnt ||= value;
    this.#requiresGrad = value;
  }

  /** A number that says how the leaf takes part in differentiation: 0 where it does not, else one that changes with its hooks. */
  private get learning(): number {
    return this.#requiresGrad ? 1 + (this.#hooks?.version ?? 0) : 0;
  }

  /** Whether it was made in a scope or in one inside that. */
  private isMadeIn(scope: Scope): boolean {
    return this.#scope?.isWithin(scope) ?? false;
  }

  /** Gradient that `backward` added up here, or null. Leaves that require one get it, and where `retainGrad` was called. */
  get grad(): Tensor | null {
    if (this.#requiresGrad) currentRecorder()?.readGrad(this);
    return this.#grad;
  }

  set grad(value: Tensor | null) {
    takesGrad(arguments);
    if (value && (value.dtype !== "float32" || !sameShape(value.shape, this.shape))) {
      throw new RangeError(
        `Cannot set a gradient as it must be float32 of its tensor's shape ${show(this.shape)}: ` +
          `it is ${value.dtype} ${show(value.shape)}`,
      );
    }
    if (this.#requiresGrad) currentRecorder()?.writeGrad(this);
    this.#grad = value;
  }

  /** Frees the gradient. */
  clearGrad(): void {
    const old = this.#grad;
    this.grad = null; // set without being read: a captured step that begins so does not depend on what was there
    old?.dispose();
  }

  /** The operation that it came from, or null for a leaf. */
  private get node(): Node | null {
    return this.#node;
  }

  /** Functions that see the gradient arriving here. */
  private get hooks(): Hooks<GradientHook> | null {
    return this.#node ? this.#node.hooks : this.#hooks;
  }

  /** Whether it was disposed of. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** Makes this the output of a recorded operation, in the place of one that it came from before. */
  private attach(node: Node): void {
    this.#node = node.inPlaceOf(this.#node);
    this.#requiresGrad = true;
  }

  /** Frees the tensor's memory, once nothing else uses it. A disposed tensor cannot be used again. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten.unregister(this);
    this.#scope?.forget(this);
    const { pool } = this.#storage.device;
    pool.report.tensors--;
    for (const watch of pool.leakWatches) if (this.#number < watch.since) watch.freedBefore++;
    this.#storage.release();
    this.#node?.release();
    this.#grad?.dispose();
    this.#grad = null;
  }

  /** Frees the tensor at the end of the block: `using t = …`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Another tensor over the same memory, outside autograd, perhaps of another shape with as many elements. */
  private alias(shape: readonly number[] = this.shape): Tensor {
    takesAlias(arguments);
    if (sizeOf(shape) !== this.size) {
      throw new RangeError(
        `Cannot make an alias as ${show(shape)} must have the elements of its tensor: its shape is ${
          show(this.shape)
        }`,
      );
    }
    return new Tensor(this.storage.retain(), shape, this.dtype);
  }

  /** The same values without history: no gradient flows through. The memory is shared. */
  detach(): Tensor {
    return this.#origin.passTo(this.alias());
  }

  /** A tensor of this shape, type and device that is `value` everywhere. */
  private filledLike(value: number): Tensor {
    return full(this.shape, value, { dtype: this.dtype });
  }

  /** Adds a gradient to `grad`. The first becomes `grad` itself, if nobody else holds its memory. */
  private addGrad(g: Tensor): void {
    takesAdded(arguments);
    if (this.grad) return addInto(this.grad, g);
    this.grad = unscoped(() => {
      if (!g.storage.shared) return g.alias();
      return cloneOf(g);
    });
  }

  /**
   * Reads the elements back, row-major, once all work so far is done.
   *
   * @returns A `Float32Array`, `Int32Array` or, for bool, a `Uint8Array` of 0 and 1.
   */
  data(): Promise<Float32Array | Int32Array | Uint8Array> {
    this.#refuseRead();
    return this.#read();
  }

  #refuseRead(): void {
    refuseInCapture(
      "read a tensor",
      `values are not known while a step is captured: shape ${show(this.shape)}`,
    );
  }

  async #read(count = this.size, from = 0): Promise<Float32Array | Int32Array | Uint8Array> {
    const { device } = this.storage;
    const bytes = await device.queue.read(this.storage, 4 * count, 4 * from);
    if (this.dtype === "float32") return new Float32Array(bytes);
    if (this.dtype === "int32") return new Int32Array(bytes);
    return Uint8Array.from(new Uint32Array(bytes), (v) => (v === 0 ? 0 : 1));
  }

  /** Reads the only element; booleans read as 0 and 1. */
  item(): Promise<number> {
    this.#refuseRead();
    return this.#item();
  }

  async #item(): Promise<number> {
    if (this.size !== 1) {
      throw new RangeError(
        `Cannot read an item as the tensor must have one element: its shape is ${show(this.shape)}`,
      );
    }
    return (await this.#read())[0]!;
  }

  /** Reads the elements as nested arrays: numbers, or booleans for bool. */
  toArray(): Promise<NestedArray> {
    this.#refuseRead();
    return this.#nested();
  }

  async #nested(): Promise<NestedArray> {
    const data = await this.#read(), { shape, dtype } = this;
    let next = 0;
    const nest = (d: number): NestedArray => {
      if (d === shape.length) return dtype === "bool" ? data[next++] !== 0 : data[next++]!;
      return Array.from({ length: shape[d]! }, () => nest(d + 1));
    };
    return nest(0);
  }

  /** Describes the tensor without reading it. */
  toString(): string {
    const grad = this.#requiresGrad ? ", requiresGrad" : "";
    return `Tensor(${show(this.shape)}, ${this.dtype}${grad}${this.#disposed ? ", disposed" : ""})`;
  }

  /** The same description where Deno prints values. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  /** Writes the values as PyTorch prints them, as {@linkcode format} does. */
  format(options: FormatOptions = {}): Promise<string> {
    takesFormat(arguments);
    this.#refuseRead();
    const { shape, dtype, requiresGrad } = this;
    const read = (from: number, count: number) => this.#read(count, from);
    return printed({ shape, dtype, requiresGrad, read }, options);
  }

  /** Prints the values as PyTorch prints them, in the form that {@linkcode format} gives them. */
  async print(options: FormatOptions = {}): Promise<void> {
    takesPrint(arguments);
    console.log(await this.format(options));
  }

  /** Shows the values in a notebook's cell; where they cannot be read, the description of the tensor. */
  async [Symbol.for("Jupyter.display")](): Promise<Record<string, string>> {
    const text = this.#disposed || currentRecorder() ? this.toString() : await this.format();
    return { "text/plain": text };
  }

  /**
   * Adds the gradient of this tensor in every leaf it depends on to the leaf's `grad`.
   *
   * @param gradient Gradient of the loss in this tensor; it may be left out for one element, where it is 1.
   */
  backward(gradient?: Tensor | null, options?: BackwardOptions): void {
    takesBackward(arguments);
    backward(this, gradient ?? null, options);
  }

  /**
   * Has `hook` called in each backward pass with the whole gradient that arrives at this tensor, a leaf or not. What it
   * returns, if anything, goes on in place of the gradient. Hooks are called in the order in which they were added.
   *
   * The gradient is freed when the pass has used it: keep `gradient.detach()`, which belongs to the scope around
   * `backward()`. The hook must not change it in place.
   *
   * @returns A handle whose `remove()` takes the hook away.
   * @throws {Error} If the tensor does not require a gradient.
   */
  registerHook(hook: GradientHook): HookHandle {
    takesHook(arguments);
    if (!this.#requiresGrad) {
      throw new Error("Cannot register a hook as the tensor must require a gradient: it does not");
    }
    const hooks = this.#node ? this.#node.hooks ??= new Hooks() : this.#hooks ??= new Hooks();
    return hooks.add(hook);
  }

  /**
   * Has backward passes add the gradient to this tensor's `grad` though it came from an operation.
   *
   * @returns This tensor.
   * @throws {Error} If the tensor does not require a gradient.
   */
  retainGrad(): this {
    if (!this.#requiresGrad) {
      throw new Error("Cannot retain a gradient as the tensor must require one: it does not");
    }
    if (this.#node) this.#node.retaining = this;
    return this;
  }

  /** Overwrites this tensor with the values of `source`, which broadcasts to it; parts of one go by {@linkcode set}. */
  copy(source: Tensor): this {
    takesCopy(arguments);
    this.#origin.expectOwn("copy");
    copyInto(this, source);
    return this;
  }

  /** Overwrites every element with `value`; parts of a tensor go by {@linkcode set}. */
  fill(value: number): this {
    takesFill(arguments);
    this.#origin.expectOwn("fill");
    fillInto(this, value);
    return this;
  }
}

/** A tensor: `kinds.ts`, which has this kind for everybody else, imports this file. */
const TENSOR: Kind = kind("a tensor", "x", (v) => v instanceof Tensor);
const takesRequiresGrad = signature("set requiresGrad", { value: BOOLEAN });
const takesGrad = signature("set a gradient", { value: nullable(TENSOR) });
const takesAlias = signature("make an alias", { shape: optional(SHAPE) });
const takesAdded = signature("add to a gradient", { g: TENSOR });
const takesBackward = signature<BackwardOptions>("run backward", { gradient: optional(nullable(TENSOR)) }, {
  retainGraph: BOOLEAN,
});
const takesHook = signature("register a hook", { hook: FUNCTION });
const takesFormat = signature<FormatOptions>("format a tensor", {}, FORMAT_OPTIONS);
const takesPrint = signature<FormatOptions>("print a tensor", {}, FORMAT_OPTIONS);
const takesCopy = signature("apply copy", { source: TENSOR });
const takesFill = signature("apply fill", { value: NUMBER });

/** Every operation of `ops/mod.ts` is a method, once `ops/methods.ts` was imported. */
export interface Tensor extends TensorMethods {}
