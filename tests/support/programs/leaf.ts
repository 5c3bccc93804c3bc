/**
 * What random programs begin with, as tensors and layers of the library.
 *
 * @module
 */
import { type nn, noGrad, type Tensor, tensor } from "../../../mod.ts";
import { leafNumbers, type LeafOptions } from "./program.ts";

/** A tensor of reproducible numbers. */
export function leaf(shape: readonly number[], options: LeafOptions): Tensor {
  const { dtype = "float32", requiresGrad } = options;
  return tensor(leafNumbers(shape, options), { shape, dtype, requiresGrad });
}

/** How the numbers of a layer's state are made: variances are positive. */
export function stateOptions(name: string, seed: number, place: number): LeafOptions {
  const range = name === "runningVar" ? { low: 0.5, high: 1.5 } : { low: -1, high: 1 };
  return { seed: seed + place, ...range };
}

/** The state of a layer that is numbers: its parameters and its running statistics, by field. */
export function stateOf(module: nn.Module): [name: string, tensor: Tensor][] {
  const fields = module as unknown as Record<string, Tensor | null | undefined>;
  return ["weight", "bias", "runningMean", "runningVar"].flatMap((name) =>
    fields[name] ? [[name, fields[name]] as [string, Tensor]] : []
  );
}

/** Overwrites the state of a layer with reproducible numbers. */
export function layer<M extends nn.Module>(
  module: M,
  { training, seed }: { training: boolean; seed: number },
): M {
  module.train(training);
  (module as { numBatchesTracked?: Tensor | null }).numBatchesTracked?.fill(0);
  noGrad(() =>
    stateOf(module).forEach(([name, t], k) => {
      using numbers = leaf(t.shape, stateOptions(name, seed, k));
      t.copy(numbers);
    })
  );
  return module;
}
