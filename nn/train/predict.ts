/**
 * What a network takes inputs for.
 *
 * @module
 */
import { noGrad } from "../../ops/core/autograd/autograd.ts";
import { listOf, TEXT, whole } from "../../ops/core/kinds.ts";
import { scope } from "../../ops/core/scope.ts";
import { show } from "../../ops/core/shape.ts";
import { signature } from "../../ops/core/signature.ts";
import { TENSOR } from "../../ops/core/tensor/kinds.ts";
import type { Tensor } from "../../ops/core/tensor/tensor.ts";
import "../../ops/methods.ts";
import { softmax } from "../../ops/activation/softmax.ts";
import { MODULE, type Module } from "../module.ts";
import { inEvaluation } from "./_evaluation.ts";

/** A class, and how probable a network holds it. */
export interface Prediction {
  /** The class's number. */
  readonly label: number;
  /** Its name; its number as a text where the classes have no names. */
  readonly class: string;
  /** From 0 to 1; the probabilities of all classes add up to 1. */
  readonly probability: number;
}

/** Options of {@linkcode predict}. */
export interface PredictOptions {
  /** The names of the classes, such as `dataset.classes`. */
  classes?: readonly string[] | undefined;
  /** How many classes are told of each input, all unless given. */
  top?: number | undefined;
}

/** Names of classes. */
export const CLASSES = listOf(TEXT, "texts");

const takes = signature<PredictOptions>("predict", { net: MODULE, x: TENSOR }, {
  classes: CLASSES,
  top: whole(1),
});

/**
 * Asks a network of what class inputs are, in evaluation mode; the mode is restored afterwards.
 *
 * @param net The network; it turns `x` into logits `[n, classes]`.
 * @param x A batch of inputs.
 * @param options The names of the classes, and how many are told.
 * @returns For each input its classes, the most probable first; of equal ones that of the lower number. Rejects with a
 *   `RangeError` if the output is no `[n, classes]`, or there are not as many names as classes.
 *
 * @example Usage
 * ```ts
 * import { nn, openDevice, predict, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Identity(), logits = tensor([[2, 1, 0], [0, 0, 4]]);
 * const [first, second] = await predict(net, logits, { classes: ["shirt", "coat", "bag"], top: 1 });
 * assertEquals([first[0].class, second[0].class, second[0].label], ["shirt", "bag", 2]);
 * ```
 */
export async function predict(
  net: Module,
  x: Tensor,
  options: PredictOptions = {},
): Promise<Prediction[][]> {
  takes(arguments);
  return await inEvaluation(net, async () => {
    using _ = scope();
    const logits = noGrad(() => net.forward(x) as Tensor);
    const count = classCount("predict", logits, options.classes), names = options.classes ?? [];
    const values = await noGrad(() => softmax(logits, { dim: 1 })).data();
    return Array.from({ length: logits.shape[0]! }, (_, row) => {
      const all = Array.from(values.subarray(row * count, (row + 1) * count), (probability, label) => ({
        label,
        class: names[label] ?? `${label}`,
        probability,
      }));
      return all.sort((a, b) => b.probability - a.probability).slice(0, options.top);
    });
  });
}

/** How many classes logits are of; refuses other shapes, and names that are more or fewer. */
export function classCount(action: string, { shape }: Tensor, classes?: readonly string[]): number {
  const [, count] = shape;
  if (shape.length !== 2 || count === undefined || count === 0) {
    throw new RangeError(`Cannot ${action} as the network must give logits [n, classes]: ${show(shape)}`);
  }
  if (classes && classes.length !== count) {
    throw new RangeError(
      `Cannot ${action} as there must be a name for each of ${count} classes: there are ${classes.length}`,
    );
  }
  return count;
}
