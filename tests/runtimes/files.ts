/**
 * Which modules of tests run in Chromium and in Node, and which of them in a run of minutes.
 *
 * @module
 */
import { modulesIn } from "../support/imports.ts";
import { LEFT_OUT } from "./left_out.ts";
import type { RuntimeName } from "./run_tests.ts";

/** The tests of what runs on the GPU and of the data that goes there. */
const PATHS = [
  "tests/ops",
  "tests/nn",
  "tests/data",
  "tests/oracle_test.ts",
  "tests/trajectories_test.ts",
  "tests/random_programs_test.ts",
];

/** Modules that take long on a processor that plays the graphics card. They are left to `deno task test:runtimes`. */
const LONG = [
  "tests/oracle_test.ts",
  "tests/trajectories_test.ts",
  "tests/random_programs_test.ts",
  "tests/nn/train/anomaly_watch_test.ts",
  "tests/nn/train/fit_test.ts",
  "tests/ops/core/autograd/checkpoint_test.ts",
  "tests/ops/core/call_key_test.ts",
  "tests/ops/core/compile/compile_edges_test.ts",
  "tests/ops/core/compile/compile_test.ts",
  "tests/ops/core/compile/fuse_test.ts",
  "tests/ops/core/tuning/autotune_test.ts",
  "tests/ops/gpu/given_gpu_test.ts",
  "tests/ops/gpu/lost_device_test.ts",
  "tests/ops/gpu/out_of_memory_test.ts",
  "tests/ops/gpu/pool_test.ts",
  "tests/ops/kernels/conv2d/forward_test.ts",
  "tests/ops/kernels/conv2d/input_gradient_test.ts",
  "tests/ops/kernels/conv2d/winograd/winograd_test.ts",
  "tests/ops/kernels/matmul/matmul_test.ts",
  "tests/ops/large_layers_test.ts",
  "tests/ops/large_test.ts",
  "tests/ops/long_loops_test.ts",
  "tests/ops/long_sums_test.ts",
];
/** What of the rest runs in Node in a run of minutes: a process for each module takes longer than a worker. */
const SHORT_IN_NODE = [
  "tests/nn/layers/batch_norm_test.ts",
  "tests/nn/layers/conv2d_test.ts",
  "tests/nn/layers/linear_test.ts",
  "tests/nn/optim/sgd_test.ts",
  "tests/ops/activation/relu_test.ts",
  "tests/ops/activation/softmax_test.ts",
  "tests/ops/loss/cross_entropy_test.ts",
  "tests/ops/pooling/max_pool2d_test.ts",
  "tests/ops/reduction/sum_test.ts",
  "tests/data/byte_rows_test.ts",
];

/** All modules that run somewhere else than in Deno, but those that a runtime cannot load. */
export async function filesFor(runtime: RuntimeName): Promise<string[]> {
  const all = (await Promise.all(PATHS.map(modulesIn))).flat().filter((path) => path.endsWith("_test.ts"));
  return all.filter((path) => LEFT_OUT[runtime].find(({ file }) => file === path)?.tests !== "all");
}

/** Those of them that a run of minutes has. */
export async function shortFilesFor(runtime: RuntimeName): Promise<string[]> {
  const all = await filesFor(runtime);
  return all.filter((path) => runtime === "node" ? SHORT_IN_NODE.includes(path) : !LONG.includes(path));
}
