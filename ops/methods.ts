/**
 * Puts every operation of `ops/mod.ts` on tensors as a method: `x.relu()` is `relu(x)`.
 *
 * `mod.ts`, `nn/module.ts` and `data/_batch_source.ts` import this file. Who imports single files of `ops` alone and wants methods
 * imports it too.
 *
 * @module
 */
import { Tensor } from "./core/tensor/tensor.ts";
import * as operations from "./mod.ts";

for (const [name, fn] of Object.entries(operations) as [string, (...args: unknown[]) => unknown][]) {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]) {
      return fn(this, ...rest);
    },
    configurable: true,
    writable: true,
  });
}
