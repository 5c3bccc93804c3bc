/**
 * Where a mask holds, as far as the GPU alone knows how many places there are.
 *
 * @module
 */
import { placesOfTrue } from "../core/families/places.ts";
import { Scope } from "../core/scope.ts";
import { full } from "../core/tensor/create.ts";
import { aliasOf } from "../core/tensor/internals.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { cumsum } from "../reduction/cumsum.ts";
import { gather } from "./gather.ts";

/** The places, row-major, at which a mask holds: int32. */
export async function truePlaces(name: string, mask: Tensor): Promise<Tensor> {
  if (mask.size === 0) return full([0], 0, { dtype: "int32" });
  const counts = countsOf(mask), last = cut(counts, counts.size - 1);
  try {
    return placesOfTrue(name, counts, await last.item(), false);
  } finally {
    counts.dispose();
    last.dispose();
  }
}

/** How many of the mask's elements hold, up to each of them. */
function countsOf(mask: Tensor): Tensor {
  using inner = new Scope();
  return inner.keep(cumsum(aliasOf(mask, [mask.size]), { dim: 0 }));
}

/** One element of a vector. */
export function cut(x: Tensor, at: number): Tensor {
  using inner = new Scope();
  return inner.keep(gather(x.detach(), full([1], at, { dtype: "int32" }), { dim: 0 }));
}
