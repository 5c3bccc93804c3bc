/**
 * What a runtime cannot do, with its reason: how many tests of a module fail there and with which words. A run is right when
 * these fail and no others.
 *
 * @module
 */
import type { FileOutcome } from "../drivers/differences.ts";
import type { RuntimeName } from "./run_tests.ts";

/** Tests of a module that do not pass in a runtime. */
export interface LeftOut {
  readonly file: string;
  /** How many; `"all"` where the module cannot be loaded, so that it is not tried. */
  readonly tests: number | "all";
  /** The fewest that fail, where that depends on the time that things take; as many as `tests` unless given. */
  readonly least?: number;
  /** What their errors match. */
  readonly error: RegExp;
  readonly why: string;
}

const NOT_HERE = /NotHere: |Deno must read and write files|Deno is not defined|in a folder|may be read/;

function files(
  file: string,
  tests: number | "all",
  why = "it reads and writes files or starts servers and processes",
): LeftOut {
  return { file: `tests/${file}`, tests, error: NOT_HERE, why };
}

function inspects(file: string, tests = 1): LeftOut {
  return { file: `tests/${file}`, tests, error: /Deno\.inspect/, why: "it looks at how Deno prints values" };
}

const ZEROS = "the compiler of Chromium and Dawn loses the sign of a zero that a kernel hands on; " +
  "on the same driver Deno's keeps it, and WGSL promises nothing";
const LINES =
  "library and program are one file when they are bundled, so that the program's own lines are not told apart";
const LOSS =
  "the loss of a device is told at the end of the turn, not at once as Deno's buffers tell it, and in other words";
const MEMORY = "memory that is not there is told some time later, as WebGPU has it, not at once as in Deno";
const DENORMAL = "SwiftShader takes denormal numbers for 0, as WGSL allows";

/** What reads and writes files, which Deno alone does. */
const FILES: readonly LeftOut[] = [
  files("data/download_doors_test.ts", "all"),
  files("data/download_test.ts", "all"),
  files("data/fashion_mnist_test.ts", "all"),
  files("data/find_images_test.ts", "all"),
  files("data/image_files_test.ts", "all"),
  files("data/mnist_test.ts", "all"),
  ...["checkpoints", "distribute", "failures", "local_sgd", "process_group", "sync_batch_norm", "two_hosts"]
    .map((name) => files(`nn/distributed/${name}_test.ts`, "all", "it starts processes by MPI's launcher")),
  files("nn/train/anomaly_faults_test.ts", "all"),
  files("nn/train/checkpoints/checkpoint_file_test.ts", "all"),
  files("nn/train/checkpoints/kills_test.ts", "all"),
  files("nn/train/fit_anomaly_checkpoints_test.ts", "all"),
  files("nn/train/fit_checkpoints_test.ts", "all"),
  files("nn/train/fit_other_training_test.ts", "all"),
  files("ops/core/files_test.ts", "all"),
  files("ops/core/tuning/tuning_file_test.ts", "all"),
  files(
    "ops/core/compile/merge_dispatches_test.ts",
    "all",
    "it imports a script of the study, which has a command line",
  ),
  files(
    "ops/core/compile/lenet_step_test.ts",
    "all",
    "it imports a script of the study, which has a command line",
  ),
  files(
    "nn/onnx/export_onnx_test.ts",
    "all",
    "ONNX Runtime, which it compares with, is a package of Deno's there",
  ),
  files("data/formats/png_test.ts", "all", "it compares with an npm package that a page has not"),
  files("data/formats/torch_reads_test.ts", "all"),
  files("ops/leftovers_test.ts", "all"),
  files("ops/core/trace_test.ts", 1),
  inspects("ops/core/tensor/format_test.ts"),
  files("ops/gpu/device_test.ts", 8),
  files("ops/core/tuning/autotune_test.ts", 3),
  files("ops/kernels/texts_test.ts", 1, "it reads the library's folders"),
  files("random_programs_test.ts", 1),
  inspects("nn/module_test.ts"),
  inspects("nn/summary_test.ts"),
  inspects("ops/core/tensor/tensor_test.ts"),
];

const left = (file: string, tests: number | "all", error: RegExp, why: string): LeftOut => {
  return { file: `tests/${file}`, tests, error, why };
};

/** What differs where Dawn compiles and runs the kernels, in Chromium and in Node. */
const DAWN: readonly LeftOut[] = [
  left("ops/core/assert_no_leaks_test.ts", 2, /./, LINES),
  left("ops/gpu/allocations_test.ts", 1, /./, LINES),
  left("ops/gpu/lost_device_test.ts", 7, /./, LOSS),
  left("ops/gpu/out_of_memory_test.ts", 6, /./, MEMORY),
  left("ops/kernels/resample_test.ts", 1, /the sign of a zero/, ZEROS),
  left("ops/sampling/interpolate_test.ts", 1, /not equal/, ZEROS),
  left("ops/shape/pad_test.ts", 1, /not equal/, ZEROS),
  left("ops/kernels/wgsl/math_test.ts", 6, /e-(39|40)|not equal/, DENORMAL),
  left("ops/special_values_test.ts", 4, /1e-45|-0 and 1|not equal/, `${DENORMAL}; and ${ZEROS}`),
];

/** The lists by runtime. */
export const LEFT_OUT: Readonly<Record<RuntimeName, readonly LeftOut[]>> = {
  chromium: [
    ...FILES,
    ...DAWN,
    left(
      "data/formats/gunzip_test.ts",
      "all",
      NOT_HERE,
      "it packs with Node's zlib; what a page unpacks is in tests/data/split/given_files_test.ts",
    ),
    left(
      "data/formats/idx_test.ts",
      4,
      /node:zlib|gzip/,
      "parseIdx() unpacks by Node's zlib alone; gunzip() is for pages",
    ),
    {
      ...left(
        "ops/core/scope_test.ts",
        4,
        /./,
        "browsers have no AsyncLocalStorage: async functions that run at once share scopes and noGrad",
      ),
      least: 3,
    },
  ],
  node: [
    ...FILES,
    ...DAWN.filter(({ file }) => !/lost_device/.test(file)),
    left("ops/gpu/lost_device_test.ts", "all", /./, `${LOSS}; work that is on its way then ends the process`),
    left(
      "data/formats/gunzip_test.ts",
      2,
      /./,
      "Node 20's DecompressionStream stops at zeros between two members",
    ),
    left(
      "data/formats/idx_test.ts",
      1,
      /must become at most/,
      "Node 20's zlib leaves zeros behind the last member uncounted",
    ),
    left("ops/core/scope_test.ts", 1, NOT_HERE, "it starts a process of its own"),
  ],
};

/**
 * Compares what came of modules with what is left out.
 *
 * @returns A line for each module that came to something else; nothing if all is as expected.
 */
export function surprisesOf(outcomes: readonly FileOutcome[], expected: readonly LeftOut[]): string[] {
  return outcomes.flatMap(({ file, failures }) => {
    const known = expected.find((e) => e.file === file), wanted = known?.tests ?? 0;
    const others = failures.filter(({ message }) => !known?.error.test(message));
    const lines = others.map(({ test, message }) => `${file}: ${test}: ${message}`);
    const isExpected = failures.length <= Number(wanted) &&
      failures.length >= (known?.least ?? Number(wanted));
    return isExpected || others.length > 0
      ? lines
      : [`${file}: ${failures.length} tests failed, ${wanted} were expected to: ${
        failures.map((f) => f.test).join("; ")
      }`];
  });
}
