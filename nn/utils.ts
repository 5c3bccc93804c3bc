/**
 * Working on all parameters at once, under the names of PyTorch's `torch.nn.utils`: clipping gradients, and parameters
 * as one vector.
 *
 * @module
 */
import { show } from "../ops/core/shape.ts";
import { signature } from "../ops/core/signature.ts";
import { FLOAT_TENSOR, TENSOR } from "../ops/core/tensor/kinds.ts";
import { type Reducer, SUM } from "../ops/kernels/reduce.ts";
import { readFlat, writeFlat } from "./flat.ts";
import { LARGEST } from "./magnitude.ts";
import { differentiable, noGrad } from "../ops/core/autograd/autograd.ts";
import { empty } from "../ops/core/tensor/create.ts";
import { compute } from "../ops/core/tensor/compute.ts";
import { reduceAll, updateAll } from "../ops/core/families/foreach.ts";
import { copyInto } from "../ops/core/tensor/in_place.ts";
import { Tensor } from "../ops/core/tensor/tensor.ts";
import { floatFunction, programOf } from "../ops/kernels/wgsl/program.ts";
import { describe } from "../ops/core/describe.ts";
import { BOOLEAN, either, ITERABLE, type Kind, NUMBER, numberFrom } from "../ops/core/kinds.ts";

/** Options of {@linkcode clipGradNorm}. */
export interface ClipGradNormOptions {
  /** The p of the p-norm, above 0; `Infinity` takes the largest magnitude. 2 unless given. */
  normType?: number;
  /** Whether a norm that is NaN or infinite is an error, false unless given: then the call waits for the GPU. */
  errorIfNonfinite?: boolean;
}

const SCALE = programOf(
  floatFunction(
    "clip",
    ["g", "total", "most"],
    "let c = most / (total + 1e-6); return g * select(c, 1.0, lessf(1.0, c));",
  ),
  1,
);

const CLAMP = programOf(
  floatFunction("clip", ["g", "most"], "select(clamp(g, -most, most), g, isnanf(g))"),
  1,
);

const PARAMETERS: Kind = either(TENSOR, ITERABLE);
const takesNorm = signature<ClipGradNormOptions>("apply clipGradNorm", {
  parameters: PARAMETERS,
  maxNorm: numberFrom(0),
}, { normType: NUMBER, errorIfNonfinite: BOOLEAN });

/**
 * Scales the gradients of all parameters down in place so that their norm, taken over all of them as one vector, is at
 * most `maxNorm`. Gradients of a smaller norm stay. Nothing is read back.
 *
 * @param parameters Parameters, or one; parameters without a gradient are left out.
 * @param maxNorm The largest norm.
 * @param options Which norm.
 * @returns The norm before, a scalar.
 * @throws {RangeError} If `normType` is not above 0.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([3, 4], { requiresGrad: true });
 * w.mul(w).sum().backward(); // the gradient is [6, 8]
 * const norm = nn.utils.clipGradNorm([w], 5);
 * assertAlmostEquals(await norm.item(), 10, 1e-5);
 * assertAlmostEquals((await w.grad!.data())[0], 3, 1e-5);
 * ```
 */
export function clipGradNorm(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options?: ClipGradNormOptions & { errorIfNonfinite?: false },
): Tensor;
/**
 * Scales gradients down as the other form does, once their norm is known to be finite. It waits for the GPU, so it is no
 * part of a captured step.
 *
 * @param parameters Parameters, or one; parameters without a gradient are left out.
 * @param maxNorm The largest norm.
 * @param options Which norm, with `errorIfNonfinite: true`.
 * @returns The norm before, a scalar.
 * @throws {RangeError} If the norm is NaN or infinite; the gradients stay.
 */
export function clipGradNorm(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options: ClipGradNormOptions & { errorIfNonfinite: true },
): Promise<Tensor>;
export function clipGradNorm(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): Tensor | Promise<Tensor> {
  takesNorm(arguments);
  const { normType = 2, errorIfNonfinite = false } = options;
  if (!(normType > 0) || !Number.isFinite(Math.fround(1 / normType))) {
    throw new RangeError(
      `Cannot apply clipGradNorm as normType must be above 0, and its inverse a number of float32: ${normType}`,
    );
  }
  const gradients = gradientsOf("apply clipGradNorm", parameters), total = normOf(gradients, normType);
  const scale = () =>
    updateAll("clip gradients", SCALE, [0], gradients.map((g) => ({ tensors: [g] })), {
      scalars: [total],
      numbers: [maxNorm],
    });
  if (errorIfNonfinite) return whenFinite(total, scale);
  scale();
  return total;
}

/** Goes on once a norm is known to be finite. */
async function whenFinite(total: Tensor, scale: () => void): Promise<Tensor> {
  const norm = await total.item();
  if (!Number.isFinite(norm)) {
    total.dispose();
    throw new RangeError(`Cannot apply clipGradNorm as the norm of the gradients must be finite: ${norm}`);
  }
  scale();
  return total;
}

const takesValue = signature("apply clipGradValue", { parameters: PARAMETERS, clipValue: numberFrom(0) });

/**
 * Clips every element of the gradients in place to lie within ± `clipValue`; NaN stays.
 *
 * @param parameters Parameters, or one; parameters without a gradient are left out.
 * @param clipValue The largest magnitude.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const w = tensor([3, -4, 0.25], { requiresGrad: true });
 * w.mul(w).sum().backward();
 * nn.utils.clipGradValue([w], 1);
 * assertEquals(await w.grad!.toArray(), [1, -1, 0.5]);
 * ```
 */
