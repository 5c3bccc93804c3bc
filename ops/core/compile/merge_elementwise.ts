/**
 * Merging elementwise calls: two programs put together, so that what lies between them stays in a register.
 *
 * @module
 */
import { pick } from "../../kernels/pick.ts";
import type { Storage } from "../../gpu/storage.ts";
import type { ElementwiseCall, Operand } from "../../kernels/elementwise.ts";
import { type AffineAccess, isConstant, rowMajor } from "../../kernels/wgsl/access.ts";
import type { Program, Ref } from "../../kernels/wgsl/program.ts";
import { sameShape, sizeOf } from "../shape.ts";

/** The longest program, the most numbers and the longest name that merging makes; a dispatch has room for 64 numbers. */
const MOST_STEPS = 48, MOST_NUMBERS = 40, LONGEST_NAME = 60;

/**
 * Makes one call that does what `first` and then `second` do.
 *
 * @param isNeeded Says whether a value that `first` stores is wanted by others than `second`.
 * @returns The call, or null where the two do not fit: `second` must take what `first` gives element by element.
 */
export function mergeElementwise(
  first: ElementwiseCall,
  second: ElementwiseCall,
  isNeeded: (storage: Storage) => boolean,
): ElementwiseCall | null {
  const steps = first.program.steps.length + second.program.steps.length;
  if (steps > MOST_STEPS || first.numbers.length + second.numbers.length > MOST_NUMBERS) return null;
  const fitted = inOneShape(first, second);
  if (!fitted) return null;
  const [a, b] = fitted;
  if (!meetInStep(a, b)) return null;
  const { inputs, dtypes, refs } = joinInputs(a, b);
  const rename = (ref: Ref): Ref => {
    const k = Number(ref.slice(1));
    if (ref[0] === "i") return refs[k]!;
    if (ref[0] === "p") return `p${a.numbers.length + k}`;
    return ref[0] === "s" ? `s${a.program.steps.length + k}` : ref;
  };
  const final = new Set(b.outputs.map((o) => o.storage));
  const kept = a.outputs.map((_, k) => k).filter((k) => {
    const { storage } = a.outputs[k]!;
    return !final.has(storage) && isNeeded(storage);
  });
  const program: Program = {
    inputs: dtypes,
    numbers: [...a.program.numbers, ...b.program.numbers],
    steps: [
      ...a.program.steps,
      ...b.program.steps.map(({ fn, args }) => ({ fn, args: args.map(rename) })),
    ],
    outputs: [...b.program.outputs.map(rename), ...pick(a.program.outputs, kept)],
  };
  return {
    name: joinNames(a.name, b.name),
    shape: a.shape,
    program,
    inputs,
    outputs: [...b.outputs, ...pick(a.outputs, kept)],
    numbers: [...a.numbers, ...b.numbers],
  };
}

/** Whether `b` takes what `a` gives element by element, and no invocation reads what another one overwrites. */
function meetInStep(a: ElementwiseCall, b: ElementwiseCall): boolean {
  const inStep = (o: Operand) => isRowMajor(o.access, a.shape), outputs = [...a.outputs, ...b.outputs];
  if (!outputs.every(inStep)) return false;
  // Each invocation reads before it writes, but only its own elements.
  const written = new Set(outputs.map((o) => o.storage));
  return [...a.inputs, ...b.inputs].every((o) => !written.has(o.storage) || inStep(o));
}

/** The inputs of both calls, each once, and what the inputs of `b` are called among them or the values of `a`. */
function joinInputs(a: ElementwiseCall, b: ElementwiseCall) {
  const made = new Map(a.outputs.map((o, k) => [o.storage, a.program.outputs[k]]));
  const inputs: Operand[] = [...a.inputs], dtypes = [...a.program.inputs];
  const refs = b.inputs.map((o, k): Ref => {
    const value = made.get(o.storage);
    if (value !== undefined) return value;
    const known = inputs.findIndex((i) => i.storage === o.storage && sameAccess(i.access, o.access));
    if (known >= 0) return `i${known}`;
    dtypes.push(b.program.inputs[k]!);
    return `i${inputs.push(o) - 1}`;
  });
  return { inputs, dtypes, refs };
}

/** The call with its input that is `storage` as input 0: the form in which it can follow a call that computes that. */
export function withFirstInput(call: ElementwiseCall, storage: Storage): ElementwiseCall | null {
  const mine = call.inputs.map((o, k) => ({ o, k })).filter(({ o }) => o.storage === storage);
  if (mine.length === 0 || mine.some(({ o }) => !isRowMajor(o.access, call.shape))) return null;
  const order = [mine[0]!.k, ...call.inputs.map((_, k) => k).filter((k) => !mine.some((m) => m.k === k))];
  const rename = (ref: Ref): Ref => {
    if (ref[0] !== "i") return ref;
    const k = Number(ref.slice(1));
    return mine.some((m) => m.k === k) ? "i0" : `i${order.indexOf(k)}`;
  };
  const { program } = call;
  return {
    ...call,
    inputs: pick(call.inputs, order),
    program: {
      ...program,
      inputs: pick(program.inputs, order),
      steps: program.steps.map(({ fn, args }) => ({ fn, args: args.map(rename) })),
      outputs: program.outputs.map(rename),
    },
  };
}

/** Whether the access walks a contiguous buffer of `shape` in step; the stride of a dimension of size 1 does not matter. */
export function isRowMajor(access: AffineAccess, shape: readonly number[]): boolean {
  const own = rowMajor(shape);
  return access.offset === 0 && access.strides.every((s, d) => s === own[d] || shape[d] === 1);
}

function sameAccess(a: AffineAccess, b: AffineAccess): boolean {
  return a.offset === b.offset && sameShape(a.strides, b.strides);
}

/** Both calls over one shape, where they are or can be said so; null where they cannot. */
function inOneShape(
  first: ElementwiseCall,
  second: ElementwiseCall,
): [ElementwiseCall, ElementwiseCall] | null {
  if (sameShape(first.shape, second.shape)) return [first, second];
  if (sizeOf(first.shape) !== sizeOf(second.shape)) return null;
  if (hasNoShape(first)) return [reshaped(first, second.shape), second];
  if (hasNoShape(second)) return [first, reshaped(second, first.shape)];
  return null;
}

/** Whether every operand is walked in step or not at all, so that the shape does not matter. */
function hasNoShape(call: ElementwiseCall): boolean {
  return [...call.inputs, ...call.outputs].every(({ access }) =>
    isRowMajor(access, call.shape) || isConstant(access)
  );
}

function reshaped(call: ElementwiseCall, shape: readonly number[]): ElementwiseCall {
  const operand = ({ storage, access }: Operand): Operand => ({
    storage,
    access: isRowMajor(access, call.shape)
      ? { strides: rowMajor(shape), offset: 0 }
      : { strides: shape.map(() => 0), offset: access.offset },
  });
  return { ...call, shape, inputs: call.inputs.map(operand), outputs: call.outputs.map(operand) };
}

function joinNames(a: string, b: string): string {
  const name = `${a} + ${b}`;
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}
