/**
 * Numbers for tests, and comparing numbers.
 *
 * @module
 */
import { assertEquals, AssertionError, assertThrows } from "@std/assert";
import { type CreateOptions, type Tensor, tensor } from "../../mod.ts";
import { noise } from "./oracle.ts";
import { sizeOf } from "./reference.ts";

/** Options of {@linkcode noiseTensor}. */
export interface NoiseOptions extends CreateOptions {
  seed?: number;
  /** Factor on the numbers, which lie within ± 0.5. */
  scale?: number;
  offset?: number;
}

/** A tensor of reproducible numbers that requires a gradient unless told otherwise. */
export function noiseTensor(shape: readonly number[], options: NoiseOptions = {}): Tensor {
  const { seed = 1, scale = 2, offset = 0, requiresGrad = true } = options;
  return tensor(noise(seed, sizeOf(shape)).map((v) => v * scale + offset), { shape, requiresGrad });
}

/** Reproducible numbers, all different and at least `gap` apart, in no order: for maxima. */
export function distinctTensor(shape: readonly number[], gap = 0.1): Tensor {
  const n = sizeOf(shape), step = 7919; // a prime, so that it visits every place of a smaller or coprime n
  return tensor(Float64Array.from({ length: n }, (_, i) => ((i * step) % n - n / 2) * gap), {
    shape,
    requiresGrad: true,
  });
}

/** The bits of float32 numbers, which tell -0 from 0. */
export function bitsOf(values: ArrayLike<number>): Uint32Array {
  return new Uint32Array(Float32Array.from(values).buffer);
}

/** Throws unless `|got - want| <= atol + rtol |want|` everywhere; NaN equals NaN, infinities themselves. */
export function assertClose(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { atol = 0, rtol = 0 }: { atol?: number; rtol?: number },
): void {
  if (got.length !== want.length) {
    throw new AssertionError(`Expected ${want.length} values, got ${got.length}`);
  }
  for (let i = 0; i < want.length; i++) {
    if (Object.is(got[i], want[i]) || Math.abs(got[i] - want[i]) <= atol + rtol * Math.abs(want[i])) continue;
    throw new AssertionError(
      `Expected [${i}] to be ${want[i]} within ${atol} + ${rtol} of it, got ${got[i]}`,
    );
  }
}

/** How many representable float32 numbers lie between two. */
export function ulps(a: number, b: number): number {
  if (Number.isNaN(a) && Number.isNaN(b)) return 0;
  const [x, y] = new Int32Array(Float32Array.of(a, b).buffer).map((v) => (v < 0 ? -(v & 0x7fffffff) : v));
  return Number.isNaN(a) || Number.isNaN(b) ? Infinity : Math.abs(x - y);
}

/** Throws unless `fn` throws an error of this class with exactly this message. */
export function assertRefuses(
  fn: () => unknown,
  kind: typeof Error | typeof RangeError | typeof TypeError,
  message: string,
): void {
  const error = assertThrows(fn, kind);
  assertEquals(error.message, message);
}
