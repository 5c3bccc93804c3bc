/**
 * Where memory was asked for, for those who look for what holds it.
 *
 * @module
 */

/** Folder of the library, which is not what is looked for. */
const LIBRARY = new URL("../../", import.meta.url).href;
const LIBRARY_PARTS = /^(ops|nn|data)\/|^mod\.ts/;

/** Frames of a call that are looked through. */
const MOST_FRAMES = 50;

/** Lines that are named. */
const MOST_HOLDERS = 5;

/** Memory that is watched: it takes room from its first use on. */
export interface Watched {
  readonly bytes: number;
  readonly allocated: boolean;
}

/** What one line of a program holds. */
export interface Holder {
  /** Where it was asked for: function, file, line and column. */
  readonly place: string;
  /** Bytes that are held, as they were asked for. */
  bytes: number;
  /** How many pieces of memory they are. */
  pieces: number;
}

/** Remembers of all memory that is alive where it was asked for. */
export class Allocations {
  /** Pieces of memory that were made so far. */
  count = 0;
  readonly #stacks = new Map<Watched, { readonly number: number; readonly stack: string }>();

  /** Remembers what is being made now. */
  made(what: Watched): void {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = MOST_FRAMES;
    const { stack = "" } = new Error();
    Error.stackTraceLimit = limit;
    this.#stacks.set(what, { number: this.count++, stack });
  }

  /** Forgets what is freed. */
  freed(what: Watched): void {
    this.#stacks.delete(what);
  }

  /** The lines that hold most, the largest first, of what was made after the first `since` pieces. */
  top(since = 0): Holder[] {
    const holders = new Map<string, Holder>();
    for (const [{ bytes, allocated }, { number, stack }] of this.#stacks) {
      if (!allocated || number < since) continue;
      const place = placeOf(stack), holder = holders.get(place) ?? { place, bytes: 0, pieces: 0 };
      holder.bytes += bytes;
      holder.pieces++;
      holders.set(place, holder);
    }
    return [...holders.values()].sort((a, b) => b.bytes - a.bytes).slice(0, MOST_HOLDERS);
  }

  /** The same as lines of an error, each on a line of its own. */
  list(since = 0): string {
    return this.top(since).map(({ place, bytes, pieces }) =>
      `\n  ${inWords(bytes)} in ${pieces} ${pieces === 1 ? "piece" : "pieces"} made at ${place}`
    ).join("");
  }
}

/** Bytes as errors write them: `300 bytes`, `1.5 KiB`, `100.0 MiB`. */
export function inWords(bytes: number): string {
  if (bytes < 2 ** 10) return `${bytes} bytes`;
  return bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** The innermost frame of a stack that is not the library's, else its outermost. */
export function placeOf(stack: string, library = LIBRARY): string {
  const frames = stack.split("\n").map((line) => /^\s*at (.*)$/.exec(line)?.[1]).filter((at) =>
    at !== undefined
  );
  const own = frames.find((frame) => {
    const url = /\w+:\S+?(?=(?::\d+)*\)?$)/.exec(frame)?.[0] ?? "";
    return url.startsWith(library) ? !LIBRARY_PARTS.test(url.slice(library.length)) : url.includes("://");
  });
  return own ?? frames.at(-1) ?? "an unknown place";
}
