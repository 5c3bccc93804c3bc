/**
 * Operations of one's own: WGSL and gradients that users bring.
 *
 * @module
 */
import type { DType } from "../../kernels/wgsl/dtype.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { differentiable, noGrad } from "../autograd/autograd.ts";
import { defineElementwise, expectDType } from "../families/elementwise.ts";
import { Scope } from "../scope.ts";
import { sameShape, show } from "../shape.ts";
import { Tensor } from "../tensor/tensor.ts";

/** An operation on each element of its inputs, which broadcast. */
export interface ElementwiseDefinition<Inputs extends readonly string[], Numbers extends string> {
  /** Shown in errors and profiles. */
  readonly name: string;
  /** Names of the inputs, in the order of the arguments. */
  readonly inputs: Inputs;
  /** Names of the numbers that the operation takes in its options. */
  readonly numbers?: readonly Numbers[];
  /** WGSL expression of the inputs and numbers, all `f32`; with `return` in it, the statements of a function. */
  readonly forward: string;
  /** For each input that has a gradient its WGSL: of `dy`, the inputs, the result `y` and the numbers. */
  readonly gradient?: { readonly [K in Inputs[number]]?: string };
  /** Type of the result, float32 unless given. */
  readonly result?: DType;
}

/** An operation made of kernels or other operations. */
export interface OperationDefinition<Inputs extends readonly string[], Options> {
  /** Shown in errors. */
  readonly name: string;
  /** Names of the inputs, in the order of the arguments. */
  readonly inputs: Inputs;
  /** Computes the result, mostly with `runKernel`. Other tensors that it makes are freed. */
  forward(inputs: Record<Inputs[number], Tensor>, options: Options): Tensor;
  /** Which inputs the gradient needs, and whether the result `y`; they are kept until the backward pass. */
  readonly saved?: readonly (Inputs[number] | "y")[];
  /**
   * Computes the gradient of the loss in the inputs from `dy`, that in the result.
   *
   * @param saved What was saved, by name.
   * @param needs Says of each input whether its gradient is wanted; others may be left out.
   */
  gradient?(
    dy: Tensor,
    saved: Record<Inputs[number] | "y", Tensor>,
    options: Options,
    needs: Record<Inputs[number], boolean>,
  ): { readonly [K in Inputs[number]]?: Tensor | null };
}

/** An operation that `defineOperation` made of WGSL expressions. */
export type ElementwiseOperation<Inputs extends readonly string[], Numbers extends string> = (
  ...args: [
    ...inputs: { [K in keyof Inputs]: Tensor },
    ...options: [Numbers] extends [never] ? [] : [numbers: Record<Numbers, number | (() => number)>],
  ]
) => Tensor;

/** An operation that `defineOperation` made of functions. */
export type Operation<Inputs extends readonly string[], Options> = (
  ...args: [
    ...inputs: { [K in keyof Inputs]: Tensor },
    ...options: [Options] extends [void] ? []
      : undefined extends Options ? [options?: Options]
      : [options: Options],
  ]
) => Tensor;

/**
 * Makes an operation of one's own, with a gradient.
 *
 * With WGSL expressions it works on each element of inputs that broadcast. With functions it can do anything, mostly
 * with kernels of its own; see {@linkcode runKernel}. Either way it takes its inputs by position and then its options in
 * one object, and is recorded for autograd like the operations of the library.
 *
 * @param definition Name, inputs, and how result and gradients are computed.
 * @returns The operation.
 *
 * @example An operation on each element
 * ```ts
 * import { defineOperation, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * const scaledSquare = defineOperation({
 *   name: "scaledSquare",
 *   inputs: ["x"],
 *   numbers: ["scale"],
 *   forward: "scale * x * x",
 *   gradient: { x: "dy * 2.0 * scale * x" },
 * });
 *
 * await openDevice();
 * const x = tensor([1, 2], { requiresGrad: true });
 * scaledSquare(x, { scale: 3 }).sum().backward();
 * assertEquals(await x.grad!.toArray(), [6, 12]);
 * ```
 */
