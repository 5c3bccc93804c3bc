/**
 * The gradient of a 2-D convolution in its input, which is also the forward pass of a transposed convolution.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import { gatherWell } from "./conv2d.ts";
import { type Conv2dGeometry, flattenPoints, gradientAxes } from "./geometry.ts";
import type { Epilogue } from "../wgsl/epilogue.ts";
import type { Profile } from "../adapter.ts";
import type { Work } from "../reduce.ts";

/** `dx = epilogue(sum over oc, ky, kx of dy weight + bias)`. */
export interface Conv2dInputGradientCall {
  readonly dy: Storage;
  readonly weight: Storage;
  /** `[c]`: none of a gradient, but of a transposed convolution. */
  readonly bias?: Storage | null;
  readonly dx: Storage;
  readonly geometry: Conv2dGeometry;
  /** Its index is the row-major index in `dx`. */
  readonly epilogue: Epilogue;
}

/** Makes the steps of an input gradient. */
export function conv2dInputGradient(call: Conv2dInputGradientCall, profile: Profile): Work {
  const g = flattenPoints(call.geometry);
  return gatherWell({
    name: `conv2d dx ${g.oc}→${g.c} ${g.kh}x${g.kw}`,
    n: g.n,
    ...gradientAxes(g),
    weights: {
      groups: g.groups,
      sources: g.oc / g.groups,
      results: g.c / g.groups,
      kh: g.kh,
      kw: g.kw,
      sourceMajor: true,
    },
    source: call.dy,
    weight: call.weight,
    bias: call.bias ?? null,
    y: call.dx,
    epilogue: call.epilogue,
  }, profile);
}
