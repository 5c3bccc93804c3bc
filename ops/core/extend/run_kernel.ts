/**
 * Kernels of one's own: WGSL that reads tensors and makes new ones.
 *
 * @module
 */
import { currentDevice } from "../../gpu/device.ts";
import { type DType, STORED_AS } from "../../kernels/wgsl/dtype.ts";
import { mathFunctions } from "../../kernels/wgsl/math.ts";
import type { BindingDecl } from "../../kernels/wgsl/source.ts";
import { runSingleKernel, type SingleKernel } from "../families/single_kernel.ts";
import { signature } from "../signature.ts";
import { empty } from "../tensor/create.ts";
import { TENSOR } from "../tensor/kinds.ts";
import { storageOf } from "../tensor/internals.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isPlainObject } from "../describe.ts";
import {
  DISPATCH_NUMBER,
  DTYPE,
  either,
  type Kind,
  kind,
  NUMBER,
  recordOf,
  required,
  SHAPE,
  TEXT,
} from "../kinds.ts";

/** A number for a kernel, with its type in WGSL; a function is asked anew at each run of a captured step. */
export type KernelNumber = readonly [type: "u32" | "i32" | "f32", value: number | (() => number)];

/** Shape of a kernel's output, float32 unless a type stands with it. */
export type KernelOutput = readonly number[] | { readonly shape: readonly number[]; readonly dtype: DType };

/** What {@linkcode runKernel} runs. The names of inputs, outputs and numbers are those in the text. */
export interface KernelDefinition<Outputs extends string = string> {
  /** Shown in errors and profiles. */
  readonly name: string;
  /** Tensors to read: `array<f32>`, `array<i32>` or, for bool, `array<u32>`, row-major. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Tensors to make. What is in them is undefined, so the kernel writes every element. */
  readonly outputs: Readonly<Record<Outputs, KernelOutput>>;
  /** Numbers, read as `u.name`. They can change without the kernel being compiled again. */
  readonly numbers?: Readonly<Record<string, KernelNumber>>;
  /** How many invocations are wanted; the last workgroup may have more, so the text guards its stores. */
  readonly invocations: number;
  /** Invocations of a workgroup; what suits the adapter unless given. Give it when they work together. */
  readonly workgroupSize?: number;
  /** WGSL before `main`: functions, constants, workgroup variables. */
  readonly declarations?: string;
  /**
   * WGSL statements of `main`. In scope are `id`, the invocation's number over all; `group` and `local`, its workgroup's
   * and its number in that; and the functions `expf`, `logf`, `tanhf`, `powf`, `erff`, `isnanf`, … of the library.
   * Mesa's CPU adapter ends all loops of an invocation after 65,535 turns in all: share longer work out.
   */
  readonly body: string;
}

const OUTPUT: Kind = either(
  SHAPE,
  kind(
    "{ shape, dtype }",
    "",
    (v) => isPlainObject(v) && !SHAPE.objection(v.shape) && !DTYPE.objection(v.dtype),
  ),
);
const TYPED_NUMBER: Kind = kind(
  'a pair such as ["u32", 1], with a type of u32, i32 or f32',
  '["u32", 1]',
  (v) => Array.isArray(v) && ["u32", "i32", "f32"].includes(v[0]) && !DISPATCH_NUMBER.objection(v[1]),
);
const takes = signature<KernelDefinition>("run a kernel", {}, {
  name: required(TEXT),
  inputs: required(recordOf(TENSOR, "tensors")),
  outputs: required(recordOf(OUTPUT, "shapes, which are arrays of whole numbers from 0 up")),
  numbers: recordOf(TYPED_NUMBER, "numbers with their types"),
  invocations: required(NUMBER),
  workgroupSize: NUMBER,
  declarations: TEXT,
  body: required(TEXT),
});

