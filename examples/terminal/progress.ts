/**
 * How far a long task is, on the screen's status line.
 *
 * @module
 */
import { barLine, REDRAW_MS } from "../../data/_progress.ts";
import { formatDuration } from "./duration.ts";
import type { Screen } from "./screen.ts";
import { displayWidth } from "./text_width.ts";
import { say } from "../words/words.ts";

/** A moment of a long task. */
export interface ProgressState {
  /** The task's name. */
  label: string;
  /** How many examples are done. */
  done: number;
  /** How many there are. */
  total: number;
  /** Examples per second, when there is a measure of it. */
  rate?: number | undefined;
}

/**
 * Writes a task's state as one line: a bar, the count, the speed and the time left, as many as find room.
 *
 * @param state How far the task is.
 * @param columns The most columns the line takes, but for a label that is wider by itself.
 * @returns The line.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { progressLine } from "./progress.ts";
 *
 * const state = { label: "epoch 1", done: 500, total: 1000, rate: 250 };
 * assertEquals(progressLine(state, 60), "epoch 1 [#######.......] 500/1000  250 examples/s  0:02 left");
 * ```
 */
export function progressLine({ label, done, total, rate }: ProgressState, columns: number): string {
  const left = rate !== undefined && rate > 0 ? formatDuration((total - done) / rate) : undefined;
  const parts = [`${done}/${total}`];
  if (rate !== undefined) parts.push(say("{n} examples/s", { n: Math.round(rate) }));
  if (left !== undefined) parts.push(say("{time} left", { time: left }));
  const widthOf = (texts: readonly string[]) => displayWidth(texts.join("  "));
  while (parts.length > 1 && displayWidth(label) + widthOf(parts) + 1 > columns) parts.shift();
  const widths = { labelWidth: displayWidth(label), factsWidth: widthOf(parts) };
  return barLine({ label, done, total, facts: parts.join("  "), ...widths }, columns);
}

/** A progress bar's options. */
export interface ProgressOptions {
  /** The task's name, `"epoch 3/10"`. */
  label: string;
  /** How many examples there are. */
  total: number;
  /** Tells the time in milliseconds. */
  now?: () => number;
}

/** A progress bar on a screen's status line. The first `update` starts its clock, so compiling does not count. */
export class Progress {
  readonly #screen: Screen;
  readonly #options: Required<ProgressOptions>;
  /** How many examples were done in a second, when there is a measure of it. */
  rate?: number | undefined;
  #start?: { time: number; done: number };
  #last = { time: -Infinity, done: 0 };
  #due = 0;
  #drawn = -Infinity;

  /**
   * @param screen Where to draw it.
   * @param options The task, and how many examples it has.
   */
  constructor(screen: Screen, options: ProgressOptions) {
    this.#screen = screen;
    this.#options = { now: () => performance.now(), ...options };
  }

  /** Says what keeps the process busy until the next update, such as `"compiling kernels…"`. */
  message(text: string): void {
    this.#screen.showStatus(`${this.#options.label} ${text}`, { isBusy: true });
    this.#drawn = -Infinity;
  }

  /**
   * Whether it is time to wait for the GPU and update, once about `done` examples were asked of it: the last update tells
   * how many it does in a second. Never where nothing is shown, and nobody else watches.
   */
  isDue(done: number, isWatched = false): boolean {
    return (isWatched || this.#screen.terminal.isTerminal) && done >= this.#due;
  }

  /** Shows that `done` examples are done, at most ten times a second. */
  update(done: number): void {
    const { label, total, now } = this.#options;
    const time = now();
    this.#start ??= { time, done };
    this.#due = done + 1000 * (done - this.#last.done) / (time - this.#last.time);
    this.#last = { time, done };
    const elapsed = (time - this.#start.time) / 1000;
    const rate = this.rate = elapsed > 0 ? (done - this.#start.done) / elapsed : undefined;
    if (time - this.#drawn < REDRAW_MS && done < total) return;
    this.#drawn = time;
    const columns = this.#screen.terminal.size().columns - 1;
    this.#screen.showStatus(progressLine({ label, done, total, rate }, columns));
  }

  /** Clears the line. */
  clear(): void {
    this.#screen.showStatus("");
  }
}
