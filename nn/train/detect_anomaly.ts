/**
 * Finding where NaN or infinity comes from.
 *
 * @module
 */
import { observed } from "../../ops/core/autograd/observer.ts";
import { FUNCTION, whole } from "../../ops/core/kinds.ts";
import { refuseInCapture } from "../../ops/core/recorder.ts";
import { scope } from "../../ops/core/scope.ts";
import { signature } from "../../ops/core/signature.ts";
import { StepObservations } from "./_step_observations.ts";
import { blame } from "./_blame.ts";
import type { Anomaly } from "./anomaly.ts";

/** Options of {@linkcode detectAnomaly}. */
export interface DetectAnomalyOptions {
  /** The step's number, for the report. */
  step?: number;
  /** The epoch's number, for the report. */
  epoch?: number;
}

const takes = signature<DetectAnomalyOptions>("detect an anomaly", { fn: FUNCTION }, {
  step: whole(0),
  epoch: whole(0),
});

/**
 * Runs a step once, and says where it first gave a number that is not finite: in which layer and operation, in the forward
 * pass or in a gradient, how large the values were before it, and what to try.
 *
 * The step runs operation by operation, a compiled one too, and takes effect as always: parameters are updated, random
 * numbers drawn. So either every step goes through it, which takes two to three times as long and a read each, or the step
 * that went wrong is run again from the state that it began with; `fit` does the latter by itself.
 *
 * What counts is what reaches the loss or the gradient of a leaf: the -Infinity of a mask that a softmax turns into 0 is no
 * anomaly, nor are integers and booleans. Parameters are looked at after the step too. Where `fn` does not go backward,
 * results that nothing else used count.
 *
 * @param fn A step, or a part of one, on whose end tensors that it made are freed. It must not be async.
 * @param options Numbers for the report.
 * @returns What was found; null where all that counts was finite. Rejects as `fn` throws, and with a `TypeError` if it is
 *   async.
 *
 * @example Usage
 * ```ts
 * import { detectAnomaly, nn, openDevice, tensor, zeros } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
 * const x = tensor([[1, 2]]);
 * assertEquals(await detectAnomaly(() => net.forward(x).sum().backward()), null);
 * const anomaly = await detectAnomaly(() => net.forward(x).div(zeros([3])).sum().backward(), { step: 7 });
 * assertEquals([anomaly!.kind, anomaly!.operation, anomaly!.step], ["output", "div", 7]);
 * ```
 */
export async function detectAnomaly(
  fn: () => unknown,
  options: DetectAnomalyOptions = {},
): Promise<Anomaly | null> {
  takes(arguments);
  refuseInCapture("detect an anomaly", "values are not known while a step is captured");
  const step = new StepObservations();
  try {
    {
      using _ = scope();
      const result = observed(step, fn);
      if (result instanceof Promise) {
        result.catch(() => {}); // what it may say later is about a step that nobody watched
        throw new TypeError(
          "Cannot detect an anomaly as the function must not be async: it returned a promise",
        );
      }
      step.end();
    }
    await step.read();
    return blame(step, options);
  } finally {
    step.dispose();
  }
}
