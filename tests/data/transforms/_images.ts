/**
 * What the tests of the transforms share.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { compile, manualSeed, type Tensor, tensor, type Transform } from "../../../mod.ts";
import { nextStream, words } from "../../../ops/core/tensor/random.ts";
import { unit } from "../../../ops/kernels/wgsl/philox.ts";

/** Images whose pixels count from 1 in each. */
export function counting(n: number, c: number, h: number, w: number): Tensor {
  const data = Float32Array.from({ length: n * c * h * w }, (_, i) => 1 + i % (c * h * w));
  return tensor(data, { shape: [n, c, h, w] });
}

/** Pixels as [image][channel][row][column]. */
export type Images = number[][][][];

/** The pixels of a tensor of images. */
export async function images(x: Tensor): Promise<Images> {
  return await x.toArray() as Images;
}

/** The first random numbers that the next call draws, as the CPU makes them. */
export function upcoming(seed: number, n: number): number[] {
  manualSeed(seed);
  const source = words(nextStream());
  manualSeed(seed);
  return Array.from({ length: n }, () => unit(source.next().value));
}

/** What a compiled call of `transform` makes of `x` three times. */
export async function replays(transform: Transform, x: Tensor): Promise<ArrayLike<number>[]> {
  const compiled = compile(transform);
  const results = [await compiled(x).data(), await compiled(x).data(), await compiled(x).data()];
  assertEquals(compiled.captures, 1);
  compiled.dispose();
  return results;
}
