/**
 * Whether what the GPU was given is valid: WebGPU says so some time after, while further work is recorded already.
 *
 * A kernel that does not compile makes every submit invalid that it is part of. So a kernel that is not known to be valid
 * is submitted alone, and what it writes is in doubt until its validation has ended. Doubts go on to what is computed
 * from it. A tensor in doubt waits for its validations when it is read, and is refused with their error; all other
 * tensors are as they should be.
 *
 * @module
 */

/** One thing that is being validated. */
export class Validation {
  /** What is wrong, once that is known. */
  error: Error | null = null;
  /** Whether the end is still open. */
  isPending = true;
  /** Whether somebody was told of the error. */
  isTold = false;
  /** Resolves when the end is known. It does not reject. */
  readonly ended: Promise<void>;

  /** Follows `outcome`, an error or null. */
  constructor(outcome: Promise<Error | null>) {
    this.ended = outcome.then((error) => {
      this.error = error;
      this.isPending = false;
    });
  }

  /** Throws the error, if there is one, anew for each who asks. */
  throwIfFailed(): void {
    if (!this.error) return;
    this.isTold = true;
    throw new Error(this.error.message);
  }
}

/** What a value depends on that is not known to be valid. */
export type Doubts = readonly Validation[];

/** No doubts: the state of nearly every value, at all times. */
export const NO_DOUBTS: Doubts = [];

/** The doubts of values, and `others`, each once and without those that turned out well; values forget the latter. */
export function gatherDoubts(values: readonly { doubts: Doubts }[], others: Doubts): Doubts {
  const own = openDoubts(others);
  if (own.length === 0 && values.every((value) => value.doubts.length === 0)) return NO_DOUBTS; // nearly always
  const all = new Set(own);
  for (const value of values) {
    value.doubts = openDoubts(value.doubts);
    for (const doubt of value.doubts) all.add(doubt);
  }
  return all.size === 0 ? NO_DOUBTS : [...all];
}

/** Doubts without those that turned out well. */
export function openDoubts(doubts: Doubts): Doubts {
  if (doubts.length === 0) return doubts;
  const open = doubts.filter((v) => v.isPending || v.error);
  return open.length === 0 ? NO_DOUBTS : open;
}
