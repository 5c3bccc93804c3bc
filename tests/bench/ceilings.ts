/**
 * What the adapter can do at most: multiply-adds in registers, and copies.
 *
 * @module
 */
import type { Device } from "../../mod.ts";
import type { Dispatch, Kernel } from "../../ops/gpu/kernel.ts";
import { Storage } from "../../ops/gpu/storage.ts";
import { median, stepSeconds, stepsWithin } from "./timing.ts";

/** Ceilings of an adapter. */
export interface Ceilings {
  /** Billions of multiplications and additions a second, in registers. */
  readonly gflops: number;
  /** Billions of bytes a second, read and written by a copy that exceeds the caches. */
  readonly memoryGbps: number;
  /** The same for a copy that a CPU's caches can hold. */
  readonly cacheGbps: number;
}

/** Sizes of the two copies, in bytes. */
export const LARGE_COPY = 2 ** 26, SMALL_COPY = 2 ** 20;

/** Measures the ceilings: of several kernels that do the same in other shapes, the fastest counts. */
export async function measureCeilings(device: Device, rounds: number, seconds: number): Promise<Ceilings> {
  const best = async (kernels: readonly { dispatches: Dispatch[]; work: number }[]) => {
    let most = 0;
    for (const { dispatches, work } of kernels) {
      const each = await secondsOf(device, dispatches, rounds, seconds);
      most = Math.max(most, work / each / 1e9);
      for (const bound of dispatches[0].bind) (bound as Storage).release();
    }
    return most;
  };
  return {
    gflops: await best([4, 8, 12, 16, 24].map((chains) => multiplyAdds(device, chains))),
    memoryGbps: await best([1, 4, 16].map((each) => copy(device, LARGE_COPY, each))),
    cacheGbps: await best([1, 4, 16].map((each) => copy(device, SMALL_COPY, each))),
  };
}

/** Median seconds of running dispatches, once they are compiled. */
export async function secondsOf(
  device: Device,
  dispatches: readonly Dispatch[],
  rounds: number,
  seconds: number,
): Promise<number> {
  const work = {
    step: () => dispatches.forEach((dispatch) => device.queue.run(dispatch)),
    wait: () => device.sync(),
  };
  const count = await stepsWithin(work, seconds);
  const times: number[] = [];
  while (times.length < rounds) times.push(await stepSeconds(work, count));
  return median(times);
}

/** So many independent chains of multiply-adds an invocation, all in registers. */
function multiplyAdds(device: Device, chains: number): { dispatches: Dispatch[]; work: number } {
  const turns = 1024, threads = 2 ** 15, workgroup = 64;
  const all = Array.from({ length: chains }, (_, i) => `a${i}`);
  const wgsl = `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(${workgroup}) fn main(@builtin(global_invocation_id) id: vec3u) {
  let m = 0.5 + y[id.x] * 0.25;
  let b = 0.25 + y[id.x] * 0.125;
  ${all.map((a, i) => `var ${a} = b * ${i + 1}.0;`).join(" ")}
  for (var t = 0; t < ${turns / 8}; t++) {
    ${all.map((a) => `${a} = ${a} * m + b;`).join(" ").concat("\n    ").repeat(8)}
  }
  y[id.x] = ${all.join(" + ")};
}`;
  return {
    dispatches: [
      dispatchOf(
        "multiply-adds",
        wgsl,
        [new Storage(device, 4 * threads)],
        ["read_write"],
        threads / workgroup,
      ),
    ],
    work: 2 * chains * turns * threads,
  };
}

/** A copy in vectors of four, so many an invocation; neighbours read neighbours. `work` is bytes read and written. */
export function copy(device: Device, bytes: number, each: number): { dispatches: Dispatch[]; work: number } {
  const workgroup = 64, threads = bytes / 16 / each;
  const lines = Array.from({ length: each }, (_, i) => `  y[i + ${i * threads}u] = x[i + ${i * threads}u];`);
  const wgsl = `@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(${workgroup}) fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * ${workgroup}u + id.x;
  if (i >= ${threads}u) { return; }
${lines.join("\n")}
}`;
  const storages = [new Storage(device, bytes), new Storage(device, bytes)];
  return {
    dispatches: [dispatchOf("copy", wgsl, storages, ["read", "read_write"], threads / workgroup)],
    work: 2 * bytes,
  };
}

function dispatchOf(
  name: string,
  wgsl: string,
  bind: Storage[],
  bindings: Kernel["bindings"],
  workgroups: number,
): Dispatch {
  return { kernel: { name, wgsl, bindings, numberBytes: 0 }, bind, numbers: null, workgroups };
}
