/**
 * The pooling family: maxima and averages over windows of images, and their gradients.
 *
 * Two schemes. The general one (`pool2d_general.ts`) computes one value an invocation, for windows of any kind, in
 * stages where they are large (`pool2d_stages.ts`). The tiled
 * one (`pool2d_tiles.ts`), for CPU adapters and windows without padding, computes a patch of a plane an
 * invocation, with vec4 loads and stores. Gradients gather: each `dx` adds up what the windows that contain it
 * give, so there are no atomics. The number of planes is a number of the dispatch; all else is in the text.
 *
 * @module
 */
import type { Step } from "../../gpu/kernel.ts";
import type { Storage } from "../../gpu/storage.ts";
import { type Epilogue, IDENTITY } from "../wgsl/epilogue.ts";
import { forwardInStages, gradientInStages } from "./large_windows.ts";
import { adaptiveWindows, slidingWindows } from "./windows.ts";
import { tiledForward, tiledGradient } from "./by_patch.ts";
import type { Profile } from "../adapter.ts";
import type { Work } from "../reduce.ts";

/** Sizes of a pooling: `x [n, c, h, w]`, `y [n, c, outH, outW]`. Pairs are height, width. */
export interface Pool2dGeometry {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly outH: number;
  readonly outW: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  /** Step between the elements of a window; for maxima only. */
  readonly dilation?: readonly [number, number];
}

/** Sizes of an adaptive pooling. */
export type AdaptivePool2dGeometry = Pick<Pool2dGeometry, "n" | "c" | "h" | "w" | "outH" | "outW">;

/** How PyTorch divides the sums of an average pooling. */
export interface AvgDivisor {
  /** Whether padding counts; what lies beyond the padding never does. True unless given. */
  readonly countIncludePad?: boolean;
  /** Divides every sum, whatever the window covers. */
  readonly divisorOverride?: number | null;
}

/** What a pooling reads and writes. */
export interface Pool2dForward<G> {
  readonly x: Storage;
  readonly y: Storage;
  readonly geometry: G;
  readonly epilogue?: Epilogue;
}

/** What a pooling's gradient reads and writes; the epilogue's index is that of `dx`. */
export interface Pool2dGradient<G> {
  readonly dy: Storage;
  readonly dx: Storage;
  readonly geometry: G;
  readonly epilogue?: Epilogue;
}

/**
 * Makes the steps of a max pooling. A NaN in a window wins, and of equal values the first, as in PyTorch.
 *
 * @param call With `indices`, the place of each maximum in its `h x w` plane is stored there as i32.
 * @param profile Which kind of adapter to write for.
 */
export function maxPool2dForward(
  call: Pool2dForward<Pool2dGeometry> & { readonly indices: Storage | null },
  profile: Profile,
): Work {
  const { geometry, indices } = call;
  const job = { kind: "max", ...call, epilogue: call.epilogue ?? IDENTITY, indices } as const;
  return whole(tiledForward(job, geometry, profile)) ??
    forwardInStages(job, slidingWindows(geometry), profile);
}

/** Makes the steps of a max pooling's gradient from the `indices` that the forward pass stored. */
export function maxPool2dGradient(
  call: Pool2dGradient<Pool2dGeometry> & { readonly indices: Storage },
  profile: Profile,
): Work {
  const job = { kind: "max", ...call, epilogue: call.epilogue ?? IDENTITY } as const;
  return whole(tiledGradient(job, call.geometry, profile)) ??
    gradientInStages(job, slidingWindows(call.geometry), profile);
}

/** Makes the steps of an average pooling. */
export function avgPool2dForward(call: Pool2dForward<Pool2dGeometry> & AvgDivisor, profile: Profile): Work {
  const { geometry } = call;
  const job = { kind: "avg", ...call, epilogue: call.epilogue ?? IDENTITY, indices: null } as const;
  return whole(tiledForward(job, geometry, profile)) ??
    forwardInStages(job, slidingWindows(geometry, call), profile);
}

/** Makes the steps of an average pooling's gradient. */
export function avgPool2dGradient(
  call: Pool2dGradient<Pool2dGeometry> & AvgDivisor,
  profile: Profile,
): Work {
  const { geometry } = call;
  const job = { kind: "avg", ...call, epilogue: call.epilogue ?? IDENTITY, indices: null } as const;
  return whole(tiledGradient(job, geometry, profile)) ??
    gradientInStages(job, slidingWindows(geometry, call), profile);
}

/** Makes the steps of an adaptive average pooling: window i covers `floor(i h / outH)` to `ceil((i + 1) h / outH)`. */
export function adaptiveAvgPool2dForward(
  call: Pool2dForward<AdaptivePool2dGeometry>,
  profile: Profile,
): Work {
  const job = { kind: "avg", ...call, epilogue: call.epilogue ?? IDENTITY, indices: null } as const;
  return forwardInStages(job, adaptiveWindows(call.geometry), profile);
}

/** Makes the steps of an adaptive average pooling's gradient. */
export function adaptiveAvgPool2dGradient(
  call: Pool2dGradient<AdaptivePool2dGeometry>,
  profile: Profile,
): Work {
  const job = { kind: "avg", ...call, epilogue: call.epilogue ?? IDENTITY, indices: null } as const;
  return gradientInStages(job, adaptiveWindows(call.geometry), profile);
}

/** Steps that need no memory of their own. */
function whole(steps: Step[] | null): Work | null {
  return steps && { steps, temporaries: [] };
}
