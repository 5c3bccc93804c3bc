/**
 * How long requests take, and how many are put together.
 *
 * @module
 */

/** Requests of which the times are kept. */
const KEPT = 10_000;

/** The figures of a server. */
export interface Figures {
  /** Requests that were answered, and that were refused or failed. */
  answered: number;
  refused: number;
  /** Answers a second, over the last minute or since the beginning. */
  perSecond: number;
  /** Milliseconds from a request's arrival to its answer, of the last 10,000: half, 95 and 99 of 100 took no longer. */
  latency: { p50: number; p95: number; p99: number; most: number };
  /** Batches, and how many pictures they had. */
  batches: { count: number; mean: number; most: number; msMean: number };
}

/** Collects the figures. */
export class Meter {
  readonly #now: () => number;
  readonly #begin: number;
  readonly #times: number[] = []; // a ring of the last ones
  readonly #seconds = new Map<number, number>(); // answers in each of the last seconds
  #answered = 0;
  #refused = 0;
  #batches = { count: 0, pictures: 0, most: 0, ms: 0 };

  /** @param now The time in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#begin = now();
  }

  /** Notes an answer to a request that arrived at a time. */
  answer(arrived: number): number {
    const now = this.#now(), ms = now - arrived, second = Math.floor(now / 1000);
    this.#times[this.#answered++ % KEPT] = ms;
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + 1);
    for (const old of this.#seconds.keys()) if (old < second - 60) this.#seconds.delete(old);
    return ms;
  }

  /** Notes a request that was refused. */
  refuse(): void {
    this.#refused++;
  }

  /** Notes a batch. */
  batch(pictures: number, ms: number): void {
    const b = this.#batches;
    this.#batches = {
      count: b.count + 1,
      pictures: b.pictures + pictures,
      most: Math.max(b.most, pictures),
      ms: b.ms + ms,
    };
  }

  /** The figures now. */
  figures(): Figures {
    const sorted = Float64Array.from(this.#times).sort(), now = this.#now();
    const share = (p: number) => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? 0;
    const seconds = Math.min(60, Math.max(1, (now - this.#begin) / 1000)), since = now / 1000 - 60;
    let recent = 0;
    for (const [second, count] of this.#seconds) if (second >= since) recent += count;
    const { count, pictures, most, ms } = this.#batches;
    return {
      answered: this.#answered,
      refused: this.#refused,
      perSecond: recent / seconds,
      latency: { p50: share(0.5), p95: share(0.95), p99: share(0.99), most: sorted.at(-1) ?? 0 },
      batches: { count, mean: count && pictures / count, most, msMean: count && ms / count },
    };
  }
}
