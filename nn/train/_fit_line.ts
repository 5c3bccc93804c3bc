/**
 * What `fit` shows on a terminal: a line on stderr that says how far the epoch is.
 *
 * @module
 */
import { barLine, type Display, stderrDisplay } from "../../data/_progress.ts";
import type { FitEpoch, FitProgress } from "./fit.ts";

/** Shows nothing, where nobody looks. */
const NOWHERE: Display = { isTerminal: false, columns: 0, write: () => {} };

/** The line of one training. */
export class FitLine {
  readonly #display: Display;
  readonly #epochs: number;

  /**
   * @param epochs How many epochs there are.
   * @param isWanted Whether there is to be a line; undefined for "where someone looks".
   */
  constructor(epochs: number, isWanted: boolean | undefined, display: Display = stderrDisplay()) {
    this.#display = isWanted ?? display.isTerminal ? display : NOWHERE;
    this.#epochs = epochs;
  }

  /** Says why the first step takes so long. Nothing can be shown while it does, as compiling blocks the thread. */
  compiling(epoch: number): void {
    this.#show(`${this.#label(epoch)} compiling kernels…`);
  }

  /** Shows how far an epoch is. */
  progress({ epoch, step, steps, examples, seconds, ...means }: FitProgress & { seconds: number }): void {
    const facts = [`${step}/${steps}`, ...meanTexts(means), `${Math.round(examples / seconds)} examples/s`];
    const line = { label: this.#label(epoch), done: step, total: steps, facts: facts.join("  ") };
    this.#show(barLine(line, this.#display.columns).slice(0, this.#display.columns));
  }

  /** Leaves a line that tells what an epoch came to, or nothing where the caller tells it. */
  epoch(metrics: FitEpoch, isTold: boolean): void {
    const { epoch, examplesPerSec } = metrics;
    const facts = [...meanTexts(metrics), `${Math.round(examplesPerSec)} examples/s`].join("  ");
    this.#show(isTold ? "" : `${this.#label(epoch)}  ${facts}\n`);
  }

  /** Takes the line away. */
  clear(): void {
    this.#show("");
  }

  #label(epoch: number): string {
    return `epoch ${epoch}/${this.#epochs}`;
  }

  #show(line: string): void {
    this.#display.write(`\r\x1b[K${line}`);
  }
}

function meanTexts(
  { trainLoss, trainAcc, testAcc }: { trainLoss: number; trainAcc?: number; testAcc?: number },
) {
  const texts = [`loss ${Number(trainLoss.toPrecision(4))}`];
  if (trainAcc !== undefined) texts.push(`train ${trainAcc.toFixed(3)}`);
  if (testAcc !== undefined) texts.push(`test ${testAcc.toFixed(3)}`);
  return texts;
}
