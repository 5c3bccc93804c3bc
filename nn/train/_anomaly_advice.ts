/**
 * What to try where something was not finite.
 *
 * @module
 */
import type { Anomaly } from "./anomaly.ts";

/** Values beyond this are on their way to overflow: their square does. */
const HUGE = 1e18;

const BY_OPERATION: readonly { of: RegExp; output?: string; gradient?: string }[] = [
  {
    of: /^log/,
    output:
      "log is -Infinity at 0 and NaN below: clamp what goes in, x.clamp({ min: 1e-12 }), or use logSoftmax " +
      "or a loss that takes logits",
    gradient: "log's gradient is 1 / x: clamp what goes in, x.clamp({ min: 1e-12 })",
  },
  {
    of: /^(sqrt|rsqrt|norm|std|pow)$/,
    output: "its input is 0 or negative where it must not be, or the power overflows: clamp what goes in",
    gradient: "its gradient is infinite at 0: add something small inside, such as x.add(1e-12).sqrt()",
  },
  {
    of: /^div$/,
    output: "it divides by 0: add something small to what is below the line",
    gradient:
      "its gradient divides by the square of what is below the line: add something small there, and where " +
      "the division is only masked afterwards, mask what is below the line before it",
  },
  {
    of: /^(exp|expm1|softplus|sinh|cosh)$/,
    output:
      "exp overflows above 88.7: subtract the largest value first, or use softmax, logsumexp or a loss that " +
      "takes logits",
  },
  {
    of: /^(embedding|gather|crossEntropy|nllLoss)$/,
    output:
      "an index or a label that there is not gives NaN: each must be from 0 to below the number of rows or classes",
  },
  {
    of: /^(mean|mseLoss|l1Loss|smoothL1Loss|var)$/,
    output: "the mean of nothing is NaN: is the batch empty?",
  },
  {
    of: /softmax/i,
    output: "a row of nothing but -Infinity has no softmax: leave each row something unmasked",
  },
];

const TAME =
  "a lower learning rate, nn.utils.clipGradNorm before the optimiser's step, or a normalisation between layers";

/** What to try. */
export function adviceFor({ kind, operation, before, epoch, step }: Anomaly): string {
  switch (kind) {
    case "input":
      return "look at the data: x.isfinite() says where it is no number; a transform may divide by 0";
    case "parameter":
      return step === undefined || (step === 1 && (epoch ?? 1) === 1)
        ? "look at where the parameter comes from: its initial values, or the file it was loaded from"
        : "a step before this one spoilt it: watch that one";
    case "update":
      return `a lower learning rate, or nn.utils.clipGradNorm before the optimiser's step`;
    case "unknown":
      return `detectAnomaly(() => …) around a step of your own, or ${TAME}`;
    default: {
      const found = BY_OPERATION.find(({ of }) => of.test(operation))?.[kind];
      const isHuge = before.some(({ largest }) => largest > HUGE && largest < Infinity);
      if (isHuge) return `values grew until they overflowed: ${TAME}`;
      return found ?? TAME;
    }
  }
}
