/**
 * Operations of one's own: WGSL and gradients that users bring.
 *
 * @module
 */
import type { DType } from "../../kernels/wgsl/dtype.ts";
import type { DispatchNumber } from "../../kernels/wgsl/source.ts";
import { differentiable, noGrad } from "../autograd/autograd.ts";
import { defineElementwise } from "../families/elementwise.ts";
import { Scope } from "../scope.ts";
import { sameShape, show } from "../shape.ts";
import { signature } from "../signature.ts";
import { FLOAT_TENSOR, TENSOR } from "../tensor/kinds.ts";
import { aliasOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  ANYTHING,
  DISPATCH_NUMBER,
  DTYPE,
  either,
  FUNCTION,
  type Kind,
  listOf,
  nullable,
  optional,
  recordOf,
  required,
  TEXT,
} from "../kinds.ts";

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

const takes = signature<{ [K in keyof ElementwiseDefinition<string[], string> | "saved"]?: unknown }>(
  "define an operation",
  {},
  {
    name: required(TEXT),
    inputs: required(listOf(TEXT, "names")),
    numbers: listOf(TEXT, "names"),
    forward: required(either(TEXT, FUNCTION)),
    saved: listOf(TEXT, "names"),
    gradient: either(FUNCTION, recordOf(optional(TEXT), "texts")),
    result: DTYPE,
  },
);
const GRADIENTS: Kind = recordOf(optional(nullable(TENSOR)), "tensors");

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
  takes(arguments);
  checkNames(definition);
  return typeof definition.forward === "string"
    ? elementwise(definition as ElementwiseDefinition<readonly string[], string>)
    : general(definition as OperationDefinition<readonly string[], unknown>);
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
): (...args: unknown[]) => Tensor {
  const { name, inputs, numbers = [] } = definition, op = defineElementwise({ ...definition, isOwn: true });
  const takesCall = signature<Record<string, DispatchNumber>>(
    `apply ${name}`,
    byName(inputs, inputs.map(() => FLOAT_TENSOR)),
    numbers.length > 0 ? byName(numbers, numbers.map(() => required(DISPATCH_NUMBER))) : undefined,
  );
  return (...args) => {
    const given = takesCall(args);
    return op(args.slice(0, inputs.length) as Tensor[], numbers.map((v) => given[v]!));
  };
}

function general(
  { name, inputs, forward, saved = [], gradient }: OperationDefinition<readonly string[], unknown>,
): (...args: unknown[]) => Tensor {
  const kinds = { ...byName(inputs, inputs.map(() => TENSOR)), options: ANYTHING };
  const takesCall = signature(`apply ${name}`, kinds),
    takesResult = signature(`apply ${name}`, { "the result of forward": TENSOR });
  const takesGradients = signature(`run backward through ${name}`, { "the result of gradient": GRADIENTS });
  return (...args) => {
    takesCall(args);
    using inner = new Scope();
    const tensors = args.slice(0, inputs.length) as Tensor[], options = args[inputs.length];
    const named = byName(inputs, tensors), result = noGrad(() => forward(named, options));
    takesResult([result]);
    const y = inner.keep(aliasOf(result));
    if (!gradient || y.dtype !== "float32") return y;
    const shapes = tensors.map((t) => t.shape);
    return differentiable(name, y, tensors, {
      saved: saved.map((v) => (v === "y" ? y : named[v]!)),
      gradient: (dy, kept, needs) => {
        const gradients = gradient(dy, byName(saved, kept), options, byName(inputs, needs));
        takesGradients([gradients]);
        return inputs.map((v, k) => {
          const g = gradients[v];
          if (!g) return null;
          if (sameShape(g.shape, shapes[k]!) && g.dtype === "float32") return g;
          throw new RangeError(
            `Cannot run backward through ${name} as the gradient in ${v} must be float32 ${
              show(shapes[k]!)
            }: ` +
              `it is ${g.dtype} ${show(g.shape)}`,
          );
        });
      },
    });
  };
}

function byName<T>(names: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(names.map((name, k) => [name, values[k]!]));
}
