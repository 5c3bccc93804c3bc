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
import { cloneOf, copyInto } from "../../ops/core/tensor/in_place.ts";
import { Tensor } from "../../ops/core/tensor/tensor.ts";
import { either, kind, listOf, nullable, NUMBER, recordOf, required, whole } from "../../ops/core/kinds.ts";

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

/** What `stateDict` of an {@linkcode Accumulator} gives. */
export interface AccumulatorState {
  /** What was added to each quantity as numbers. */
  numbers: number[];
  /** What was added to each as tensors: two parts of a sum, each of shape `[]`; null where there was none. */
  sums: ({ high: Tensor; low: Tensor } | null)[];
}

const takesState = signature<AccumulatorState>("load an Accumulator's state", {}, {
  numbers: required(listOf(NUMBER, "numbers")),
  sums: required(listOf(nullable(recordOf(TENSOR, "tensors")), "sums")),
});
const SCALAR = kind("a tensor of shape []", "tensor(0)", (v) => v instanceof Tensor && v.shape.length === 0);
const takesSum = signature<LongSum>("load an Accumulator's state", {}, {
  high: required(SCALAR),
  low: required(SCALAR),
});

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
      else this.#numbers[i]! += value;
    });
  }

  /** Waits for the GPU and reads the sums. */
  async values(): Promise<number[]> {
    const read = async (sum: LongSum | null, i: number) => {
      const [high, low] = sum ? await Promise.all([sum.high.item(), sum.low.item()]) : [0, 0];
      return high + low + this.#numbers[i]!;
    };
    return await Promise.all(this.#sums.map(read));
  }

  /**
   * Returns the sums as they are, without waiting for the GPU.
   *
   * @returns The state; its tensors are copies.
   */
  stateDict(): AccumulatorState {
    return {
      numbers: [...this.#numbers],
      sums: this.#sums.map((sum) => sum && { high: cloneOf(sum.high), low: cloneOf(sum.low) }),
    };
  }

  /**
   * Goes on from a state that `stateDict` gave. The values are copied.
   *
   * @param state The state.
   * @throws {RangeError} If it is of another number of quantities. Nothing changes then.
   */
  loadStateDict(state: AccumulatorState): void {
    takesState(arguments);
    const { numbers, sums } = state, n = this.#numbers.length;
    if (numbers.length !== n || sums.length !== n) {
      throw new RangeError(
        `Cannot load an Accumulator's state as it must have ${n} quantities: it has ${numbers.length}`,
      );
    }
    sums.forEach((sum) => sum && takesSum([sum]));
    numbers.forEach((value, i) => this.#numbers[i] = value);
    sums.forEach((sum, i) => this.#load(i, sum));
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

  /** The sum of a quantity on the GPU, made by the first call. */
  #sum(i: number): LongSum {
    return this.#sums[i] ??= persistent(() => ({ high: zeros([]), low: zeros([]) }));
  }

  #load(i: number, sum: LongSum | null): void {
    if (sum) {
      const { high, low } = this.#sum(i);
      copyInto(high, sum.high);
      copyInto(low, sum.low);
    } else for (const t of Object.values(this.#sums[i] ?? {})) t.fill(0);
  }

  #addTensor(i: number, value: Tensor): void {
    if (value.size !== 1) {
      throw new RangeError(
        `Cannot add to an Accumulator as a tensor must have one element: its shape is ${show(value.shape)}`,
      );
    }
    const { high, low } = this.#sum(i);
    using _ = scope();
    const one = aliasOf(cast(value, "float32"), []);
    computeInto("accumulate", ADD, [], [high, low, one], [high, low]);
  }
}