export function defineOperation<const Inputs extends readonly string[], const Numbers extends string = never>(
  definition: ElementwiseDefinition<Inputs, Numbers>,
): ElementwiseOperation<Inputs, Numbers>;
/** Makes an operation of functions that compute the result and the gradients. */
export function defineOperation<const Inputs extends readonly string[], Options = void>(
  definition: OperationDefinition<Inputs, Options>,
): Operation<Inputs, Options>;
export function defineOperation(
  definition:
    | ElementwiseDefinition<readonly string[], string>
    | OperationDefinition<readonly string[], unknown>,
): (...args: unknown[]) => Tensor {
  const { name, inputs } = definition;
  checkNames(definition);
  const apply = typeof definition.forward === "string"
    ? elementwise(definition as ElementwiseDefinition<readonly string[], string>)
    : general(definition as OperationDefinition<readonly string[], unknown>);
  return (...args) => {
    const tensors = inputs.map((what, k) => {
      const t = args[k];
      if (t instanceof Tensor) return t;
      throw new TypeError(`Cannot apply ${name} as ${what} must be a tensor: ${t}`);
    });
    return apply(tensors, args[inputs.length]);
  };
}

function checkNames(
  definition: { name: string; inputs: readonly string[]; numbers?: readonly string[] },
): void {
  const { name, inputs, numbers = [] } = definition, names = [...inputs, ...numbers];
  const bad = names.find((n, k) =>
    !/^[A-Za-z][A-Za-z0-9_]*$/.test(n) || ["y", "dy"].includes(n) || names.indexOf(n) !== k
  );
  if (inputs.length === 0) {
    throw new RangeError(`Cannot define operation ${name} as it must have an input: it has none`);
  }
  if (bad === undefined) return;
  throw new RangeError(
    `Cannot define operation ${name} as its names must be WGSL identifiers, each used once, and not y or dy: "${bad}"`,
  );
}

function elementwise(
  definition: ElementwiseDefinition<readonly string[], string>,
): (tensors: readonly Tensor[], options: unknown) => Tensor {
  const { name, inputs, numbers = [] } = definition, op = defineElementwise(definition);
  return (tensors, options) => {
    tensors.forEach((t, k) => expectDType(name, t, "float32", inputs[k]));
    const given = numbers.map((v): DispatchNumber => {
      const number = (options as Record<string, DispatchNumber> | undefined)?.[v];
      if (typeof number === "number" || typeof number === "function") return number;
      throw new TypeError(`Cannot apply ${name} as ${v} must be a number: ${number}`);
    });
    return op(tensors, given);
  };
}

function general(
  { name, inputs, forward, saved = [], gradient }: OperationDefinition<readonly string[], unknown>,
): (tensors: readonly Tensor[], options: unknown) => Tensor {
  return (tensors, options) => {
    using inner = new Scope();
    const named = byName(inputs, tensors);
    const y = inner.keep(noGrad(() => forward(named, options)).alias());
    if (!gradient || y.dtype !== "float32") return y;
    const shapes = tensors.map((t) => t.shape);
    return differentiable(name, y, tensors, {
      saved: saved.map((v) => (v === "y" ? y : named[v])),
      gradient: (dy, kept, needs) => {
        const gradients = gradient(dy, byName(saved, kept), options, byName(inputs, needs));
        return inputs.map((v, k) => {
          const g = gradients[v];
          if (!g) return null;
          if (sameShape(g.shape, shapes[k]) && g.dtype === "float32") return g;
          throw new RangeError(
            `Cannot run backward through ${name} as the gradient in ${v} must be float32 ${
              show(shapes[k])
            }: ` +
              `it is ${g.dtype} ${show(g.shape)}`,
          );
        });
      },
    });
  };
}

function byName<T>(names: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(names.map((name, k) => [name, values[k]]));
}
