/**
 * How the elements of a reduction lie: what is reduced and what is kept, and which of it a load can cover.
 *
 * @module
 */
import { pick } from "./pick.ts";
import { type AffineAccess, collapse, rowMajor } from "./wgsl/access.ts";

/** A shape, and which of its dimensions are reduced, ascending. */
export interface ReducedShape {
  readonly shape: readonly number[];
  readonly dims: readonly number[];
}

/** The reduced or the kept dimensions, merged, and how x is walked along them. */
export interface ReductionSide {
  readonly dims: readonly number[];
  readonly access: AffineAccess;
}

/** Where kept and reduced elements are, and how they are loaded. */
export interface ReductionLayout {
  readonly outputs: number;
  /** Reduced elements of an output. */
  readonly extent: number;
  readonly kept: ReductionSide;
  readonly reduced: ReductionSide;
  /** What a vec4 load covers. */
  readonly vector: "reduced" | "kept" | "none";
}

/** Cuts a walk over all dimensions into one over the reduced and one over the kept ones. */
export function sidesOf(
  { shape, dims }: ReducedShape,
  strides: readonly number[],
): { reduced: ReductionSide; kept: ReductionSide } {
  const side = (isOn: (d: number) => boolean): ReductionSide => {
    const own = shape.map((_, d) => d).filter(isOn);
    const access = { strides: pick(strides, own), offset: 0 };
    const space = collapse({ dims: pick(shape, own), accesses: [access] });
    return { dims: space.dims, access: space.accesses[0]! };
  };
  return { reduced: side((d) => dims.includes(d)), kept: side((d) => !dims.includes(d)) };
}

/** How the elements of a reduction lie. */
export function layoutOf(call: ReducedShape): ReductionLayout {
  const { reduced, kept } = sidesOf(call, rowMajor(call.shape));
  const size = ({ dims }: ReductionSide) => dims.reduce((a, b) => a * b, 1);
  const all = [...reduced.access.strides, ...kept.access.strides];
  const aligned = all.filter((s) => s === 1).length === 1 && all.every((s) => s === 1 || s % 4 === 0);
  const last = ({ access, dims }: ReductionSide) => access.strides.at(-1) === 1 && dims.at(-1)! % 4 === 0;
  const vector = aligned && last(reduced) ? "reduced" : aligned && last(kept) ? "kept" : "none";
  return { outputs: size(kept), extent: size(reduced), kept, reduced, vector };
}

/** The elements of a load, the outputs of an invocation, and the reduced elements that it takes at a time. */
export function lanesOf({ vector }: ReductionLayout): { lanes: 1 | 4; keptLanes: 1 | 4; hop: 1 | 4 } {
  return {
    lanes: vector === "none" ? 1 : 4,
    keptLanes: vector === "kept" ? 4 : 1,
    hop: vector === "reduced" ? 4 : 1,
  };
}