export function clipGradValue(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  takesValue(arguments);
  const members = gradientsOf("apply clipGradValue", parameters).map((g) => ({ tensors: [g] }));
  updateAll("clip gradients", CLAMP, [0], members, { numbers: [clipValue] });
}

const takesToVector = signature("apply parametersToVector", { parameters: ITERABLE });

/**
 * Puts the elements of all parameters into one vector, one parameter after another. Gradients flow through.
 *
 * @param parameters The parameters, float32.
 * @returns A vector of as many elements.
 * @throws {RangeError} If there are no parameters.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const vector = nn.utils.parametersToVector([tensor([[1, 2], [3, 4]]), tensor([5])]);
 * assertEquals(await vector.toArray(), [1, 2, 3, 4, 5]);
 * ```
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  takesToVector(arguments);
  const all = tensorsOf("apply parametersToVector", parameters), places = placesOf(all);
  if (all.length === 0) {
    throw new RangeError("Cannot apply parametersToVector as there must be parameters: none were given");
  }
  const y = empty([places.size]);
  all.forEach((p, k) => writeFlat("parameters to vector", p, y, places.starts[k]!));
  return differentiable("parametersToVector", y, all, {
    saved: [],
    gradient: (dy, _, needs) => all.map((p, k) => needs[k] ? sliceOf(dy, p.shape, places.starts[k]!) : null),
  });
}

const takesToParameters = signature("apply vectorToParameters", {
  vector: FLOAT_TENSOR,
  parameters: ITERABLE,
});

/**
 * Overwrites the parameters with the elements of a vector: the reverse of {@linkcode parametersToVector}.
 *
 * @param vector As many elements as the parameters have together.
 * @param parameters The parameters.
 * @throws {RangeError} If the vector has more or fewer elements.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, tensor, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const [a, b] = [zeros([2, 2]), zeros([1])];
 * nn.utils.vectorToParameters(tensor([1, 2, 3, 4, 5]), [a, b]);
 * assertEquals([await a.toArray(), await b.toArray()], [[[1, 2], [3, 4]], [5]]);
 * ```
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  takesToParameters(arguments);
  const all = tensorsOf("apply vectorToParameters", parameters), { size, starts } = placesOf(all);
  if (vector.shape.length !== 1 || vector.size !== size) {
    throw new RangeError(
      `Cannot apply vectorToParameters as the vector must have the ${size} elements of the parameters: its shape is ${
        show(vector.shape)
      }`,
    );
  }
  noGrad(() =>
    all.forEach((p, k) => {
      const slice = sliceOf(vector, p.shape, starts[k]!);
      copyInto(p, slice);
      slice.dispose();
    })
  );
}

/** Tensors as an array, which other values are refused in. */
function tensorsOf(action: string, parameters: Iterable<Tensor>): Tensor[] {
  const all = [...parameters], wrong = all.findIndex((p) => !(p instanceof Tensor));
  if (wrong < 0) return all;
  throw new TypeError(
    `Cannot ${action} as its parameters must be tensors: number ${wrong} is ${describe(all[wrong])}`,
  );
}

function gradientsOf(action: string, parameters: Tensor | Iterable<Tensor>): Tensor[] {
  return tensorsOf(action, parameters instanceof Tensor ? [parameters] : parameters).map((p) => p.grad)
    .filter((g) => g !== null);
}

/** Adds the p-th powers of magnitudes up; any but the first two is a number of the dispatch. */
const SIZES: Reducer = { ...SUM, name: "sizes", add: ([s], x) => `${s} += abs(${x});` };
const SQUARES: Reducer = { ...SUM, name: "squares", add: ([s], x) => `${s} += ${x} * ${x};` };
const POWERS: Reducer = {
  ...SUM,
  name: "powers",
  numberNames: ["power"],
  add: ([s], x) => `${s} += powf(abs(${x}), u.power);`,
};

/** The p-norm of all elements. */
function normOf(tensors: readonly Tensor[], p: number): Tensor {
  if (!Number.isFinite(Math.fround(p))) return reduceAll("gradient norm", LARGEST, LARGEST, tensors);
  const isGeneral = p !== 1 && p !== 2, powers = isGeneral ? POWERS : p === 1 ? SIZES : SQUARES;
  const sum = reduceAll("gradient norm", powers, SUM, tensors, isGeneral ? [p] : []);
  if (p === 1) return sum;
  const root = isGeneral
    ? programOf(floatFunction("root", ["s", "q"], "powf(s, q)"), 1)
    : programOf(floatFunction("root", ["s"], "sqrt(s)"));
  const total = compute("gradient norm", root, [], [sum], isGeneral ? [1 / p] : [], "float32");
  sum.dispose();
  return total;
}

/** Where each parameter begins in the vector of all, and its size. */
function placesOf(parameters: readonly Tensor[]): { starts: number[]; size: number } {
  let size = 0;
  const starts = parameters.map((p) => (size += p.size) - p.size);
  return { starts, size };
}

function sliceOf(vector: Tensor, shape: readonly number[], offset: number): Tensor {
  return readFlat("vector to parameters", vector, shape, offset);
}
