/**
 * What optimisers share: parameter groups and the two methods of a training loop.
 *
 * @module
 */
import { noGrad } from "../../ops/core/autograd.ts";
import type { Tensor } from "../../ops/core/tensor.ts";

/** Parameters with options of their own; what a group leaves out is the optimiser's. */
export type ParameterGroup<Options> = { params: Iterable<Tensor> } & Partial<Options>;

/** Parameters with all their options. The options can be changed between steps. */
export type FullGroup<Options> = { params: Tensor[] } & Options;

/** The base of all optimisers. */
export abstract class Optimizer<Options extends { lr: number }> {
  /** The parameters with their options. A schedule, or you, may change `lr` there between steps. */
  readonly paramGroups: FullGroup<Options>[];

  /**
   * Takes the parameters.
   *
   * @param params Tensors that require a gradient, or groups of them.
   * @param defaults The options of those that have none of their own.
   * @throws {RangeError} If there is none; {@linkcode TypeError} if one does not require a gradient.
   */
  constructor(params: Iterable<Tensor> | Iterable<ParameterGroup<Options>>, defaults: Options) {
    const given = [...params];
    const groups: ({ params: Iterable<Tensor> } & object)[] = given.length > 0 && "params" in given[0]
      ? given as ParameterGroup<Options>[]
      : [{ params: given as Tensor[] }];
    this.paramGroups = groups.map((group) => ({ ...defaults, ...group, params: [...group.params] }));
    const all = this.paramGroups.flatMap((group) => group.params);
    if (all.length === 0) {
      throw new RangeError("Cannot make an optimiser as there must be parameters: none were given");
    }
    if (new Set(all).size !== all.length) {
      throw new RangeError("Cannot make an optimiser as a parameter must be in one group: one came twice");
    }
    const idle = all.findIndex((p) => !p.requiresGrad);
    if (idle >= 0) {
      throw new TypeError(
        `Cannot make an optimiser as its parameters must require a gradient: number ${idle} does not`,
      );
    }
  }

  /** Updates every parameter that has a gradient. */
  step(): void {
    noGrad(() => {
      for (const group of this.paramGroups) {
        for (const p of group.params) if (p.grad) this.update(p, p.grad, group);
      }
    });
  }

  /** Drops all gradients. */
  zeroGrad(): void {
    for (const { params } of this.paramGroups) {
      for (const p of params) p.clearGrad();
    }
  }

  /** Updates one parameter. */
  protected abstract update(p: Tensor, grad: Tensor, group: FullGroup<Options>): void;
}

/** The defaults with what was given in their place; an option given as undefined counts as absent. */
export function withDefaults<T extends object>(defaults: T, given: Partial<T>): T {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(present) };
}

/** Refuses an option that is not a number from `least` up. */
export function checkOption(optimizer: string, name: string, value: number, least = 0): void {
  if (!(value >= least)) {
    throw new RangeError(`Cannot make ${optimizer} as ${name} must be a number from ${least} up: ${value}`);
  }
}
