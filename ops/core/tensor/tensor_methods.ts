/**
 * The methods that tensors get from the operations, as a type.
 *
 * @module
 */
import type * as operations from "../../mod.ts";

/** Operations as methods: the first argument is the tensor itself. Two signatures of one operation both stay. */
export type TensorMethods = {
  [K in keyof typeof operations]: (typeof operations)[K] extends {
    (x: infer _A, ...rest: infer R1): infer Y1;
    (x: infer _B, ...rest: infer R2): infer Y2;
  } ? { (...rest: R1): Y1; (...rest: R2): Y2 }
    : (typeof operations)[K] extends (x: infer _, ...rest: infer R) => infer Y ? (...rest: R) => Y
    : never;
};
