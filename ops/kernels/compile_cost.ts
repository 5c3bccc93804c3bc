/**
 * What a text costs to compile, so that a choice among texts can weigh it against the time of each run.
 *
 * Fitted to Mesa's llvmpipe, which takes four fifths of a first step: a kernel of any kind takes it 25 ms, a multiply-add
 * little, and what a loop carries from turn to turn the more the more there is of it, as every basic block of the loop
 * hands it on.
 *
 * @module
 */

/** What a kernel's text holds, in scalars: a vec4 counts four times. */
export interface TextSize {
  /** Multiply-adds, and operations that cost as much. */
  readonly operations: number;
  readonly loads: number;
  readonly stores: number;
  /** What each loop carries from turn to turn. */
  readonly carried: readonly number[];
}

/** Milliseconds that each of them takes. */
const OPERATION = 0.09, LOAD = 0.65, STORE = 0.4, CARRIED = 0.1, CARRIED_BESIDE = 1 / 2000;

/** Milliseconds that a text takes to compile, beyond those of any text. */
export function compileTime({ operations, loads, stores, carried }: TextSize): number {
  return operations * OPERATION + loads * LOAD + stores * STORE +
    carried.reduce((sum, values) => sum + values * (CARRIED + values * CARRIED_BESIDE), 0);
}

/** Runs among which the time of a compilation is shared out: the steps of two epochs. */
const RUNS = 400;

/** Nanoseconds of a run that a shorter compilation is worth. */
export function compilePrice(text: TextSize): number {
  return compileTime(text) * 1e6 / RUNS;
}
