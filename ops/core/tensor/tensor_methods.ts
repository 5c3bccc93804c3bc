/**
 * The methods that tensors get from the operations, as a type.
 *
 * @module
 */
import type * as operations from "../../mod.ts";

/** A function without its first argument, the tensor; two signatures both stay. */
export type Method<F> = F extends {
  (x: infer _A, ...rest: infer R1): infer Y1;
  (x: infer _B, ...rest: infer R2): infer Y2;
} ? [R1, Y1] extends [R2, Y2] ? [R2, Y2] extends [R1, Y1] ? (...rest: R2) => Y2 : Both<R1, Y1, R2, Y2>
  : Both<R1, Y1, R2, Y2>
  : F extends (x: infer _, ...rest: infer R) => infer Y ? (...rest: R) => Y
  : never;

/** A function of two signatures without its first argument. */
export type Both<R1 extends unknown[], Y1, R2 extends unknown[], Y2> = {
  /** Does what the function of this name does, with the tensor first: `deno doc --filter NAME mod.ts` tells. */
  (...rest: R1): Y1;
  /** Does what the function of this name does, with the tensor first: `deno doc --filter NAME mod.ts` tells. */
  (...rest: R2): Y2;
};

/** Operations as methods: the first argument is the tensor itself. Each keeps the documentation of its function. */
export type TensorMethods = { [K in keyof typeof operations]: Method<(typeof operations)[K]> };
