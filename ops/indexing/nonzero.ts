/**
 * Which elements are not 0, and those that a mask selects: how many there are only the GPU knows, so
 * these wait for it.
 *
 * @module
 */
import { composed } from "../core/composed.ts";
import { programOf } from "../kernels/wgsl/program.ts";
import { rowMajor } from "../kernels/wgsl/access.ts";
import { Scope } from "../core/scope.ts";
import { broadcastShapes } from "../core/shape.ts";
import { signature } from "../core/signature.ts";
import { cast, compute } from "../core/tensor/compute.ts";
import { full } from "../core/tensor/create.ts";
import { TENSOR, tensorOf } from "../core/tensor/kinds.ts";
import type { Tensor } from "../core/tensor/tensor.ts";
import { stack } from "../shape/cat.ts";
import { expand } from "../shape/expand.ts";
import { viewAs } from "../shape/view_as.ts";
import { truePlaces } from "./_true_places.ts";
import { gather } from "./gather.ts";

const takesNonzero = signature("apply nonzero", { x: TENSOR });

const COORDINATE = programOf({
  name: "coordinate",
  args: [["place", "int32"], ["stride", "int32"], ["size", "int32"]],
  result: "int32",
  body: "place / stride % size",
}, 2);

/**
 * Finds the elements that are not 0. NaN is not 0. It waits for the GPU, so it cannot be captured: there
 * a mask goes into `where`, `set` or `maskedFill`.
 *
 * @param x A tensor of any shape and type.
 * @returns Their coordinates, int32, in order: `[found, dimensions]`; `unbind` makes one of each dimension.
 *
 * @example Usage
 * ```ts
 * import { nonzero, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([[0, 5], [7, 0]]);
 * assertEquals(await (await nonzero(x)).toArray(), [[0, 1], [1, 0]]);
 * ```
 */
export async function nonzero(x: Tensor): Promise<Tensor> {
  takesNonzero(arguments);
  const { shape } = x, mask = cast(x, "bool"), places = await truePlaces("nonzero", mask);
  if (mask !== x) mask.dispose();
  using inner = new Scope();
  const strides = rowMajor(shape), n = places.size;
  const columns = shape.map((size, d) =>
    compute("nonzero", COORDINATE, [n], [places], [strides[d]!, size], "int32")
  );
  const all = columns.length > 0 ? stack(columns, { dim: 1 }) : full([n, 0], 0, { dtype: "int32" });
  places.dispose();
  return inner.keep(all);
}

const takesSelect = signature("apply maskedSelect", { x: TENSOR, mask: tensorOf("bool") });

/**
 * Takes the elements at which a mask holds, in order. It waits for the GPU, so it cannot be captured:
 * there `where` and `maskedFill` do what does not depend on how many there are.
 *
 * @param x A tensor of any shape.
 * @param mask A bool tensor that broadcasts with `x`.
 * @returns A vector of the selected elements, of the type of `x`; gradients flow to where they stood.
 * @throws {RangeError} If the shapes do not broadcast.
 * @throws {TypeError} If `mask` is not bool.
 *
 * @example Usage
 * ```ts
 * import { maskedSelect, openDevice, tensor } from "@plunge/plunge";
 * import { assertEquals } from "@std/assert";
 *
 * await openDevice();
 * const x = tensor([1, -2, 3]);
 * assertEquals(await (await maskedSelect(x, x.gt(0))).toArray(), [1, 3]);
 * ```
 */
export async function maskedSelect(x: Tensor, mask: Tensor): Promise<Tensor> {
  takesSelect(arguments);
  const shape = broadcastShapes("maskedSelect", x.shape, mask.shape);
  const spread = expand(mask, shape), places = await truePlaces("maskedSelect", spread);
  const y = composed(() =>
    gather(viewAs("maskedSelect", expand(x, shape), [spread.size]), places, { dim: 0 })
  );
  for (const t of [spread, places]) t.dispose();
  return y;
}
