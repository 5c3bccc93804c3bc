/**
 * Files that lie: whole files, changed at random places in ways that readers stumble over. A number makes a file, the same
 * one in every run.
 *
 * @module
 */
import { mulberry32 } from "./random_numbers.ts";

/** Choices from a seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = mulberry32(Math.imul(seed + 1, 0x9e3779b1));
  }

  /** A whole number from 0 to `n - 1`. */
  below(n: number): number {
    return Math.floor(this.#next() * n);
  }

  /** One of several. */
  of<T>(values: ArrayLike<T>): T {
    return values[this.below(values.length)];
  }
}

/** Numbers at which sizes and offsets go wrong. */
const NUMBERS = [0n, 1n, 127n, 255n, 32768n, 65535n, 2n ** 24n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n]
  .concat([2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]);

/** What a number in a text may become. */
const TEXTS = [
  "",
  "0",
  "-1",
  "-0",
  "1.5",
  "1e999",
  "2147483648",
  "4294967296",
  "9007199254740993",
  "null",
  "true",
]
  .concat(["[]", "{}", '""', "[[[[[[[[]]]]]]]]", '"\\ud800"', ",", ":", "1,1", '0,"__proto__":0']);

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

function spliced(bytes: Uint8Array, at: number, removed: number, added: ArrayLike<number>): Uint8Array {
  const result = new Uint8Array(at + added.length + Math.max(0, bytes.length - at - removed));
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(bytes.subarray(at + removed), at + added.length);
  return result;
}

/** A place in the file. Half of them are in its first 64 bytes, where headers are. */
function placeIn(bytes: Uint8Array, random: Random): number {
  return random.below(Math.max(1, random.below(2) ? Math.min(64, bytes.length) : bytes.length));
}

function stretch(bytes: Uint8Array, random: Random): Uint8Array {
  const start = placeIn(bytes, random);
  return bytes.subarray(start, start + 1 + random.below(random.below(4) ? 16 : bytes.length));
}

/** Puts something else in the place of a number in a text. */
function setText(bytes: Uint8Array, random: Random): Uint8Array {
  const from = placeIn(bytes, random), isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
  const at = from + bytes.subarray(from).findIndex(isDigit);
  if (at < from) return bytes;
  let end = at;
  while (isDigit(bytes[end])) end++;
  return spliced(bytes, at, end - at, new TextEncoder().encode(random.of(TEXTS)));
}

const MUTATIONS: readonly Mutation[] = [
  setText,
  function flipBit(bytes, random) {
    const at = placeIn(bytes, random);
    return spliced(bytes, at, 1, [bytes[at] ^ 1 << random.below(8)]);
  },
  function setByte(bytes, random) {
    return spliced(bytes, placeIn(bytes, random), 1, [
      random.of([0, 1, 0x7f, 0x80, 0xff, random.below(256)]),
    ]);
  },
  function setNumber(bytes, random) {
    const width = random.of([2, 4, 8]),
      view = new DataView(new ArrayBuffer(8)),
      isLittle = random.below(2) === 1;
    view.setBigUint64(0, random.of(NUMBERS), isLittle);
    const word = new Uint8Array(view.buffer, isLittle ? 0 : 8 - width, width);
    return spliced(bytes, placeIn(bytes, random), width, word);
  },
  function cutEnd(bytes, random) {
    return bytes.subarray(0, placeIn(bytes, random));
  },
  function addNoise(bytes, random) {
    const noise = Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256));
    return spliced(bytes, random.below(4) ? placeIn(bytes, random) : bytes.length, 0, noise);
  },
  function remove(bytes, random) {
    return spliced(bytes, placeIn(bytes, random), stretch(bytes, random).length, []);
  },
  function repeat(bytes, random) {
    return spliced(bytes, placeIn(bytes, random), 0, stretch(bytes, random));
  },
  function mix(bytes, random, other) {
    return spliced(bytes, placeIn(bytes, random), random.below(2) * 16, stretch(other, random));
  },
];

/** Bytes beyond which a file does not grow. */
const MOST_BYTES = 2 ** 17;

/** File number `k` of those that are made of whole ones. */
export function mutated(seeds: readonly Uint8Array[], k: number): Uint8Array<ArrayBuffer> {
  const random = new Random(k), times = 1 + random.below(random.below(2) ? 2 : 8);
  let bytes = random.of(seeds);
  const isText = bytes[0] === 0x7b && random.below(4) > 0; // of JSON little is left when bytes are changed at random
  for (let n = 0; n < times; n++) {
    const next = (isText ? setText : random.of(MUTATIONS))(bytes, random, random.of(seeds));
    if (next.length <= MOST_BYTES) bytes = next;
  }
  return bytes.slice() as Uint8Array<ArrayBuffer>;
}
