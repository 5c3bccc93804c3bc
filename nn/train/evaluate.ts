/**
 * How good a network is.
 *
 * @module
 */
import { signature } from "../../ops/core/signature.ts";
import { TENSOR } from "../../ops/core/tensor/kinds.ts";
import "../../ops/methods.ts";
import { scope } from "../../ops/core/scope.ts";
import { show } from "../../ops/core/shape.ts";
import type { Module } from "../module.ts";
import { BATCH } from "./_batch.ts";
import { forwardOf, inEvaluation } from "./_evaluation.ts";
import { Accumulator } from "./accumulator.ts";
import { argmax } from "../../ops/reduction/argmax.ts";
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import { eq } from "../../ops/pointwise/eq.ts";
import { sum } from "../../ops/reduction/sum.ts";
import { MODULE } from "../module.ts";
import { BOOLEAN, ITERABLE } from "../../ops/core/kinds.ts";

const takesRows = signature("count correct rows", { logits: TENSOR, labels: TENSOR });

/**
 * Counts the rows whose largest logit is that of the right class.
 *
 * @param logits `[n, classes]`.
 * @param labels Right classes, int32 `[n]`.
 * @returns The number of right rows, int32 `[]`, still on the GPU.
 * @throws {RangeError} If the shapes do not fit.
 *
 * @example Usage
 * ```ts
 * import { countCorrect, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const logits = tensor([[0.1, 0.9], [0.8, 0.2]]), labels = tensor([1, 1], { dtype: "int32" });
 * assertEquals(await countCorrect(logits, labels).item(), 1);
 * ```
 */
export function countCorrect(logits: Tensor, labels: Tensor): Tensor {
  takesRows(arguments);
  if (logits.shape.length !== 2 || labels.shape.length !== 1 || labels.shape[0] !== logits.shape[0]) {
    throw new RangeError(
      `Cannot count correct rows as logits must be [n, classes] and labels [n]: ${show(logits.shape)} and ${
        show(labels.shape)
      }`,
    );
  }
  return noGrad(() => sum(eq(argmax(logits, { dim: 1 }), labels)));
}

/** Options of {@linkcode evaluateAccuracy}. */
export interface EvaluateOptions {
  /** Whether the forward pass is captured once and replayed, see {@linkcode compile}; false unless given. */
  compile?: boolean;
}

/** Sees a batch that is tested: of which batches, how many examples came before, the network's outputs and the labels. */
export type TestObserver = (batches: unknown, place: number, output: Tensor, labels: Tensor) => void;

let observer: TestObserver | null = null;

/**
 * Has a function see what is tested from now on; null for none. It may begin to read, and changes nothing.
 *
 * @internal
 */
export function observeTests(next: TestObserver | null): void {
  observer = next;
}

const takesBatch = signature("evaluate the accuracy", { batch: BATCH });
const takes = signature<EvaluateOptions>("evaluate the accuracy", { net: MODULE, batches: ITERABLE }, {
  compile: BOOLEAN,
});

/**
 * Measures the share of right answers, with the network in evaluation mode; the mode is restored afterwards.
 *
 * @param net The network; it turns `x` into logits `[n, classes]`.
 * @param batches Pairs of inputs and labels, such as a `DataLoader`.
 * @param options Whether the forward pass is compiled.
 * @returns The share of right rows, 0 to 1; NaN if there are none.
 *
 * @example Usage
 * ```ts
 * import { evaluateAccuracy, nn, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const batch = [tensor([[3, 1], [1, 2]]), tensor([0, 0], { dtype: "int32" })] as const;
 * assertEquals(await evaluateAccuracy(new nn.Sequential(), [batch]), 0.5);
 * ```
 */
export async function evaluateAccuracy(
  net: Module,
  batches: Iterable<readonly [x: Tensor, y: Tensor]>,
  options: EvaluateOptions = {},
): Promise<number> {
  takes(arguments);
  const metric = new Accumulator(2), forward = forwardOf(net, options.compile ?? false);
  let place = 0;
  try {
    return await inEvaluation(net, async () => {
      for (const batch of batches) {
        takesBatch([batch]);
        const [x, y] = batch;
        using _ = scope();
        noGrad(() => {
          const output = forward(x);
          observer?.(batches, place, output, y);
          metric.add(countCorrect(output, y), y.size);
        });
        place += y.size;
      }
      const [right, all] = await metric.values() as [number, number];
      return right / all;
    });
  } finally {
    metric.dispose();
  }
}
