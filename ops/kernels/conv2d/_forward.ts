/**
 * The forward pass of a 2-D convolution.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { FusedPool } from "./store.ts";
import { gatherWell } from "./conv2d.ts";
import { type Conv2dGeometry, flattenPoints, forwardAxes } from "./geometry.ts";
import type { Epilogue } from "../wgsl/epilogue.ts";
import type { Profile } from "../adapter.ts";
import type { Work } from "../reduce.ts";

/** `y = epilogue(conv2d(x, weight) + bias)`, perhaps pooled. */
export interface Conv2dForwardCall {
  readonly x: Storage;
  readonly weight: Storage;
  readonly bias: Storage | null;
  readonly y: Storage;
  readonly geometry: Conv2dGeometry;
  /** Its index is the row-major index in `y`. */
  readonly epilogue: Epilogue;
  readonly pool?: FusedPool;
}

/** Makes the steps of a forward convolution. */
export function conv2dForward(call: Conv2dForwardCall, profile: Profile): Work {
  const g = call.pool ? call.geometry : flattenPoints(call.geometry);
  return gatherWell({
    name: `conv2d ${g.c}→${g.oc} ${g.kh}x${g.kw}`,
    n: g.n,
    ...forwardAxes(g),
    weights: {
      groups: g.groups,
      sources: g.c / g.groups,
      results: g.oc / g.groups,
      kh: g.kh,
      kw: g.kw,
      sourceMajor: false,
    },
    source: call.x,
    weight: call.weight,
    bias: call.bias,
    y: call.y,
    epilogue: call.epilogue,
    pool: call.pool,
  }, profile);
}
