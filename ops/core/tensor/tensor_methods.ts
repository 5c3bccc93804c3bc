/**
 * The methods that tensors get from the operations, as a type.
 *
 * @module
 */
import type * as operations from "../../mod.ts";

/**
 * Operations as methods: the first argument is the tensor itself. Each keeps the documentation of its function, as
 * `ops/mod.ts` exports what the files declare, rather than names of it; of two signatures that differ both stay.
 */
export type TensorMethods = {
  [K in keyof typeof operations]: (typeof operations)[K] extends {
    (x: infer _A, ...rest: infer R1): infer Y1;
    (x: infer _B, ...rest: infer R2): infer Y2;
  } ? [R1, Y1, R2, Y2] extends [R2, Y2, R1, Y1] ? (...rest: R2) => Y2
    : {
      /** Does what the function of this name does, with the tensor first: `deno doc --filter NAME mod.ts` tells. */
      (...rest: R1): Y1;
      /** Does what the function of this name does, with the tensor first: `deno doc --filter NAME mod.ts` tells. */
      (...rest: R2): Y2;
    }
    : (typeof operations)[K] extends (x: infer _, ...rest: infer R) => infer Y ? (...rest: R) => Y
    : never;
};
