/**
 * Channels of mean 0 and deviation 1, `y = (x - mean) / std`.
 *
 * @module
 */
import { show, type Sizes4 } from "../../ops/core/shape.ts";
import { expectImages, type Transform } from "./transform.ts";
import { signature } from "../../ops/core/signature.ts";
import { compute } from "../../ops/core/tensor/compute.ts";
import { floatArguments, type Program } from "../../ops/kernels/wgsl/program.ts";
import { either, type Kind, listOf, NUMBER, required } from "../../ops/core/kinds.ts";

/** Options of {@linkcode normalize}. */
export interface NormalizeOptions {
  /** Mean of each channel, or one for all. */
  mean: number | readonly number[];
  /** Standard deviation of each channel, or one for all. */
  std: number | readonly number[];
}

/** `means` and `stds` say how many there are of each: one for all channels, or one for each. */
function normalizeProgram(means: number, stds: number): Program {
  const names = [
    ...Array.from({ length: means }, (_, c) => `mean${c}`),
    ...Array.from({ length: stds }, (_, c) => `deviation${c}`),
  ];
  const channel = (name: string, count: number) =>
    `var ${name} = array<f32, ${count}>(${names.filter((v) => v.startsWith(name)).join(", ")});`;
  return {
    inputs: ["float32"],
    numbers: ["int32", ...names.map(() => "float32" as const)],
    steps: [{
      fn: {
        name: "normalize",
        args: [
          ["x", "float32"],
          ["n", "int32"],
          ["plane", "int32"],
          ...floatArguments(names),
        ],
        result: "float32",
        body: `${channel("mean", means)} ${channel("deviation", stds)} let c = n / plane;
  return (x - mean[c % ${means}]) / deviation[c % ${stds}];`,
      },
      args: ["i0", "n", "p0", ...names.map((_, k) => `p${k + 1}`)],
    }],
    outputs: ["s0"],
  };
}

const PER_CHANNEL: Kind = either(NUMBER, listOf(NUMBER, "numbers"));
const takes = signature<NormalizeOptions>("make normalize", {}, {
  mean: required(PER_CHANNEL),
  std: required(PER_CHANNEL),
});

/**
 * Makes a transform that subtracts a mean from each channel and divides by a standard deviation, as torchvision's
 * `Normalize` does.
 *
 * @param options Mean and standard deviation, of each channel or of all.
 * @returns A transform of images `[n, c, h, w]`, float32.
 * @throws {RangeError} If there is no mean or no deviation, or a deviation is 0. The transform: if there are neither one
 *   nor `c` of them.
 *
 * @example Usage
 * ```ts
 * import { openDevice, tensor, transforms } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([0, 1, 0, 1], { shape: [1, 2, 1, 2] });
 * const y = transforms.normalize({ mean: [0.5, 0], std: [0.5, 2] })(x);
 * assertEquals(await y.toArray(), [[[[-1, 1]], [[0, 0.5]]]]);
 * ```
 */
export function normalize(options: NormalizeOptions): Transform {
  takes(arguments);
  const list = (v: number | readonly number[]) => (typeof v === "number" ? [v] : [...v]);
  const mean = list(options.mean), std = list(options.std);
  if (mean.length === 0 || std.length === 0 || !std.every((v) => v !== 0)) {
    throw new RangeError(
      `Cannot make normalize as mean and std must be numbers, and std not 0: ${show(mean)} and ${show(std)}`,
    );
  }
  const program = normalizeProgram(mean.length, std.length);
  return (x) => {
    expectImages("normalize", x);
    const [, c, h, w] = x.shape as Sizes4;
    if ([mean, std].some((v) => v.length !== 1 && v.length !== c)) {
      throw new RangeError(
        `Cannot apply normalize as mean and std must have one value or ${c}, as x has shape ${
          show(x.shape)
        }: ${show(mean)} and ${show(std)}`,
      );
    }
    return compute("normalize", program, x.shape, [x], [h * w, ...mean, ...std], "float32");
  };
}
