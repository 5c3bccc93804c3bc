/**
 * Making tensors of evenly spaced numbers, and identity matrices.
 *
 * @module
 */
import type { DType } from "../../kernels/wgsl/dtype.ts";
import type { ElementFunction } from "../../kernels/wgsl/program.ts";
import { signature } from "../signature.ts";
import { computeInto } from "./compute.ts";
import { CREATE_OPTIONS, type CreateOptions, empty, expectRoom, requiring, tensor } from "./create.ts";
import type { Tensor } from "./tensor.ts";
import { FINITE, NUMBER, optional, whole } from "../kinds.ts";

const ARANGE = "apply arange";
const takesEnd = signature<CreateOptions>(ARANGE, { end: FINITE }, CREATE_OPTIONS);
const takesBoth = signature<CreateOptions>(ARANGE, { start: FINITE, end: FINITE }, CREATE_OPTIONS);
const takesStep = signature<CreateOptions>(
  ARANGE,
  { start: FINITE, end: FINITE, step: optional(FINITE) },
  CREATE_OPTIONS,
);

/**
 * Makes a tensor of the whole numbers from 0 up to, but without, `end`.
 *
 * @param end Where it stops.
 * @param options Type, and whether gradients are wanted.
 */
export function arange(end: number, options?: CreateOptions): Tensor;
/**
 * Makes a tensor of numbers `step` apart, from `start` up to, but without, `end`: `start + k step`, computed in float64 and
 * rounded once.
 *
 * @param start The first number; 0 where only the end is given.
 * @param end Where it stops.
 * @param step The distance, 1 unless given; negative ones count down.
 * @param options Type (float32 unless given, where PyTorch takes integers for whole numbers), and whether gradients are
 *   wanted.
 * @returns A tensor of one dimension.
 * @throws {RangeError} If the step is 0, leads away from the end, or a number is not finite.
 *
 * @example Usage
 * ```ts
 * import { arange, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await arange(3).toArray(), [0, 1, 2]);
 * assertEquals(await arange(1, 4, { dtype: "int32" }).toArray(), [1, 2, 3]);
 * assertEquals(await arange(1, 2, 0.25).toArray(), [1, 1.25, 1.5, 1.75]);
 * ```
 */
export function arange(start: number, end: number, step?: number, options?: CreateOptions): Tensor;
/**
 * Makes a tensor of numbers 1 apart, from `start` up to, but without, `end`.
 *
 * @param start The first number.
 * @param end Where it stops.
 * @param options Type, and whether gradients are wanted.
 */
export function arange(start: number, end: number, options: CreateOptions): Tensor;
export function arange(...args: (number | CreateOptions | undefined)[]): Tensor {
  const takes = args.length > 3 || typeof args[2] === "number"
    ? takesStep
    : typeof args[1] === "number"
    ? takesBoth
    : takesEnd;
  const options = takes(args), numbers = args.filter((v) => typeof v === "number");
  const [start, end, step = 1] = (takes === takesEnd ? [0, ...numbers] : numbers) as [
    number,
    number,
    number?,
  ];
  if (step === 0 || (end - start) * Math.sign(step) < 0) {
    throw new RangeError(
      `Cannot ${ARANGE} as a step other than 0 must lead from start to end: ${start} to ${end} by ${step}`,
    );
  }
  return fromFormula(Math.ceil((end - start) / step), (k) => start + k * step, options);
}

const takesLinspace = signature<CreateOptions>("apply linspace", {
  start: NUMBER,
  end: NUMBER,
  steps: whole(0),
}, CREATE_OPTIONS);

/**
 * Makes a tensor of `steps` numbers evenly spaced from `start` to `end`, both included.
 *
 * @param start The first number.
 * @param end The last number.
 * @param steps How many numbers.
 * @param options Type, and whether gradients are wanted.
 * @returns A tensor `[steps]`.
 * @throws {RangeError} If `steps` is not a whole number from 0 up.
 *
 * @example Usage
 * ```ts
 * import { linspace, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await linspace(-1, 1, 5).toArray(), [-1, -0.5, 0, 0.5, 1]);
 * ```
 */
export function linspace(start: number, end: number, steps: number, options: CreateOptions = {}): Tensor {
  takesLinspace(arguments);
  const by = (end - start) / Math.max(steps - 1, 1);
  // counted from both ends, as PyTorch does it, so that the last number is `end` itself
  return fromFormula(steps, (k) => (k < steps / 2 ? start + k * by : end - (steps - 1 - k) * by), options);
}

/** Numbers by their place, on the CPU: float64 keeps the last digit right, which float32 on the GPU would not. */
function fromFormula(n: number, value: (k: number) => number, options: CreateOptions): Tensor {
  expectRoom([n]);
  return tensor(Float64Array.from({ length: n }, (_, k) => value(k)), { ...options, shape: [n] });
}

/** The element of an identity matrix for each type. */
const ON_DIAGONAL = "n / columns == n % columns";
const EYE: Readonly<Record<DType, string>> = {
  float32: `select(0.0, 1.0, ${ON_DIAGONAL})`,
  int32: `select(0, 1, ${ON_DIAGONAL})`,
  bool: ON_DIAGONAL,
};

const takesEye = signature<CreateOptions>(
  "apply eye",
  { n: whole(0), m: optional(whole(0)) },
  CREATE_OPTIONS,
);

/**
 * Makes an identity matrix: ones on the diagonal, zeros elsewhere.
 *
 * @param n Number of rows.
 * @param m Number of columns, `n` unless given.
 * @param options Type, and whether gradients are wanted.
 * @returns A tensor `[n, m]`.
 * @throws {RangeError} If a size is not a whole number from 0 up.
 *
 * @example Usage
 * ```ts
 * import { eye, openDevice } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * assertEquals(await eye(2, 3).toArray(), [[1, 0, 0], [0, 1, 0]]);
 * ```
 */
export function eye(n: number, m: number = n, options: CreateOptions = {}): Tensor {
  takesEye(arguments);
  const { dtype = "float32" } = options, t = empty([n, m], dtype);
  if (t.size > 0) {
    const fn: ElementFunction = {
      name: "eye",
      args: [["n", "int32"], ["columns", "int32"]],
      result: dtype,
      body: EYE[dtype],
    };
    const steps = [{ fn, args: ["n", "p0"] }];
    computeInto("eye", { inputs: [], numbers: ["int32"], steps, outputs: ["s0"] }, t.shape, [], [t], [m]);
  }
  return requiring(t, options.requiresGrad);
}
