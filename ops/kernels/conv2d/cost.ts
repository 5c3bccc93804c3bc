/**
 * What a convolution's kernel costs, estimated for a CPU adapter; measured on llvmpipe with eight lanes.
 *
 * @module
 */
import { compilePrice, type TextSize } from "../compile_cost.ts";
import type { Epilogue } from "../wgsl/epilogue.ts";

/** Nanoseconds for eight invocations. */
export const PRICE = {
  uniform: 2.5,
  /** A vec4 of weights: all lanes read the same place. */
  weights: 14,
  /** A variable that a loop carries from turn to turn. */
  carried: 0.3,
  store: 22,
  operation: 0.25,
  turn: 12,
} as const;

/** The longest text, in multiplications and operations of the epilogue. */
export const LONGEST_TEXT = 2600;
/** Nanoseconds of so many multiplications and additions in a row: long texts outgrow the processor's decoded cache. */
export function multiplyCost(count: number): number {
  return count * (0.28 + 0.2 * Math.min(1, Math.max(0, (count - 700) / 600)));
}

/** Images among which a run's share in a compilation is spread: with eight lanes on two cores, half of 128. */
const IMAGES = 8;

/** Nanoseconds of eight invocations, for an image, that a shorter compilation is worth. */
export function textPrice(text: TextSize): number {
  return compilePrice(text) / IMAGES;
}

/** Operations that an epilogue does for a value, by a rough look at its text. */
export function epilogueOperations(epilogue: Epilogue): number {
  const { functions, bindings } = epilogue.text(1);
  return (functions.match(/[-+*/]/g)?.length ?? 0) + 4 * bindings.length;
}
