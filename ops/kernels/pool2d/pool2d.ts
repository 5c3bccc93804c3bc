/**
 * The pooling family: maxima and averages over windows of images, and their gradients.
 *
 * Two schemes. One (`by_element.ts`) computes one value an invocation, for windows of any kind, in stages where they are
 * large (`large_windows.ts`). The other (`by_patch.ts`), for CPU adapters and windows without padding, computes a patch
 * of a plane an invocation, with vec4 loads and stores. Gradients gather: each `dx` adds up what the windows that contain it
 * give, so there are no atomics. The number of planes is a number of the dispatch; all else is in the text.
 *
 * @module
 */
import type { Storage } from "../../gpu/storage.ts";
import type { Work } from "../../gpu/work.ts";
import type { Adapter } from "../adapter.ts";
import type { FirstOutput } from "../wgsl/epilogue.ts";
import { forwardByPatch, gradientByPatch } from "./by_patch.ts";
import { forwardInStages, gradientInStages } from "./large_windows.ts";
import {
  type AdaptivePool2dGeometry,
  adaptiveWindows,
  type AvgDivisor,
  type Pool2dGeometry,
  slidingWindows,
} from "./windows.ts";

/** What a pooling reads and writes. */
export interface Pool2dForward<G> extends FirstOutput {
  readonly x: Storage;
  readonly geometry: G;
}

/** What a pooling's gradient reads and writes; `y` is dx. */
export interface Pool2dGradient<G> extends FirstOutput {
  readonly dy: Storage;
  readonly geometry: G;
}

/**
 * Makes the dispatches of a max pooling. A NaN in a window wins, and of equal values the first, as in PyTorch.
 *
 * @param call With `indices`, the place of each maximum in its `h x w` plane is stored there as i32.
 * @param adapter Which kind of adapter to write for.
 */
export function maxPool2dForward(
  call: Pool2dForward<Pool2dGeometry> & { readonly indices: Storage | null },
  adapter: Adapter,
): Work {
  const { geometry, indices } = call;
  const job = { kind: "max", ...call, indices } as const;
  return forwardByPatch(job, geometry, adapter) ??
    forwardInStages(job, slidingWindows(geometry), adapter);
}

/** Makes the dispatches of a max pooling's gradient from the `indices` that the forward pass stored. */
export function maxPool2dGradient(
  call: Pool2dGradient<Pool2dGeometry> & { readonly indices: Storage },
  adapter: Adapter,
): Work {
  const job = { kind: "max", ...call } as const;
  return gradientByPatch(job, call.geometry, adapter) ??
    gradientInStages(job, slidingWindows(call.geometry), adapter);
}

/** Makes the dispatches of an average pooling. */
export function avgPool2dForward(call: Pool2dForward<Pool2dGeometry> & AvgDivisor, adapter: Adapter): Work {
  const { geometry } = call;
  const job = { kind: "avg", ...call, indices: null } as const;
  const patches = call.divisorOverride ? null : forwardByPatch(job, geometry, adapter);
  return patches ?? forwardInStages(job, slidingWindows(geometry, call), adapter);
}

/** Makes the dispatches of an average pooling's gradient. */
export function avgPool2dGradient(
  call: Pool2dGradient<Pool2dGeometry> & AvgDivisor,
  adapter: Adapter,
): Work {
  const { geometry } = call;
  const job = { kind: "avg", ...call, indices: null } as const;
  const patches = call.divisorOverride ? null : gradientByPatch(job, geometry, adapter);
  return patches ?? gradientInStages(job, slidingWindows(geometry, call), adapter);
}

/** Makes the dispatches of an adaptive average pooling: window i covers `floor(i h / outH)` to `ceil((i + 1) h / outH)`. */
export function adaptiveAvgPool2dForward(
  call: Pool2dForward<AdaptivePool2dGeometry>,
  adapter: Adapter,
): Work {
  const job = { kind: "avg", ...call, indices: null } as const;
  return forwardInStages(job, adaptiveWindows(call.geometry), adapter);
}

/** Makes the dispatches of an adaptive average pooling's gradient. */
export function adaptiveAvgPool2dGradient(
  call: Pool2dGradient<AdaptivePool2dGeometry>,
  adapter: Adapter,
): Work {
  const job = { kind: "avg", ...call, indices: null } as const;
  return gradientInStages(job, adaptiveWindows(call.geometry), adapter);
}
