/**
 * Programs of each family of kernels, large enough for its tiles, chunks and passes, small enough for a reference in plain
 * loops.
 *
 * @module
 */
import {
  type Arg,
  type Leaf,
  type LeafOptions,
  type Program,
  Ref,
  type Step,
} from "../../tests/support/programs/program.ts";

/** A program, and the kernels that it is about. */
export interface FamilyProgram {
  readonly name: string;
  readonly program: Program;
  /** Whether a quick look has it too. */
  readonly isQuick: boolean;
}

/** Arguments of a call: numbers and options, and shapes of the tensors that it takes. */
type Given = Arg | { readonly leaf: readonly number[] } & Partial<LeafOptions>;

let seed = 0;

/** A program of one call. */
function call(name: string, fn: string, given: readonly Given[], { isQuick = false, result = "one" }: {
  isQuick?: boolean;
  result?: Step["result"];
} = {}): FamilyProgram {
  const leaves: Leaf[] = [];
  const place = (arg: Given): Arg => {
    if (typeof arg !== "object" || arg === null || arg instanceof Ref || Array.isArray(arg)) {
      return arg as Arg;
    }
    if (!("leaf" in arg)) {
      return Object.fromEntries(Object.entries(arg).map(([k, v]) => [k, place(v as Given)]));
    }
    const { leaf: shape, ...options } = arg as { leaf: readonly number[] } & Partial<LeafOptions>;
    const made = { name: `a${leaves.length}`, shape, seed: ++seed, requiresGrad: !options.dtype, ...options };
    leaves.push(made);
    return new Ref(made.name);
  };
  const args = given.map(place), names = result === "pair" ? ["v0", "v1"] : ["v0"];
  return {
    name,
    isQuick,
    program: { seed: ++seed, leaves, layers: [], steps: [{ names, result, fn, args }] },
  };
}

const quick = { isQuick: true };

/** The programs. */
export const FAMILY_PROGRAMS: readonly FamilyProgram[] = [
  call("elementwise, broadcasting", "mul", [{ leaf: [300, 1, 41] }, { leaf: [3, 41] }], quick),
  call("elementwise, a chain's end", "gelu", [{ leaf: [20_000] }]),
  call("matrix product, tiles", "matmul", [{ leaf: [130, 70] }, { leaf: [70, 90] }], quick),
  call("matrix product, batches", "matmul", [{ leaf: [5, 33, 40] }, { leaf: [5, 40, 37] }]),
  call("matrix product, a long sum", "matmul", [{ leaf: [3, 9000] }, { leaf: [9000, 5] }]),
  call("linear layer", "linear", [{ leaf: [64, 100] }, { leaf: [50, 100] }, { bias: { leaf: [50] } }]),
  call("convolution, direct", "conv2d", [{ leaf: [5, 3, 17, 19] }, { leaf: [8, 3, 5, 5] }, {
    padding: 2,
    bias: { leaf: [8] },
  }], quick),
  call("convolution, strides and groups", "conv2d", [{ leaf: [4, 6, 15, 13] }, { leaf: [9, 2, 3, 3] }, {
    stride: 2,
    groups: 3,
  }]),
  call("convolution, transposed", "convTranspose2d", [{ leaf: [3, 6, 9, 9] }, { leaf: [6, 5, 3, 3] }, {
    stride: 2,
    padding: 1,
  }]),
  call("pooling, maxima", "maxPool2d", [{ leaf: [8, 6, 20, 20] }, { kernelSize: 2 }], quick),
  call("pooling, means that overlap", "avgPool2d", [{ leaf: [4, 6, 21, 21] }, {
    kernelSize: 3,
    stride: 2,
    padding: 1,
  }]),
  call("pooling, windows of 40 by 40", "avgPool2d", [{ leaf: [2, 3, 60, 60] }, {
    kernelSize: 40,
    stride: 20,
  }]),
  call("reduction, over all", "sum", [{ leaf: [70_000] }], quick),
  call("reduction, over the first dimension", "mean", [{ leaf: [900, 40] }, { dim: 0 }]),
  call("reduction, maxima", "amax", [{ leaf: [30, 1100] }, { dim: 1 }]),
  call("reduction, variances", "var", [{ leaf: [12, 2500] }, { dim: 1 }]),
  call("rows, softmax", "softmax", [{ leaf: [32, 1100], low: -9, high: 9 }, { dim: 1 }], quick),
  call("rows, cross-entropy", "crossEntropy", [
    { leaf: [64, 1000], low: -9, high: 9 },
    { leaf: [64], dtype: "int32", low: 0, high: 1000 },
  ]),
  call("rows, running sums", "cumsum", [{ leaf: [3, 1200] }, { dim: 1 }]),
  call("normalisation of batches", "batchNorm2d", [{ leaf: [8, 6, 14, 14] }, {
    weight: { leaf: [6] },
    bias: { leaf: [6] },
    training: true,
  }], quick),
  call("normalisation of layers", "layerNorm", [{ leaf: [20, 900] }, {
    normalizedShape: [900],
    weight: { leaf: [900] },
    bias: { leaf: [900] },
  }]),
  call("indexing, sums of rows that meet", "embedding", [
    { leaf: [3000], dtype: "int32", low: 0, high: 40 },
    { leaf: [40, 8] },
  ], quick),
  call("indexing, gather", "gather", [
    { leaf: [50, 70] },
    { leaf: [90, 70], dtype: "int32", low: 0, high: 50 },
    { dim: 0 },
  ]),
  call("indexing, the largest in order", "topk", [{ leaf: [3, 6000] }, 40], { result: "pair" }),
  call("resampling", "interpolate", [{ leaf: [3, 4, 17, 13] }, { size: [40, 30], mode: "bilinear" }], quick),
  call("random numbers", "dropout", [{ leaf: [20_000] }, { p: 0.3 }], quick),
  call("movement", "permute", [{ leaf: [23, 31, 17] }, [2, 0, 1]], quick),
];
