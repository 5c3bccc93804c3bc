/**
 * Sums that grow on the GPU while a network trains.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { TENSOR } from "../../ops/core/tensor/kinds.ts";
import "../../ops/methods.ts";
import { scope } from "../../ops/core/scope.ts";
import { show } from "../../ops/core/shape.ts";
import { full, zeros } from "../../ops/core/tensor/create.ts";
import { cast, computeInto } from "../../ops/core/tensor/compute.ts";
import { floatFunction, type Program } from "../../ops/kernels/wgsl/program.ts";
import { currentRecorder, persistent } from "../../ops/core/recorder.ts";
import { aliasOf } from "../../ops/core/tensor/internals.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { either, listOf, NUMBER, whole } from "../../ops/core/kinds.ts";

const takesValues = signature("add to an Accumulator", {
  values: listOf(either(NUMBER, TENSOR), "numbers and tensors"),
});
const takes = signature("make an Accumulator", { n: whole(0, 2 ** 20) });

/**
 * A sum on the GPU as two numbers, of which the first has few digits, so that what is added to it loses none: a float32
 * alone would stop counting ones at 2^24.
 */
interface LongSum {
  readonly high: Tensor;
  readonly low: Tensor;
}

/** The sum of both and a value, cut to few digits by its bits, so that no compiler sees through the subtractions. */
const NEXT_HIGH = floatFunction(
  "next_high",
  ["high", "low", "value"],
  "bitcast<f32>(bitcast<u32>(high + (low + value)) & 0xfffff000u)",
);
const NEXT_LOW = floatFunction(
  "next_low",
  ["high", "low", "value", "next"],
  "select(0.0, (low + value) - (next - high), isfinitef(next))",
);
/** Writes both numbers of a sum to which a value was added. */
const ADD: Program = Object.freeze<Program>({
  inputs: ["float32", "float32", "float32"],
  numbers: [],
  steps: [
    { fn: NEXT_HIGH, args: ["i0", "i1", "i2"] },
    { fn: NEXT_LOW, args: ["i0", "i1", "i2", "s0"] },
  ],
  outputs: ["s0", "s1"],
});

/**
 * Adds up several quantities over many steps. Tensors are added on the GPU, and nothing waits until the sums are read.
 *
 * @example Usage
 * ```ts
 * import { Accumulator, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const metric = new Accumulator(2);
 * metric.add(tensor(0.5), 10);
 * metric.add(tensor(1.5), 10);
 * assertEquals(await metric.values(), [2, 20]);
 * ```
 */
export class Accumulator {
  readonly #numbers: number[];
  readonly #sums: (LongSum | null)[];

  /**
   * Makes sums that begin at 0.
   *
   * @param n How many quantities there are.
   */
  constructor(n: number) {
    takes(arguments);
    this.#numbers = new Array<number>(n).fill(0);
    this.#sums = new Array<null>(n).fill(null);
  }

  /**
   * Adds a value to each quantity.
   *
   * @param values Numbers, or tensors of one element; as many as there are quantities.
   * @throws {RangeError} If there are more or fewer, or a tensor has more than one element.
   */
  add(...values: (number | Tensor)[]): void {
    if (values.length !== this.#numbers.length) {
      throw new RangeError(
        `Cannot add to an Accumulator of ${this.#numbers.length} as each must get a value: ${values.length}`,
      );
    }
    takesValues([values]);
    values.forEach((value, i) => {
      if (typeof value !== "number") this.#addTensor(i, value);
      else if (currentRecorder()) this.#addTensor(i, full([], value)); // a replay must add the number again
      else this.#numbers[i] += value;
    });
  }

  /** Waits for the GPU and reads the sums. */
  async values(): Promise<number[]> {
    const read = (sum: LongSum | null) => sum ? [sum.high.item(), sum.low.item()] : [0, 0];
    const onGpu = await Promise.all(this.#sums.map((sum) => Promise.all(read(sum))));
    return onGpu.map(([high, low], i) => high + low + this.#numbers[i]);
  }

  /** Sets all sums to 0. */
  reset(): void {
    this.#numbers.fill(0);
    for (const t of this.#tensors()) t.fill(0);
  }

  /** Frees the sums. */
  dispose(): void {
    for (const t of this.#tensors()) t.dispose();
    this.#sums.fill(null);
  }

  #tensors(): Tensor[] {
    return this.#sums.flatMap((sum) => (sum ? [sum.high, sum.low] : []));
  }

  #addTensor(i: number, value: Tensor): void {
    if (value.size !== 1) {
      throw new RangeError(
        `Cannot add to an Accumulator as a tensor must have one element: its shape is ${show(value.shape)}`,
      );
    }
    const { high, low } = this.#sums[i] ??= persistent(() => ({ high: zeros([]), low: zeros([]) }));
    using _ = scope();
    const one = aliasOf(cast(value, "float32"), []);
    computeInto("accumulate", ADD, [], [high, low, one], [high, low]);
  }
}
