/**
 * Transforms one after the other.
 *
 * @module
 */
import { scope } from "../../ops/core/scope.ts";
import { applyTransform, type Transform } from "./transform.ts";
import { signature } from "../../ops/core/signature.ts";
import { FUNCTION, listOf } from "../../ops/core/kinds.ts";

const takes = signature("make compose", { transforms: listOf(FUNCTION, "functions") });

/**
 * Makes one transform of several, as torchvision's `Compose` does; intermediate tensors are freed.
 *
 * @param transforms The transforms, in the order in which they are applied.
 * @returns A transform that applies all transforms in turn. It throws a `TypeError` if one returns no tensor, and a
 *   `RangeError` if one returns another number of examples.
 *
 * @example Usage
 * ```ts
 * import { openDevice, ones, transforms } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const prepare = transforms.compose([
 *   transforms.randomHorizontalFlip(),
 *   transforms.normalize({ mean: 0.5, std: 0.25 }),
 * ]);
 * assertEquals(await prepare(ones([1, 1, 1, 2])).toArray(), [[[[2, 2]]]]);
 * ```
 */
export function compose(transforms: readonly Transform[]): Transform {
  takes(arguments);
  return (x) => {
    using inner = scope();
    return inner.keep(
      transforms.reduce((y, transform, k) => applyTransform(transform, y, `transforms[${k}]`), x),
    );
  };
}
