/**
 * What chooses the examples of a pass, in place of a loader's own order.
 *
 * @module
 */
import { type Kind, kind } from "../ops/core/kinds.ts";

/** Gives the places of the examples of a pass, in their order, as PyTorch's `Sampler` does. */
export interface Sampler {
  /** How many examples the next pass has. */
  readonly length: number;
  /** Starts a pass. */
  [Symbol.iterator](): Iterator<number>;
  /** Hears how many of the pass's examples a batch took. */
  advance?(examples: number): void;
  /** Where it is: what JSON has. */
  stateDict?(): unknown;
  /** Goes on from what `stateDict` gave: the next pass is what was left of the one under way. */
  // deno-lint-ignore no-explicit-any
  loadStateDict?(state: any): unknown;
}

/** A sampler. */
export const SAMPLER: Kind = kind(
  "a sampler, with a length and places to iterate over",
  "sampler",
  (v) =>
    typeof v === "object" && v !== null && Symbol.iterator in v && "length" in v &&
    typeof v.length === "number",
);