/**
 * Runs WGSL of one's own over tensors. Autograd does not see it: use it in {@linkcode defineOperation}.
 *
 * @param definition The text, what it reads and writes, and how many invocations run.
 * @returns The outputs by name. If the text does not compile, the next read throws with the kernel's name and the line.
 * @throws {RangeError} If a name is no WGSL identifier or is taken, or a count is not whole.
 *
 * @example Usage
 * ```ts
 * import { openDevice, runKernel, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, 2, 3, 4]);
 * const { y } = runKernel({
 *   name: "reversed",
 *   inputs: { x },
 *   outputs: { y: x.shape },
 *   numbers: { n: ["u32", x.size] },
 *   invocations: x.size,
 *   body: "if (id < u.n) { y[id] = x[u.n - 1u - id]; }",
 * });
 * assertEquals(await y.toArray(), [4, 3, 2, 1]);
 * ```
 */
export function runKernel<Outputs extends string>(
  definition: KernelDefinition<Outputs>,
): Record<Outputs, Tensor> {
  takes(arguments);
  const { name, inputs, numbers = {}, invocations, workgroupSize, declarations = "", body } = definition;
  check(definition);
  const outputs = Object.entries<KernelOutput>(definition.outputs).map(([n, output]): [string, Tensor] => {
    const { shape, dtype } = "shape" in output ? output : { shape: output, dtype: "float32" as const };
    return [n, empty(shape, dtype)];
  });
  const made = Object.fromEntries(outputs) as Record<Outputs, Tensor>;
  if (invocations === 0) return made;
  const read = Object.entries(inputs);
  const kernel: SingleKernel = {
    bindings: [...bindingsOf(read, "read"), ...bindingsOf(outputs, "read_write")],
    numberDecls: Object.entries(numbers).map(([n, [type]]) => ({ name: n, type })),
    declarations: mathFunctions(declarations + body) + declarations,
    workgroupSize,
    body,
    numbers: Object.values(numbers).map(([, value]) => value),
    invocations,
  };
  const storagesOf = (tensors: readonly (readonly [string, Tensor])[]) =>
    tensors.map(([, t]) => storageOf(t));
  runSingleKernel(name, kernel, storagesOf(read), storagesOf(outputs));
  return made;
}

function bindingsOf(tensors: readonly (readonly [string, Tensor])[], access: BindingDecl["access"]) {
  return tensors.map(([name, { dtype }]): BindingDecl => ({ name, type: STORED_AS[dtype], access }));
}

/** Names that the text around the body uses. */
const TAKEN = ["u", "id", "group", "local", "wid", "nwg", "main", "Uniforms"];

function check(
  { name, inputs, outputs, invocations, workgroupSize = 1, numbers = {} }: KernelDefinition,
): void {
  const names = [...Object.keys(inputs), ...Object.keys(outputs)];
  const bad = [...names, ...Object.keys(numbers)].find((n) => !/^[A-Za-z][A-Za-z0-9_]*$/.test(n)) ??
    names.find((n, k) => TAKEN.includes(n) || names.indexOf(n) !== k);
  if (bad !== undefined) {
    throw new RangeError(
      `Cannot run kernel ${name} as its names must be WGSL identifiers, each used once, and none of ${
        TAKEN.join(", ")
      }: "${bad}"`,
    );
  }
  if (Object.keys(outputs).length === 0) {
    throw new RangeError(`Cannot run kernel ${name} as it must have an output: it has none`);
  }
  for (
    const [what, count, least] of [["invocations", invocations, 0], [
      "workgroupSize",
      workgroupSize,
      1,
    ]] as const
  ) {
    if (Number.isSafeInteger(count) && count >= least) continue;
    throw new RangeError(
      `Cannot run kernel ${name} as ${what} must be a whole number from ${least} up: ${count}`,
    );
  }
  const most = currentDevice(`run kernel ${name}`).limits.maxComputeInvocationsPerWorkgroup;
  if (workgroupSize <= most) return;
  throw new RangeError(
    `Cannot run kernel ${name} as a workgroup of this adapter has at most ${most} invocations: ${workgroupSize}`,
  );
}
