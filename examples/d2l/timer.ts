/**
 * The book's stopwatch.
 *
 * @module
 */

/** Measures times, in seconds. */
export class Timer {
  /** The times that were measured. */
  readonly times: number[] = [];
  #started = performance.now();

  /** Starts to measure, with so many seconds already. */
  start(already = 0): void {
    this.#started = performance.now() - 1000 * already;
  }

  /** The time since the start. */
  get elapsed(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Stops, and returns the time since the start. */
  stop(): number {
    this.times.push(this.elapsed);
    return this.times.at(-1)!;
  }

  /** The sum of all times. */
  sum(): number {
    return this.times.reduce((a, b) => a + b, 0);
  }

  /** The mean of all times; NaN where none was measured. */
  avg(): number {
    return this.sum() / this.times.length;
  }

  /** For each time the sum of it and all before. */
  cumsum(): number[] {
    let sum = 0;
    return this.times.map((time) => sum += time);
  }
}
