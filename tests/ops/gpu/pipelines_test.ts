import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { openDevice, tensor } from "../../../mod.ts";
import type { Kernel } from "../../../ops/gpu/kernel.ts";
import { PipelineCache, shaderError } from "../../../ops/gpu/pipelines.ts";
import { Storage } from "../../../ops/gpu/storage.ts";

const BROKEN: Kernel = {
  name: "broken sum",
  wgsl: `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() {
  y[0] = nothing + 1.0;
}`,
  bindings: ["read_write"],
  numberBytes: 0,
};

const device = await openDevice();

Deno.test("a kernel is compiled once for its text", () => {
  const compiled: [string, number][] = [];
  const cache = new PipelineCache(device.gpu, (...of) => compiled.push(of));
  const kernel = { ...BROKEN, name: "right", wgsl: BROKEN.wgsl.replace("nothing", "1.0") };
  const first = cache.get(kernel);
  assertStrictEquals(cache.get({ ...kernel, name: "same text" }), first);
  assertEquals([compiled, cache.size, cache.compileMs > 0], [[["right", 0]], 1, true]);
});

Deno.test("of very many kernels those go that were not used for the longest time, and who holds one goes on with it", async () => {
  const cache = new PipelineCache(device.gpu, () => {}, 2);
  const kernel = (value: number) => ({ ...BROKEN, wgsl: BROKEN.wgsl.replace("nothing", `${value}.0`) });
  const first = cache.get(kernel(1)), storage = new Storage(device, 4);
  const work = { kernel: kernel(1), bind: [storage], numbers: null, workgroups: 1 };
  const sequence = device.queue.prepare([work]);
  for (const value of [2, 1, 3]) cache.get(kernel(value)); // of 1 and 2, 2 was used longer ago
  assertEquals([cache.size, cache.compiled], [2, 3]);
  assertStrictEquals(cache.get(kernel(1)), first);
  cache.get(kernel(2));
  assertEquals([cache.size, cache.compiled], [2, 4]);
  assertNotEquals(cache.get(kernel(3)).id, first.id);
  device.queue.replay(sequence);
  assertEquals(new Float32Array(await device.queue.read(storage, 4))[0], 2);
  sequence.dispose();
  storage.release();
});

Deno.test("shaderError() names the kernel and shows the line", () => {
  const { message } = shaderError(BROKEN, "unknown identifier\n  ┌─ wgsl:4:10");
  assertEquals(
    message,
    "Cannot compile kernel broken sum as its WGSL must be valid: unknown identifier\n  ┌─ wgsl:4:10\n" +
      "at line 4: y[0] = nothing + 1.0;",
  );
  assertEquals(
    shaderError(BROKEN, "out of memory ").message,
    "Cannot compile kernel broken sum as its WGSL must be valid: out of memory",
  );
});

Deno.test("a shader error reaches the next read, with the kernel's name and line", async () => {
  const storage = new Storage(device, 4);
  device.queue.run({ kernel: BROKEN, bind: [storage], numbers: null, workgroups: 1 });
  const error = await assertRejects(() => device.queue.read(storage, 4), Error);
  assertMatch(error.message, /^Cannot compile kernel broken sum as its WGSL must be valid: [^]*\bnothing\b/);
  assertMatch(error.message, /\nat line 4: y\[0\] = nothing \+ 1\.0;$/);
  assertEquals(await tensor([1]).toArray(), [1]); // it is told once, and other work goes on
  storage.release();
});

Deno.test("a kernel with more storage buffers than the adapter binds is refused before WebGPU does so", () => {
  const most = device.limits.maxStorageBuffersPerShaderStage, cache = new PipelineCache(device.gpu);
  const kernel = (count: number): Kernel => ({
    name: "many",
    wgsl: "@compute @workgroup_size(1) fn main() {}",
    bindings: ["uniform", ...new Array(count).fill("read")],
    numberBytes: 0,
  });
  assertThrows(
    () => cache.get(kernel(most + 1)),
    RangeError,
    `Cannot run kernel many as it may bind ${most} storage buffers on this adapter: it binds ${most + 1}`,
  );
  assertEquals([cache.compiled, cache.get(kernel(most)).id], [0, 0]);
});
