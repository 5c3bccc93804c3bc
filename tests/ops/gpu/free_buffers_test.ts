import { assertEquals, assertStrictEquals } from "@std/assert";
import { FreeBuffers } from "../../../ops/gpu/free_buffers.ts";

/** Something that is a buffer as far as this goes, and that notes its end. */
function buffer(name: string, size: number, destroyed: string[]): GPUBuffer {
  return { size, destroy: () => void destroyed.push(name) } as unknown as GPUBuffer;
}

Deno.test("of one size the buffer that came last is taken first", () => {
  const free = new FreeBuffers(), [a, b, c] = ["a", "b", "c"].map((name) => buffer(name, 16, []));
  for (const one of [a, b, c]) free.put(one);
  assertEquals(free.bytes, 48);
  assertStrictEquals(free.take(16), c);
  assertStrictEquals(free.take(16), b);
  assertEquals([free.take(32), free.bytes], [undefined, 16]);
});

Deno.test("takeLarger() takes the smallest that is larger, up to a size", () => {
  const free = new FreeBuffers(), sizes = [16, 32, 64, 48];
  const buffers = sizes.map((size) => buffer("", size, []));
  for (const one of buffers) free.put(one);
  assertStrictEquals(free.takeLarger(32, 64), buffers[3]);
  assertEquals(free.takeLarger(32, 63), undefined);
  assertStrictEquals(free.takeLarger(32, 64), buffers[2]);
  assertEquals([free.takeLarger(32, Infinity), free.bytes], [undefined, 48]);
});

Deno.test("destroyOldest() destroys what came first, whatever its size, until so much is free", () => {
  const destroyed: string[] = [], free = new FreeBuffers();
  for (const [name, size] of [["a", 16], ["b", 32], ["c", 16], ["d", 64]] as const) {
    free.put(buffer(name, size, destroyed));
  }
  assertEquals([free.destroyOldest(0), destroyed], [128, []]);
  assertEquals([free.destroyOldest(20), destroyed], [80, ["a", "b"]]);
  assertEquals([free.destroyOldest(1), destroyed], [64, ["a", "b", "c"]]);
  assertEquals([free.destroyOldest(Infinity), destroyed, free.bytes], [0, ["a", "b", "c", "d"], 0]);
});
